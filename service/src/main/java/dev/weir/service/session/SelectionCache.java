package dev.weir.service.session;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Selector;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Compiled selectors: one for all who select the same of a topic, at once or one after the other,
 * such as the pages of a GetLatest. A selector is compiled in slices on the control pool, as long
 * as somebody waits for it; who does not wait any more is forgotten at its cancellation, or with
 * the next slice. A few that nobody uses are kept for some seconds while there is memory for
 * sessions. Thread-safe.
 */
public final class SelectionCache {
  private static final int UNUSED_MAX = 32;

  private record Key(SensorCatalog catalog, String selector) {}

  private record Waiting(CompletableFuture<Selection> selection, Caller caller) {
    boolean gone() {
      return selection.isDone() || !caller.isWanted();
    }
  }

  /** A compiled selector, or one that is being compiled. Guarded by the selections. */
  private static final class Entry {
    final Key key;
    final SelectedSensors sensors;
    final Set<Waiting> waiting = new LinkedHashSet<>();
    Runnable unlisten = () -> {};
    int users = 1; // who compiles it
    boolean compiled;
    int sweeps; // since nobody uses it

    Entry(Key key, SelectedSensors sensors) {
      this.key = key;
      this.sensors = sensors;
    }
  }

  /** One user's share in a compiled selector. Thread-safe. */
  public static final class Selection {
    private final SelectionCache owner;
    private final Entry entry;
    private final AtomicBoolean released = new AtomicBoolean();

    private Selection(SelectionCache owner, Entry entry) {
      this.owner = owner;
      this.entry = entry;
    }

    /** The sensors that are selected. */
    public SelectedSensors sensors() {
      return entry.sensors;
    }

    /** Gives it back; once is enough. */
    public void release() {
      if (released.compareAndSet(false, true)) {
        owner.leave(entry);
      }
    }
  }

  private final Budget budget;
  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<Key, Entry> unused = new LinkedHashMap<>(); // the longest first

  /**
   * Nothing is selected yet.
   *
   * @param budget counts what selectors hold
   */
  public SelectionCache(Budget budget) {
    this.budget = budget;
  }

  /**
   * The sensors that a selector selects. Never blocks.
   *
   * @param caller who waits for it
   * @param selector a checked one that does not select all sensors
   * @param control compiles it, in the turns of who asked first
   * @return to be released; may be cancelled, which forgets the caller, and is once it is not
   *     wanted; fails with a FaultException: OVERLOADED
   */
  public CompletableFuture<Selection> acquire(
      Caller caller, ServedTopic topic, Selector selector, ControlPool control) {
    Key key = new Key(topic.sensors(), SelectedSensors.key(selector));
    CompletableFuture<Selection> selection = new CompletableFuture<>();
    Waiting waiting = new Waiting(selection, caller);
    Entry entry;
    boolean begins = false;
    boolean compiled;
    synchronized (this) {
      entry = entries.get(key);
      if (entry == null) {
        long bytes = SelectedSensors.bytesMax(selector);
        evict(bytes);
        if (budget.lacks(bytes)) {
          Fault full = SelectedSensors.full(budget).retryAfter(control.retryDelay());
          return CompletableFuture.failedFuture(full.exception());
        }
        entry = new Entry(key, SelectedSensors.unlooked(key.catalog(), selector, budget));
        entries.put(key, entry);
        begins = true;
      }
      entry.users++;
      unused.remove(key);
      compiled = entry.compiled;
      if (!compiled) {
        entry.waiting.add(waiting);
      }
    }
    if (!compiled) {
      forgetOnCancel(entry, waiting);
    }
    if (begins) {
      listen(topic, entry);
      offer(entry, caller.turn(), control);
    } else if (compiled) {
      selection.complete(new Selection(this, entry));
    }
    return selection;
  }

  private void forgetOnCancel(Entry entry, Waiting waiting) {
    waiting
        .selection()
        .whenComplete(
            (made, failed) -> {
              if (made == null && removed(entry, waiting)) {
                leave(entry);
              }
            });
  }

  private synchronized boolean removed(Entry entry, Waiting waiting) {
    return entry.waiting.remove(waiting);
  }

  private void listen(ServedTopic topic, Entry entry) {
    Runnable unlisten = topic.onDeleted(() -> forget(entry));
    synchronized (this) {
      if (entries.get(entry.key) == entry) {
        entry.unlisten = unlisten;
        return;
      }
    }
    unlisten.run();
  }

  /** Compiled selectors, in use or not. */
  public synchronized int size() {
    return entries.size();
  }

