package dev.weir.service.fanout;

import com.google.common.collect.MapMaker;
import dev.weir.common.Loop;
import dev.weir.service.tail.CommitSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Wakes waiting subscribers: one task per source of commits (a partition's tail, or a view of it)
 * and event loop, however many wait. Thread-safe; holds at most sources × loops entries, and no
 * source that nobody else holds, such as the tail of a deleted topic.
 */
public final class Fanout {
  private final Map<CommitSource, Map<Loop, CommitWaiters>> waiters =
      new MapMaker().weakKeys().makeMap();

  /**
   * Runs a task once on the loop after the next commit. Look at the source again after calling
   * this: a commit in between may not wake. Event loop only.
   */
  public void await(CommitSource source, Loop loop, Runnable subscriber) {
    of(source, loop.shared()).await(subscriber, loop);
  }

  /** Undoes {@link #await}. Event loop only. */
  public void forget(CommitSource source, Loop loop, Runnable subscriber) {
    Map<Loop, CommitWaiters> known = waiters.get(source); // not again, where it is dropped
    if (known != null && known.containsKey(loop.shared())) {
      known.get(loop.shared()).forget(subscriber);
    }
  }

  /** A source is gone, and nobody waits for it any more. Any thread. */
  public void drop(CommitSource source) {
    waiters.remove(source);
  }

  private CommitWaiters of(CommitSource source, Loop loop) {
    return waiters
        .computeIfAbsent(source, key -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            loop,
            key -> {
              CommitWaiters made = new CommitWaiters(loop);
              source.watch(made);
              return made;
            });
  }
}
