package dev.weir.service.session.feed;

import com.google.protobuf.util.Timestamps;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.EventTime;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Parts of random subscriptions to a {@link RandomFeedFixture}. Stateless. */
final class RandomSubscriptions {
  private static final List<String> GLOBS =
      List.of(
          "**",
          "site0/**",
          "**/line1/*",
          "*/line0/s*",
          "site*/**/s1*",
          "**/s*2",
          "site1/*/*",
          "nobody/**");

  private RandomSubscriptions() {}

  /** All, names, globs or label equality, alone or combined. */
  static Selector selector(RandomFeedFixture world, Random random) {
    Selector.Builder selector = Selector.newBuilder();
    int form = random.nextInt(6);
    if (form <= 1) {
      selector.setAll(form == 0 || random.nextBoolean());
    }
    if (form == 2 || form == 4) {
      for (int i = random.nextInt(4); i >= 0; i--) {
        selector.addNames(name(world, random));
      }
    }
    if (form == 3 || form == 4) {
      for (int i = random.nextInt(2); i >= 0; i--) {
        selector.addGlobs(
            random.nextInt(6) == 0 ? name(world, random) : GLOBS.get(random.nextInt(8)));
      }
    }
    boolean nothingYet = selector.build().equals(Selector.getDefaultInstance());
    if (nothingYet || form > 0 && random.nextInt(4) == 0) {
      selector.putAllLabels(labels(random));
    }
    return selector.build();
  }

  private static String name(RandomFeedFixture world, Random random) {
    return world.name(random.nextInt(world.partitions), random.nextInt(RandomFeedFixture.SENSORS));
  }

  private static Map<String, String> labels(Random random) {
    String unit = RandomFeedFixture.UNITS.get(random.nextInt(RandomFeedFixture.UNITS.size()));
    String stage = random.nextInt(8) == 0 ? "none" : RandomFeedFixture.STAGE;
    return switch (random.nextInt(3)) {
      case 0 -> Map.of("unit", unit);
      case 1 -> Map.of("stage", stage);
      default -> Map.of("unit", unit, "stage", stage);
    };
  }

  /** A range of event times, half open or not. */
  static EventTime.Builder eventTime(Random random) {
    int from = random.nextInt((int) RandomFeedFixture.EVENT_NANOS);
    EventTime.Builder times = EventTime.newBuilder();
    if (random.nextBoolean()) {
      times.setFrom(Timestamps.fromNanos(TestTopics.START_NANOS + from));
    }
    if (random.nextBoolean()) {
      times.setUntil(Timestamps.fromNanos(TestTopics.START_NANOS + from + 1 + random.nextInt(800)));
    }
    return times;
  }

  static Start earliest() {
    return Start.newBuilder().setEarliest(true).build();
  }

  /** Anywhere that a client may have stood, in a record too. */
  static Start after(RandomFeedFixture world, Random random) {
    List<Position> positions = new ArrayList<>();
    for (int p = 0; p < world.partitions; p++) {
      List<LogRecord> records = world.log(p).records();
      int offset = random.nextInt(records.size() + 1);
      if (offset == records.size()) {
        positions.add(world.topic.heads().get(p));
        continue;
      }
      LogRecord next = records.get(offset);
      int rows = next.readings() > 1 ? random.nextInt(next.readings()) : 0;
      LogRecord last = rows > 0 || offset == 0 ? next : records.get(offset - 1);
      positions.add(new Position(last.epoch(), offset, next.readingsBefore(), rows));
    }
    Cursor cursor = Cursor.of(world.topic.info().logId(), positions);
    return Start.newBuilder().setAfterCursor(cursor.text()).build();
  }
}
