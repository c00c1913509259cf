package dev.weir.service.session;

import dev.weir.service.catalog.SelectorTruth;
import dev.weir.service.session.FeedWorld.Cell;
import dev.weir.v1.EventTime;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.util.HashMap;
import java.util.Map;

/** Which stored readings a subscription selects, as its definition reads. Owned by one test. */
final class Matching {
  private final FeedWorld world;
  private final Selector selector;
  private final EventTime times;
  private final Map<Integer, Boolean> selected = new HashMap<>();

  Matching(FeedWorld world, Subscription asked) {
    this.world = world;
    this.selector = asked.getSelector();
    this.times = asked.getEventTime();
  }

  boolean test(Cell cell) {
    return selected.computeIfAbsent(cell.sensor(), this::selects)
        && (!times.hasFrom() || cell.timeNanos() >= Times.nanos(times.getFrom()))
        && (!times.hasUntil() || cell.timeNanos() < Times.nanos(times.getUntil()));
  }

  private boolean selects(int sensor) {
    String name = world.topic.sensors().byId(sensor).name();
    return SelectorTruth.selects(selector, name, world.labels(name));
  }
}