  /** Callers that wait for a selector. */
  public synchronized int waiting() {
    return entries.values().stream().mapToInt(entry -> entry.waiting.size()).sum();
  }

  // ---- compiling

  private void offer(Entry entry, Object turn, ControlPool control) {
    control
        .offer(new Caller(turn, () -> isWaitedFor(entry)), new CompileTask(entry, turn, control))
        .ifPresent(full -> fail(entry, full.exception()));
  }

  /** Compiles a selector while somebody waits for it. */
  private final class CompileTask implements SlicedTask {
    private final Entry entry;
    private final Object turn;
    private final ControlPool control;

    CompileTask(Entry entry, Object turn, ControlPool control) {
      this.entry = entry;
      this.turn = turn;
      this.control = control;
    }

    @Override
    public boolean step() {
      try {
        if (!entry.sensors.step()) {
          cancel(gone(entry), entry);
          return true;
        }
      } catch (FaultException full) {
        fail(entry, full.fault().retryAfter(control.retryDelay()).exception());
        return false;
      } catch (RuntimeException | Error defect) { // nobody must wait for ever
        fail(entry, new IllegalStateException("a selector could not be compiled", defect));
        throw defect;
      }
      succeed(entry);
      return false;
    }

    @Override
    public void dropped() {
      if (forgetGone(entry)) {
        offer(entry, turn, control); // somebody came at the last moment
      } else {
        leave(entry);
      }
    }
  }

  private void succeed(Entry entry) {
    for (Waiting one : compiled(entry)) {
      Selection selection = new Selection(this, entry);
      if (!one.selection().complete(selection)) {
        selection.release();
      }
    }
    leave(entry);
  }

  private synchronized boolean isWaitedFor(Entry entry) {
    return !entry.waiting.stream().allMatch(Waiting::gone);
  }

  /** Forgets who does not wait any more, and the selector if that is all. Returns whether not. */
  private boolean forgetGone(Entry entry) {
    List<Waiting> gone;
    boolean some;
    synchronized (this) {
      gone = gone(entry);
      some = !entry.waiting.isEmpty();
      if (!some) {
        drop(entry);
      }
    }
    cancel(gone, entry);
    return some;
  }

  /** Takes out who does not wait any more. */
  private synchronized List<Waiting> gone(Entry entry) {
    List<Waiting> gone = entry.waiting.stream().filter(Waiting::gone).toList();
    gone.forEach(entry.waiting::remove);
    return gone;
  }

  private void cancel(List<Waiting> gone, Entry entry) {
    for (Waiting one : gone) {
      one.selection().cancel(false);
      leave(entry);
    }
  }

  private synchronized List<Waiting> compiled(Entry entry) {
    entry.compiled = true;
    return taken(entry);
  }

  private List<Waiting> taken(Entry entry) {
    List<Waiting> waiting = List.copyOf(entry.waiting);
    entry.waiting.clear();
    return waiting;
  }

  private void fail(Entry entry, RuntimeException why) {
    List<Waiting> waiting;
    synchronized (this) {
      drop(entry);
      waiting = taken(entry);
    }
    for (Waiting one : waiting) {
      leave(entry);
      one.selection().completeExceptionally(why);
    }
    leave(entry);
  }

  // ---- ending

  private synchronized void leave(Entry entry) {
    entry.users--;
    if (entry.users == 0 && entries.get(entry.key) == entry) {
      entry.sweeps = 0;
      unused.put(entry.key, entry);
      evict(0);
    } else if (entry.users == 0) {
      entry.sensors.close();
    }
  }

  /** Drops what nobody uses, as far as it is too much, or in the way of what is wanted. */
  private void evict(long wantedBytes) {
    boolean full = budget.isNearlyUsed() || budget.lacks(wantedBytes);
    while (unused.size() > (full ? 0 : UNUSED_MAX)) {
      drop(unused.values().iterator().next());
    }
  }

  /** Drops what nobody has used since the sweep before the last one. To be called now and then. */
  public synchronized void sweep() {
    for (Entry entry : List.copyOf(unused.values())) {
      if (entry.sweeps++ > 0) {
        drop(entry);
      }
    }
  }

  private synchronized void forget(Entry entry) {
    drop(entry);
  }

  /** Nobody gets it any more. */
  private void drop(Entry entry) {
    entries.remove(entry.key, entry);
    if (unused.remove(entry.key, entry)) {
      entry.sensors.close();
    }
    entry.unlisten.run();
  }
}
