package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.overflow.OverflowAction;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.view.ViewEntry;

/**
 * Measures how far one feed is behind, in memory and by what the log told, for {@link
 * OverflowRule#action} to decide what it does. Owned by the event loop.
 */
@OwnedBy("event loop")
final class OverflowCheck {
  private final FeedSpec order;
  private final FeedEndOffsets ends;
  private final FeedSources sources;
  private final OverflowAgeCheck age;

  /**
   * @param age knows what the log told
   */
  OverflowCheck(FeedSpec order, FeedEndOffsets ends, FeedSources sources, OverflowAgeCheck age) {
    this.order = order;
    this.ends = ends;
    this.sources = sources;
    this.age = age;
  }

  /** A partition in which the log has shown the feed to be too far behind; -1 for none. */
  int partitionTooOld(Cursor cursor) {
    int partition = age.partition();
    return partition >= 0 && ends.mayDrop(partition, cursor) ? partition : -1;
  }

  /**
   * The next step of the feed in a partition that has its turn.
   *
   * @param tooOld whether the log has shown its next record to be older than allowed
   */
  OverflowAction action(int partition, Cursor cursor, boolean tooOld, long nowNanos) {
    OverflowRule rule = order.overflow();
    if (!rule.lossy() || !ends.mayDrop(partition, cursor)) {
      return OverflowAction.READ_ON;
    }
    Position at = cursor.position(partition);
    long lagReadings = ends.dropLimit(partition).readingsSeen() - at.readingsSeen();
    if (tooOld) {
      return rule.action(lagReadings, OverflowRule.TOO_OLD, false, nowNanos);
    }
    PartitionTail tail = order.topic().partitions().get(partition).tail();
    TailRecord next = tail.get(at.offset());
    if (next != null) {
      return rule.action(lagReadings, next.record().appendTimeNanos(), false, nowNanos);
    }
    ViewEntry made = sources.madeByView(partition, at.offset());
    return made != null
        ? rule.action(lagReadings, made.appendTimeNanos(), false, nowNanos)
        : rule.action(lagReadings, OverflowRule.NOT_KNOWN, tail.hasLeft(at.offset()), nowNanos);
  }
}
