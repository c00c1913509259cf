package dev.weir.client.internal.spool;

import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.EncodedBatchReader;
import dev.weir.client.internal.batch.FramePiece;
import dev.weir.client.internal.batch.FramePieceCutter;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.client.internal.spool.SpoolAccess.SpooledBatch;
import dev.weir.common.OwnedBy;
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
final class SpoolFrameSender {
  /** Most bytes of frames that the session has and that are not settled. */
  static final long BYTES_MAX = 4L << 20;

  /** Most frames of these. */
  static final int FRAMES_MAX = 1_024;

  private static final long PIECE_BYTES = 512;

  private final Spool spool;
  private final SpoolSensorKeys keys;
  private final SpoolAccess.Listener events;
  private final Map<Long, InFlightFrame> underWay = new HashMap<>();
  private final List<SpooledBatch> ready = new ArrayList<>();
  private final List<Integer> toConfirm = new ArrayList<>();
  private BatchBounds bounds = BatchBounds.NONE;
  private long bytes;

  /** A frame that is not settled. */
  private static final class InFlightFrame {
    private int pieces;
    private final long bytes;

    InFlightFrame(int pieces, long bytes) {
      this.pieces = pieces;
      this.bytes = bytes;
    }
  }

  SpoolFrameSender(Spool spool, SpoolSensorKeys keys, SpoolAccess.Listener events) {
    this.spool = spool;
    this.keys = keys;
    this.events = events;
  }

  /** Returns whether one more frame may be handed. */
  boolean hasRoom() {
    return underWay.size() < FRAMES_MAX && bytes < BYTES_MAX;
  }

  /** The session's batches have these bounds from now on. */
  void bound(BatchBounds newBounds) {
    bounds = newBounds;
  }

  /**
   * The session has nothing of a partition any more, and gets nothing until a rewind resumes it.
   */
  void stop(int partition) {
    spool.ledger().stop(partition).forEach(piece -> settled(piece.frame()));
    ready.removeIf(arrival -> arrival.partition() == partition);
  }

  /**
   * The session has nothing any more; what is not settled is handed once more.
   *
   * @param resumed partitions that are not stopped any more, with their last sequences
   */
  void rewind(Map<Integer, Long> resumed) {
    spool.rewind();
    resumed.forEach(spool.ledger()::resume); // behind it: what is stopped is not settled
    underWay.clear();
    bytes = 0;
    ready.clear();
  }

  void stored(int partition, List<FramePiece> pieces, long lastSequence) {
    long sequence = lastSequence - pieces.size() + 1;
    for (FramePiece piece : pieces) {
      spool.ledger().stored(partition, piece, sequence++);
      settled(piece.frame());
    }
  }

  void refused(int partition, FramePiece piece) {
    spool.ledger().refused(partition, piece);
    settled(piece.frame());
    toConfirm.add(partition);
  }

  void renumbered(int partition, long nextSequence) {
    spool.ledger().renumber(partition, nextSequence);
    toConfirm.add(partition);
  }

  private void settled(long frame) {
    InFlightFrame over = underWay.get(frame);
    if (--over.pieces == 0) {
      underWay.remove(frame);
      bytes -= over.bytes;
    }
  }

  /** Reads on, makes durable what has to be, and hands over. */
  void handOver() throws IOException {
    while (hasRoom()) {
      SpoolFrame frame = spool.next();
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

  private void hand(SpoolFrame frame) {
    int partitions = spool.partitionCount();
    ReadingBatch[] parts =
        EncodedBatchReader.split(
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
      sent += parts[p] == null ? 0 : hand(p, parts[p]);
    }
    if (sent > 0) {
      long weight = (long) sent * PIECE_BYTES + frame.batch().length;
      underWay.put(frame.number(), new InFlightFrame(sent, weight));
      bytes += weight;
    }
  }

  /** Hands a frame's part piece by piece, as it was cut before and as it has to be now. */
  private int hand(int partition, ReadingBatch part) {
    SpoolSequences ledger = spool.ledger();
    FramePieceCutter cutter = new FramePieceCutter(part);
    int sent = 0;
    while (cutter.left() > 0) {
      int from = cutter.done();
      int readings = ledger.endOf(partition, from, part.readings()) - from;
      SpoolSequences.Fate fate = ledger.hand(partition, from);
      if (fate != SpoolSequences.Fate.SEND) {
        cutter.take(readings);
        if (fate == SpoolSequences.Fate.STORED) {
          events.stored(readings);
        }
        continue;
      }
      int fitting = cutter.fitting(readings, bounds);
      if (fitting < readings) {
        ledger.cut(partition, from + fitting);
      }
      ready.add(new SpooledBatch(partition, cutter.take(fitting)));
      sent++;
    }
    return sent;
  }
}
