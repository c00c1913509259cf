package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What one feed knows of readings that are next and too old for its overflow. Only the log may tell
 * their age, so a verdict comes late, and is void once the feed has moved on. Owned by the event
 * loop.
 */
@OwnedBy("event loop")
final class OverflowAgeCheck {
  private static final long CHECK_NANOS = 1_000_000_000L;

  private final FeedSetting setting;
  private final FeedSpec order;
  private final FeedSources sources;
  private final OffLoopRunner offload;
  private final Supplier<Cursor> cursor;
  private final IntSupplier nextPartition;
  private final Runnable wake;
  private int partition = -1;
  private long offset;
  private Runnable cancelCheck = () -> {};

  /**
   * @param cursor where the feed is
   * @param nextPartition a partition with something to read; -1 for none
   * @param wake is called after each look
   */
  OverflowAgeCheck(
      FeedSetting setting,
      FeedSpec order,
      FeedSources sources,
      OffLoopRunner offload,
      Supplier<Cursor> cursor,
      IntSupplier nextPartition,
      Runnable wake) {
    this.setting = setting;
    this.order = order;
    this.sources = sources;
    this.offload = offload;
    this.cursor = cursor;
    this.nextPartition = nextPartition;
    this.wake = wake;
    if (order.overflow().ends()) {
      checkLater();
    }
  }

  /** A partition that is known to lag where the feed now is; -1 for none. */
  int partition() {
    boolean there = partition >= 0 && cursor.get().position(partition).offset() == offset;
    return there ? partition : -1;
  }

  /** The record at an offset was found to be too old. */
  void found(int inPartition, long atOffset) {
    partition = inPartition;
    offset = atOffset;
  }

  /** Something is done about it. */
  void settled() {
    partition = -1;
  }

  void close() {
    cancelCheck.run();
  }

  /** Without credit nothing else would find that the feed is too far behind. */
  private void checkLater() {
    cancelCheck =
        setting
            .loop()
            .schedule(
                CHECK_NANOS,
                () -> {
                  checkLater();
                  check();
                  wake.run();
                });
  }

  private void check() {
    long oldest = order.overflow().oldestAppendNanos(setting.epochNanos().getAsLong());
    int next = nextPartition.getAsInt();
    if (oldest != Long.MIN_VALUE
        && next >= 0
        && !offload.busy()
        && sources.leftMemory(next, cursor.get())) {
      long at = cursor.get().position(next).offset();
      offload.run(
          () -> sources.isOlder(next, at, oldest),
          older -> {
            if (older) {
              found(next, at);
            }
            wake.run();
          });
    }
  }
}
