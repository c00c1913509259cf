package dev.weir.service.fanout;

import dev.weir.service.core.Loop;
import dev.weir.service.tail.Tail;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Wakes waiting subscribers: one task per partition and event loop, however many wait. Thread-safe;
 * holds at most partitions × loops entries.
 */
public final class Fanout {
  private record Key(Tail tail, Loop loop) {}

  private final Map<Key, Waiters> waiters = new ConcurrentHashMap<>();

  /**
   * Runs a task once on the loop after the next commit. Look at the head again after calling this:
   * a commit in between may not wake. Event loop only.
   */
  public void await(Tail tail, Loop loop, Runnable subscriber) {
    of(tail, loop).await(subscriber);
  }

  /** Undoes {@link #await}. Event loop only. */
  public void forget(Tail tail, Loop loop, Runnable subscriber) {
    of(tail, loop).forget(subscriber);
  }

  private Waiters of(Tail tail, Loop loop) {
    return waiters.computeIfAbsent(
        new Key(tail, loop),
        key -> {
          Waiters made = new Waiters(loop);
          tail.watch(made);
          return made;
        });
  }
}
