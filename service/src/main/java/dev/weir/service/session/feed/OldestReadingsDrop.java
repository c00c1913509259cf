package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailRecord;
import dev.weir.v1.GapReason;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Drops the oldest readings of one feed that is too far behind: it finds where the feed goes on,
 * and tells of a gap up to there. Owned by the event loop; the search runs on the catch-up pool.
 */
@OwnedBy("event loop")
final class OldestReadingsDrop {
  private final FeedSpec order;
  private final OffLoopRunner offload;
  private final Consumer<FeedEvent> events;
  private final Runnable wake;

  /**
   * @param events takes the gap that is to be told
   * @param wake is called when the feed goes on
   */
  OldestReadingsDrop(
      FeedSpec order, OffLoopRunner offload, Consumer<FeedEvent> events, Runnable wake) {
    this.order = order;
    this.offload = offload;
    this.events = events;
    this.wake = wake;
  }

  /**
   * Drops what is oldest in a partition.
   *
   * @param from where the feed is
   * @param limit behind what it may drop
   * @param nowNanos the server's clock
   * @param moved takes where the feed goes on, where no reading is dropped
   */
  void drop(int partition, Cursor from, Position limit, long nowNanos, Consumer<Cursor> moved) {
    offload.run(
        () -> target(partition, limit, nowNanos), to -> passOver(partition, from, to, moved));
  }

  private void passOver(int partition, Cursor from, Position to, Consumer<Cursor> moved) {
    long dropped = to.readingsSeen() - from.position(partition).readingsSeen();
    if (dropped > 0) {
      Cursor behind = from.with(partition, to);
      events.accept(
          new FeedEvent.Lost(GapReason.GAP_REASON_DROPPED, partition, from, behind, dropped));
    } else if (to.offset() > from.position(partition).offset()) {
      moved.accept(from.with(partition, to));
    }
    wake.run();
  }

  /** Finds where it goes on, not behind a limit. Blocks on disk. */
  private Position target(int partition, Position limit, long nowNanos) throws IOException {
    Position target = targetBefore(partition, limit, nowNanos);
    return target.offset() < limit.offset() ? target : limit;
  }

  private Position targetBefore(int partition, Position limit, long nowNanos) throws IOException {
    PositionFinder seek = new PositionFinder(order.topic(), partition);
    OverflowRule overflow = order.overflow();
    if (overflow.maxNanos() > 0) {
      return seek.atTime(overflow.targetAppendNanos(nowNanos));
    }
    long end = limit.readingsSeen();
    if (overflow.maxReadings() > 0) {
      return seek.atReadings(overflow.targetReadings(end));
    }
    PartitionTail tail = order.topic().partitions().get(partition).tail();
    TailRecord oldest = tail.get(tail.startOffset());
    return oldest == null || oldest.record().offset() >= limit.offset()
        ? limit
        : seek.atReadings(end - (end - oldest.record().readingsBefore()) / 2);
  }
}
