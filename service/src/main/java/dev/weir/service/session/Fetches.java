package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The fetches of one feed, one per partition. An open file takes a descriptor and what is read
 * ahead, and its disk space is not free before it is closed; so one that the feed does not go on
 * reading, whatever it waits for, is closed after a while. Files are opened and closed on the
 * catch-up pool only. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Fetches {
  private static final long IDLE_NANOS = 1_000_000_000L;

  private final Feed.Setting setting;
  private final Offload offload;
  private final IntFunction<Fetch> made;
  private final Runnable wake;
  private final Fetch[] fetches;
  private boolean watched;
  private boolean used;
  private Runnable cancel = () -> {};

  /**
   * @param offload runs the feed's fetches
   * @param made makes the fetch of a partition
   * @param wake is called when the offload is free again
   */
  Fetches(
      Feed.Setting setting,
      int partitions,
      Offload offload,
      IntFunction<Fetch> made,
      Runnable wake) {
    this.setting = setting;
    this.offload = offload;
    this.made = made;
    this.wake = wake;
    this.fetches = new Fetch[partitions];
  }

  /** The fetch of a partition, made where there is none. */
  Fetch of(int partition) {
    if (fetches[partition] == null) {
      fetches[partition] = made.apply(partition);
    }
    return fetches[partition];
  }

  /** One call of a partition's fetch has ended. */
  void ended(int partition) {
    used = true;
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
    List<Fetch> open = open();
    if (!open.isEmpty()) {
      offload.run(
          () -> {
            open.forEach(Fetch::close);
            return open;
          },
          closed -> wake.run());
    }
  }

  private List<Fetch> open() {
    return Arrays.stream(fetches).filter(fetch -> fetch != null && fetch.isOpen()).toList();
  }

  /** No fetch follows before all is given up. */
  void end() {
    cancel.run();
  }

  /** Gives all of them up, none of which is under way. */
  void release() {
    List<Fetch> open = open();
    Arrays.fill(fetches, null);
    if (!open.isEmpty()) {
      close(open);
    }
  }

  private void close(List<Fetch> left) {
    setting
        .catchUp()
        .offer(() -> left.forEach(Fetch::close))
        .ifPresent(
            full ->
                setting
                    .loop()
                    .schedule(full.retryDelay().orElseThrow().toNanos(), () -> close(left)));
  }
}
