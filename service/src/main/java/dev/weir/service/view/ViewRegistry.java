package dev.weir.service.view;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.mode.Mode;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.topic.ServedTopic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** The views that somebody uses, one for each topic and terms. Thread-safe; guarded by its lock. */
public final class ViewRegistry {
  private record Key(ServedTopic topic, String selector, EventTimeRange times, Mode mode) {}

  /**
   * The parts that views work with.
   *
   * @param threads gives the thread of the n-th partition of views
   * @param budget bounds their bytes, together with the tails
   * @param fanout wakes who waits for them
   * @param recordsMax records each partition of a view keeps at most; rounded down to a power of
   *     two
   * @param viewsMax most views at once
   * @param retryDelay told to those beyond
   * @param sessions is charged what a view holds besides its records
   * @param values makes memories of last values, of a partition's number in a topic with so many
   */
  public record Setting(
      IntFunction<Executor> threads,
      TailBudget budget,
      Fanout fanout,
      int recordsMax,
      int viewsMax,
      Duration retryDelay,
      Budget sessions,
      BiFunction<Integer, Integer, LastValuesFold> values) {}

  private final Setting setting;
  private final Map<Key, View> views = new HashMap<>();
  private int opened;

  /** No view yet. */
  public ViewRegistry(Setting setting) {
    this.setting = setting;
  }

  /**
   * The view of these terms, shared with those who have it already. Give it back with {@link
   * #release}.
   *
   * @param sensors compiles the selector, which takes long, where nobody has the view
   * @throws dev.weir.service.core.fault.FaultException OVERLOADED
   */
  public View acquire(
      ServedTopic topic,
      String selector,
      EventTimeRange times,
      Mode mode,
      Supplier<SelectedSensors> sensors) {
    Key key = new Key(topic, selector, times, mode);
    View existing = share(key, null);
    return existing != null
        ? existing
        : share(key, new ViewTerms(selector, sensors.get(), times, mode));
  }

  private synchronized View share(Key key, ViewTerms terms) {
    View view = views.get(key);
    if (view == null) {
      if (terms == null) {
        return null;
      }
      view = open(key.topic(), terms);
      views.put(key, view);
    }
    view.users++;
    return view;
  }

  private View open(ServedTopic topic, ViewTerms terms) {
    if (views.size() >= setting.viewsMax()) {
      throw Fault.of(
              ErrorCode.OVERLOADED,
              "Subscribers follow as many different selections as views_max ("
                  + setting.viewsMax()
                  + ") allows. Retry after the delay, subscribe with a selector that others use, or"
                  + " ask the operator to raise the limit.")
          .retryAfter(setting.retryDelay())
          .exception();
    }
    long bytes = ViewHeapSize.of(topic, terms, setting.recordsMax());
    if (bytes > setting.sessions().max()) {
      throw Fault.of(
              ErrorCode.TOO_LARGE,
              String.format(
                  "The selection takes about %d bytes, more than %s (%d). Select fewer sensors, or"
                      + " ask the operator to raise the limit.",
                  bytes, setting.sessions().name(), setting.sessions().max()))
          .exception();
    }
    boolean nearlyUsed = setting.sessions().isNearlyUsed(); // the rest is for what is short
    if (nearlyUsed) {
      setting.sessions().refused();
    }
    if (nearlyUsed || !setting.sessions().tryTake(bytes)) {
      throw Fault.of(
              ErrorCode.OVERLOADED,
              String.format(
                  "%s (%d) has no room for the %d bytes of one more selection. Retry after the"
                      + " delay, subscribe with a selector that others use, or ask the operator to"
                      + " raise the limit.",
                  setting.sessions().name(), setting.sessions().max(), bytes))
          .retryAfter(setting.retryDelay())
          .exception();
    }
    int first = opened;
    opened += topic.partitions().size();
    return new View(
        topic, terms, bytes, setting, partition -> setting.threads().apply(first + partition));
  }

  /** Gives a view back; the last one ends it. */
  public synchronized void release(View view) {
    view.users--;
    if (view.users == 0) {
      ViewTerms terms = view.terms();
      views.remove(new Key(view.topic(), terms.selector(), terms.times(), terms.mode()));
      view.close();
      setting.sessions().giveBack(view.heldBytes());
    }
  }

  /** Views in use. */
  public synchronized int size() {
    return views.size();
  }
}
