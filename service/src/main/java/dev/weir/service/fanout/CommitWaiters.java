package dev.weir.service.fanout;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.tail.CommitWatcher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The subscribers of one event loop that wait for one partition. The set is owned by the event
 * loop; {@link #committed()} may come from the partition's writer and only posts, once.
 */
@OwnedBy("event loop")
final class CommitWaiters implements CommitWatcher {
  /** Subscribers woken in one task, so that the loop is not held for long. */
  private static final int PASS = 64;

  private final Loop loop;
  private Map<Runnable, Loop> waiting = new LinkedHashMap<>(); // each with where it goes on
  private final AtomicBoolean pending = new AtomicBoolean();
  private volatile boolean anyWaiting;

  CommitWaiters(Loop loop) {
    this.loop = loop;
  }

  /**
   * Wakes a subscriber once at the next commit. It must look at the head again after this.
   *
   * @param its where it goes on: this loop, or that of its connection on it
   */
  void await(Runnable subscriber, Loop its) {
    waiting.put(subscriber, its);
    anyWaiting = true;
  }

  void forget(Runnable subscriber) {
    waiting.remove(subscriber);
    anyWaiting = !waiting.isEmpty();
  }

  @Override
  public boolean waiting() {
    return anyWaiting || pending.get();
  }

  @Override
  public void committed() {
    if (anyWaiting && pending.compareAndSet(false, true)) {
      loop.post(this::wake);
    }
  }

  private void wake() {
    pending.set(false);
    List<Map.Entry<Runnable, Loop>> woken = List.copyOf(waiting.entrySet());
    waiting = new LinkedHashMap<>();
    anyWaiting = false;
    wake(woken, 0);
  }

  private void wake(List<Map.Entry<Runnable, Loop>> woken, int from) {
    int to = Math.min(from + PASS, woken.size());
    for (Map.Entry<Runnable, Loop> subscriber : woken.subList(from, to)) {
      if (subscriber.getValue().equals(loop)) {
        subscriber.getKey().run();
      } else {
        subscriber.getValue().post(subscriber.getKey());
      }
    }
    if (to < woken.size()) {
      loop.post(() -> wake(woken, to));
    }
  }
}
