package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import java.io.IOException;

/** Up to where a feed reads in each partition. Owned by the event loop. */
@OwnedBy("event loop")
final class FeedEndOffsets {
  private static final long RETRY_NANOS = 100_000_000L;

  /**
   * The offset at which a time ends: before what was stored after it, and behind what was surely
   * before.
   */
  private record TimeEnd(Position stop, Position dropEnd) {}

  private final FeedSetting setting;
  private final FeedSpec order;
  private final Runnable changed;
  private final Position[] stops; // null where none is known
  private final Position[] dropEnds; // null where the end of its time was not looked for
  private final boolean[] found;
  private Runnable cancelTimer = () -> {};

  FeedEndOffsets(FeedSetting setting, FeedSpec order, Runnable changed) {
    this.setting = setting;
    this.order = order;
    this.changed = changed;
    int partitions = order.topic().partitions().size();
    this.stops = order.stop().toArray(new Position[partitions]);
    this.dropEnds = new Position[partitions];
    this.found = new boolean[partitions];
    if (order.untilNanos() != Long.MAX_VALUE) {
      waitForTime();
    }
  }

  private void waitForTime() {
    cancelTimer = setting.loop().schedule(nanosLeft(), this::fence);
  }

  private long nanosLeft() {
    long now = setting.epochNanos().getAsLong();
    return order.untilNanos() <= now ? 0 : order.untilNanos() - now;
  }

  /** The first offset not to deliver now. */
  long offset(int partition) {
    return limit(partition).offset();
  }

  /** The position behind what is to be delivered now. */
  Position limit(int partition) {
    Position head = order.topic().partitions().get(partition).tail().head();
    Position stop = stops[partition];
    return stop == null || head.offset() <= stop.offset() ? head : stop;
  }

  /** Nothing from this position on is to be delivered. */
  void stop(int partition, Position at) {
    if (stops[partition] == null || at.offset() < stops[partition].offset()) {
      stops[partition] = at;
    }
  }

  /**
   * The position up to which readings count as lag, and may be dropped. What cannot be read right
   * before the end of its time may have been stored after it: it is told of as what it is.
   */
  Position dropLimit(int partition) {
    Position limit = limit(partition);
    Position end = dropEnds[partition];
    return end == null || limit.offset() <= end.offset() ? limit : end;
  }

  /** Returns whether there is anything to drop in a partition. */
  boolean mayDrop(int partition, Cursor cursor) {
    return cursor.position(partition).offset() < dropLimit(partition).offset();
  }

  /**
   * Finds out where its time ends in a partition, off the loop, if that is before the head and not
   * known yet. False where there is nothing to find; otherwise what changed is told.
   */
  boolean find(int partition, Position from, OffLoopRunner offload) {
    Partition of = order.topic().partitions().get(partition);
    if (found[partition] || of.log().lastAppendTimeNanos() < order.untilNanos()) {
      return false;
    }
    offload.run(
        () -> find(partition, from),
        end -> {
          found[partition] = true;
          stop(partition, end.stop());
          dropEnds[partition] = end.dropEnd();
          changed.run();
        });
    return true;
  }

  private TimeEnd find(int partition, Position from) throws IOException {
    long end = order.topic().partitions().get(partition).log().offsetAt(order.untilNanos());
    PositionFinder seek = new PositionFinder(order.topic(), partition);
    return new TimeEnd(seek.at(end), seek.behindLastBefore(end, from));
  }

  /** Returns whether everything up to the end that was asked for is done. */
  boolean reached(Cursor cursor) {
    for (int p = 0; p < stops.length; p++) {
      if (stops[p] == null || cursor.position(p).offset() < stops[p].offset()) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether something that is to be read is stored behind a cursor. */
  boolean anyLeft(Cursor cursor) {
    for (int p = 0; p < stops.length; p++) {
      if (!order.skips(p) && cursor.position(p).offset() < offset(p)) {
        return true;
      }
    }
    return false;
  }

  /** The cursor behind everything that is stored in partitions that are skipped. */
  Cursor behindSkipped(Cursor cursor) {
    Cursor behind = cursor;
    for (int p = 0; p < stops.length; p++) {
      if (order.skips(p) && cursor.position(p).offset() < offset(p)) {
        behind = behind.with(p, limit(p));
      }
    }
    return behind;
  }

  void close() {
    cancelTimer.run();
  }

  /** Records behind a request taken after the end's time were not stored before that time. */
  private void fence() {
    if (nanosLeft() > 0) {
      waitForTime(); // the clock was set back
      return;
    }
    for (Partition partition : order.topic().partitions()) {
      Runnable passed = () -> setting.loop().post(() -> passed(partition));
      if (!partition.offer(new PartitionRequest.AskEpoch("", epoch -> passed.run()))) {
        cancelTimer = setting.loop().schedule(RETRY_NANOS, this::fence);
        return;
      }
    }
  }

  private void passed(Partition partition) {
    stop(partition.number(), partition.tail().head());
    changed.run();
  }
}
