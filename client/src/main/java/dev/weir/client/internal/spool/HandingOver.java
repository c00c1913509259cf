package dev.weir.client.internal.spool;

import dev.weir.client.internal.OwnedBy;
import dev.weir.client.internal.batch.BatchDecoder;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.spool.SpoolDesk.Arrival;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hands frames to the session, as many as may be under way, and takes back what became of them.
 * Nothing is handed before what its numbers depend on is durable. Owned by the spool thread.
 */
@OwnedBy("spool thread")
final class HandingOver {
  /** Most bytes of frames that the session has and that are not settled. */
  static final long BYTES_MAX = 4L << 20;

  /** Most frames of these. */
  static final int FRAMES_MAX = 1_024;

  private static final long FRAME_BYTES = 512;

  private final Spool spool;
  private final SpoolKeys keys;
  private final SpoolDesk.Events events;
  private final Map<Long, UnderWay> underWay = new HashMap<>();
  private final List<Arrival> ready = new ArrayList<>();
  private final List<Integer> toConfirm = new ArrayList<>();
  private long bytes;

  /** A frame that is not settled. */
  private static final class UnderWay {
    private int parts;
    private final long bytes;

    UnderWay(int parts, long bytes) {
      this.parts = parts;
      this.bytes = bytes;
    }
  }

  HandingOver(Spool spool, SpoolKeys keys, SpoolDesk.Events events) {
    this.spool = spool;
    this.keys = keys;
    this.events = events;
  }

  /** Whether one more frame may be handed. */
  boolean hasRoom() {
    return underWay.size() < FRAMES_MAX && bytes < BYTES_MAX;
  }

  void stored(int partition, long[] frames, long lastSequence) {
    long sequence = lastSequence - frames.length + 1;
    for (long frame : frames) {
      spool.ledger().stored(partition, frame, sequence++);
      settled(frame);
    }
  }

  void refused(int partition, long frame) {
    spool.ledger().refused(partition, frame);
    settled(frame);
    toConfirm.add(partition);
  }

  void renumbered(int partition, long nextSequence) {
    spool.ledger().renumber(partition, nextSequence);
    toConfirm.add(partition);
  }

  private void settled(long frame) {
    UnderWay over = underWay.get(frame);
    if (--over.parts == 0) {
      underWay.remove(frame);
      bytes -= over.bytes;
    }
  }

  /** Reads on, makes durable what has to be, and hands over. */
  void handOver() throws IOException {
    while (hasRoom()) {
      Frame frame = spool.next();
      if (frame == null) {
        break;
      }
      hand(frame);
    }
    spool.saveIfNeeded();
    if (!ready.isEmpty()) {
      events.arrived(List.copyOf(ready));
      ready.clear();
    }
    toConfirm.forEach(events::durable);
    toConfirm.clear();
  }

  private void hand(Frame frame) {
    int partitions = spool.partitionCount();
    ReadingBatch[] parts =
        BatchDecoder.split(
            frame.batch(),
            frame.number(),
            partitions,
            keys::slotOf,
            slot -> keys.partitionOf(slot, partitions));
    if (parts == null) {
      spool.unreadable(frame);
      return;
    }
    int sent = 0;
    for (int p = 0; p < partitions; p++) {
      if (parts[p] == null) {
        continue;
      }
      Ledger.Fate fate = spool.ledger().hand(p);
      if (fate == Ledger.Fate.SEND) {
        ready.add(new Arrival(p, parts[p]));
        sent++;
      } else if (fate == Ledger.Fate.STORED) {
        events.stored(parts[p].readings());
      }
    }
    if (sent > 0) {
      long weight = FRAME_BYTES + frame.batch().length;
      underWay.put(frame.number(), new UnderWay(sent, weight));
      bytes += weight;
    }
  }
}
