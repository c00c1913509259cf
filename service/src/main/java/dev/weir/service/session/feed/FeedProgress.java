package dev.weir.service.session.feed;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.Partition;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.view.EventTimeRange;
import dev.weir.v1.PartitionProgress;
import dev.weir.v1.Progress;
import dev.weir.v1.StallReason;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Counts what a feed has passed, and says how far it is behind. Owned by the event loop. */
@OwnedBy("event loop")
final class FeedProgress {
  private final ServedTopic topic;
  private final long[] appendNanos;
  private final long[] eventMaxNanos;
  private long suppressed;
  private long toldSuppressed;
  private long delivered;
  private long gapReadings;
  private long lastDeliveryNanos;
  private boolean passedAny;

  FeedProgress(ServedTopic topic) {
    this.topic = topic;
    this.appendNanos = new long[topic.partitions().size()];
    this.eventMaxNanos = new long[topic.partitions().size()];
    Arrays.fill(appendNanos, Long.MIN_VALUE);
    Arrays.fill(eventMaxNanos, Long.MIN_VALUE);
  }

  /** Records of a partition were passed, delivered or not. */
  void passed(int partition, long lastAppendNanos, long greatestEventNanos) {
    appendNanos[partition] = Math.max(appendNanos[partition], lastAppendNanos);
    eventMaxNanos[partition] = Math.max(eventMaxNanos[partition], greatestEventNanos);
    passedAny |= greatestEventNanos != Long.MIN_VALUE;
  }

  /** Readings were delivered. */
  void delivered(long readings, long nowNanos) {
    delivered += readings;
    lastDeliveryNanos = nowNanos;
  }

  /** A mode held readings back. */
  void suppressed(long readings) {
    suppressed += readings;
  }

  /** A gap was told. */
  void lost(long readings) {
    gapReadings += readings;
  }

  /** Counts what was said, and what a mode held back since the last time. */
  void count(FeedEvent emission, Meters meters) {
    String name = topic.info().name();
    if (suppressed > toldSuppressed) {
      meters.suppressed(name, suppressed - toldSuppressed);
      toldSuppressed = suppressed;
    }
    if (emission instanceof FeedEvent.Data data) {
      meters.delivered(name, data.readings(), data.bytes());
    } else if (emission instanceof FeedEvent.Lost lost) {
      String reason = lost.reason().name().substring("GAP_REASON_".length());
      meters.gap(name, reason.toLowerCase(Locale.ROOT), lost.readings());
    }
  }

  long deliveredReadings() {
    return delivered;
  }

  long gapReadings() {
    return gapReadings;
  }

  /** Unix nanoseconds; 0 for never. */
  long lastDeliveryNanos() {
    return lastDeliveryNanos;
  }

  /** Returns whether readings were passed since it began, none of which matched. */
  boolean nothingMatched() {
    return passedAny && delivered == 0 && suppressed == 0;
  }

  /** Returns the number of readings of a topic after a cursor that was read before. Any thread. */
  static long lagReadings(ServedTopic topic, Cursor behind) {
    List<Position> heads = topic.heads();
    long lag = 0;
    for (int p = 0; p < heads.size(); p++) {
      lag += heads.get(p).readingsBefore() - behind.position(p).readingsSeen();
    }
    return lag;
  }

  /** Returns the position of a subscription behind a cursor. */
  Progress.Builder progress(Cursor cursor, long nowNanos) {
    Progress.Builder progress =
        Progress.newBuilder().setCursor(cursor.text()).setSuppressedReadings(suppressed);
    List<Position> heads = topic.heads();
    long lagReadings = 0;
    long lagBytes = 0;
    long oldestNanos = Long.MAX_VALUE;
    for (int p = 0; p < heads.size(); p++) {
      Position at = cursor.position(p);
      Position head = heads.get(p);
      progress.addPartitions(
          PartitionProgress.newBuilder()
              .setPartition(p)
              .setNextOffset(at.offset())
              .setHighOffset(head.offset()));
      long behind = Math.max(0, head.readingsBefore() - at.readingsSeen());
      if (behind > 0) {
        lagReadings += behind;
        lagBytes += bytesBehind(topic.partitions().get(p), at, head, behind);
        oldestNanos = Math.min(oldestNanos, storedNanos(topic.partitions().get(p), at));
      }
    }
    progress.setLagReadings(lagReadings).setLagBytes(lagBytes);
    progress.setLagTime(
        Durations.fromNanos(lagReadings > 0 ? Math.max(0, nowNanos - oldestNanos) : 0));
    long watermark = watermark();
    if (watermark != Long.MIN_VALUE) {
      progress.setEventTimeWatermark(Timestamps.fromNanos(watermark));
    }
    return progress;
  }

  /**
   * Returns the time at which the next record was stored, or, out of memory, the one before it, or
   * else the newest.
   */
  private long storedNanos(Partition partition, Position at) {
    TailRecord next = partition.tail().get(at.offset());
    if (next != null) {
      return next.record().appendTimeNanos();
    }
    long passed = appendNanos[partition.number()];
    return passed == Long.MIN_VALUE ? partition.log().lastAppendTimeNanos() : passed;
  }

  private long watermark() {
    long least = Long.MAX_VALUE;
    for (long passed : eventMaxNanos) {
      least = passed == Long.MIN_VALUE ? least : Math.min(least, passed);
    }
    return least == Long.MAX_VALUE ? Long.MIN_VALUE : least;
  }

  /** Exact while the next record is in memory. */
  private static long bytesBehind(Partition partition, Position at, Position head, long behind) {
    TailRecord next = partition.tail().get(at.offset());
    TailRecord newest = partition.tail().get(head.offset() - 1);
    return next == null || newest == null
        ? estimate(partition.log(), behind)
        : newest.bytesAfter() - next.bytesBefore();
  }

  private static long estimate(PartitionLog log, long readings) {
    long stored = log.endReadings() - log.startReadings();
    return stored <= 0 ? 0 : (long) ((double) log.bytes() * readings / stored);
  }

  /** Why a feed whose readings may not go now gets none. */
  static StallReason withoutCredit(SubscriptionCredit credit) {
    return credit.isHeld()
        ? StallReason.STALL_REASON_PAUSED_BY_QUOTA
        : StallReason.STALL_REASON_NO_CREDIT;
  }

  /** Why a feed at the end of the log gets nothing. */
  StallReason idle(FeedSpec order) {
    boolean selectsNone = !order.allSensors() && order.sensors().selectsNone();
    boolean timely = order.times().equals(EventTimeRange.ALL) || !nothingMatched();
    return selectsNone || !timely
        ? StallReason.STALL_REASON_FILTER_MATCHES_NOTHING
        : StallReason.STALL_REASON_CAUGHT_UP;
  }
}
