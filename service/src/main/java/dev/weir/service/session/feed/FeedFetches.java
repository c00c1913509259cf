package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The fetches of one feed, one per partition. Between two calls a fetch holds its place in the log,
 * and perhaps a record that did not fit; what the feed does not go on reading, whatever it waits
 * for, is given up after a while. Owned by the event loop, which touches a fetch while it is not
 * under way.
 */
@OwnedBy("event loop")
final class FeedFetches {
  private static final long IDLE_NANOS = 1_000_000_000L;

  private final FeedSetting setting;
  private final OffLoopRunner offload;
  private final IntFunction<PartitionFetch> made;
  private final PartitionFetch[] fetches;
  private boolean watched;
  private boolean used;
  private Runnable cancel = () -> {};

  /**
   * @param offload runs the feed's fetches
   * @param made makes the fetch of a partition
   */
  FeedFetches(
      FeedSetting setting,
      OffLoopRunner offload,
      IntFunction<PartitionFetch> made,
      int partitions) {
    this.setting = setting;
    this.offload = offload;
    this.made = made;
    this.fetches = new PartitionFetch[partitions];
  }

  /** The fetch of a partition, made where there is none. */
  PartitionFetch of(int partition) {
    if (fetches[partition] == null) {
      fetches[partition] = made.apply(partition);
    }
    return fetches[partition];
  }

  /** One call of a partition's fetch has ended. */
  void ended(int partition) {
    used = true;
    fetches[partition].taken();
    if (!watched && fetches[partition].isOpen()) {
      watch();
    }
  }

  private void watch() {
    watched = true;
    used = false;
    cancel = setting.loop().schedule(IDLE_NANOS, this::look);
  }

  private void look() {
    if (used || offload.busy()) {
      watch();
      return;
    }
    watched = false;
    closeAll();
  }

  private void closeAll() {
    for (PartitionFetch fetch : fetches) {
      if (fetch != null) {
        fetch.close();
      }
    }
  }

  /** No fetch follows before all is given up. */
  void end() {
    cancel.run();
  }

  /** Gives all of them up, none of which is under way. */
  void release() {
    closeAll();
    Arrays.fill(fetches, null);
  }
}
