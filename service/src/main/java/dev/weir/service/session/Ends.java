package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Request;

/** Up to where a feed reads in each partition. Owned by the event loop. */
@OwnedBy("event loop")
final class Ends {
  private static final long RETRY_NANOS = 100_000_000L;

  private final Feed.Setting setting;
  private final Order order;
  private final Runnable changed;
  private final long[] stops;
  private Runnable cancelTimer = () -> {};

  Ends(Feed.Setting setting, Order order, Runnable changed) {
    this.setting = setting;
    this.order = order;
    this.changed = changed;
    this.stops = new long[order.topic().partitions().size()];
    for (int p = 0; p < stops.length; p++) {
      stops[p] = order.stop().isEmpty() ? Long.MAX_VALUE : order.stop().get(p).offset();
    }
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
    long head = order.topic().partitions().get(partition).tail().head().offset();
    return Math.min(head, stops[partition]);
  }

  /** Nothing from this offset on is to be delivered. */
  void stop(int partition, long offset) {
    stops[partition] = Math.min(stops[partition], offset);
  }

  /** Whether everything up to the end that was asked for is done. */
  boolean reached(Cursor cursor) {
    for (int p = 0; p < stops.length; p++) {
      if (cursor.position(p).offset() < stops[p]) {
        return false;
      }
    }
    return true;
  }

  /** Whether something to deliver is stored behind a cursor. */
  boolean anyLeft(Cursor cursor) {
    for (int p = 0; p < stops.length; p++) {
      if (cursor.position(p).offset() < offset(p)) {
        return true;
      }
    }
    return false;
  }

  void close() {
    cancelTimer.run();
  }

  /** What is stored behind a request taken after the end's time is not before that time. */
  private void fence() {
    if (nanosLeft() > 0) {
      waitForTime(); // the clock was set back
      return;
    }
    for (Partition partition : order.topic().partitions()) {
      Runnable passed = () -> setting.loop().post(() -> passed(partition));
      if (!partition.offer(new Request.AskEpoch("", epoch -> passed.run()))) {
        cancelTimer = setting.loop().schedule(RETRY_NANOS, this::fence);
        return;
      }
    }
  }

  private void passed(Partition partition) {
    stop(partition.number(), partition.tail().head().offset());
    changed.run();
  }
}
