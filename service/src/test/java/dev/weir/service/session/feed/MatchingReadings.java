package dev.weir.service.session.feed;

import dev.weir.service.catalog.SelectorModel;
import dev.weir.service.session.TimeMessages;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.EventTime;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.util.HashMap;
import java.util.Map;

/** Which stored readings a subscription selects, as its definition reads. Owned by one test. */
final class MatchingReadings {
  private final RandomFeedFixture world;
  private final Selector selector;
  private final EventTime times;
  private final Map<Integer, Boolean> selected = new HashMap<>();

  MatchingReadings(RandomFeedFixture world, Subscription asked) {
    this.world = world;
    this.selector = asked.getSelector();
    this.times = asked.getEventTime();
  }

  boolean test(Cell cell) {
    return selected.computeIfAbsent(cell.sensor(), this::selects)
        && (!times.hasFrom() || cell.timeNanos() >= TimeMessages.nanos(times.getFrom()))
        && (!times.hasUntil() || cell.timeNanos() < TimeMessages.nanos(times.getUntil()));
  }

  private boolean selects(int sensor) {
    String name = world.topic.sensors().byId(sensor).name();
    return SelectorModel.selects(selector, name, world.labels(name));
  }
}
