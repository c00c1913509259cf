package dev.weir.service.log.segment;

import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.read.SegmentReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of a partition's append time nobody saw pass: what lies between the last record of a
 * claim and the first of the next, without the time in which a server is known to have been there.
 * Otherwise it was away, and a wall clock may have jumped, so it makes no record older. Owned by
 * who deletes segments.
 */
final class DowntimeTracker {
  /** The records before an epoch. */
  private record Before(long lastNanos, long firstNanos, long seenNanos) {
    long nanos() {
      return Math.max(0, firstNanos - lastNanos - seenNanos);
    }
  }

  private final ReadablePartition view;
  private final long claimEpoch;
  private final long claimNanos;
  private final int epochsMax;
  private final Map<Long, Before> known = new HashMap<>(); // by epoch

  /**
   * Begins with a claim.
   *
   * @param claimEpoch its epoch
   * @param nowNanos the clock now, less what is known to be seen since the last record
   */
  DowntimeTracker(ReadablePartition view, long claimEpoch, long nowNanos, int epochsMax) {
    this.view = view;
    this.claimEpoch = claimEpoch;
    this.epochsMax = epochsMax;
    long last = view.committed().lastAppendTimeNanos();
    claimNanos = last == Long.MIN_VALUE ? 0 : Math.max(0, nowNanos - last);
  }

  /**
   * An append time that is as old as a record, had the server always been there.
   *
   * @param lastNanos append time of the record
   * @param nextOffset the offset behind it
   */
  long seen(CommittedState now, long lastNanos, long nextOffset) throws IOException {
    List<EpochStart> epochs = now.epochs();
    known.keySet().retainAll(epochs.stream().map(EpochStart::epoch).toList());
    long seen = lastNanos;
    boolean claimed = epochs.isEmpty() || epochs.get(epochs.size() - 1).epoch() != claimEpoch;
    for (EpochStart start : epochs) {
      if (start.firstOffset() < nextOffset) {
        continue;
      }
      if (start.equals(epochs.get(0)) && epochs.size() >= epochsMax) {
        seen = before(now, start).firstNanos; // what lies before it is forgotten
      } else if (start.epoch() == claimEpoch) {
        claimed = true;
      } else {
        seen += before(now, start).nanos();
      }
    }
    return claimed ? seen + claimNanos : seen;
  }

  private Before before(CommittedState now, EpochStart start) throws IOException {
    Before before = known.get(start.epoch());
    if (before == null) {
      before = read(now, start.firstOffset());
      known.put(start.epoch(), before);
    }
    return before;
  }

  /** Reads both records; what damage hides is taken from further away, so that more is left out. */
  private Before read(CommittedState now, long offset) throws IOException {
    long last = Long.MIN_VALUE;
    long first = Long.MIN_VALUE;
    long seen = 0;
    try (SegmentReader reader = view.read(offset - 1, false)) {
      LogItem item = reader.next();
      if (item instanceof LogRecord record) {
        last = record.appendTimeNanos();
        item = reader.next();
      }
      while (item != null && !(item instanceof LogRecord)) {
        item = reader.next();
      }
      if (item instanceof LogRecord record) {
        first = record.appendTimeNanos();
        seen = Math.max(0, reader.lastHeader().seenNanos);
      }
    }
    if (first == Long.MIN_VALUE) {
      return new Before(0, 0, 0); // nothing behind it can be read, so nothing is known to be later
    }
    if (last == Long.MIN_VALUE) {
      last = view.nanosBefore(now, now.segments().at(offset - 1));
    }
    return last == Long.MIN_VALUE || last == Long.MAX_VALUE
        ? new Before(first, first, 0)
        : new Before(last, first, seen);
  }
}
