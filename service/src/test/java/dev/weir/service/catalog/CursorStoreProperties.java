package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.CursorStore.Outcome;
import dev.weir.service.core.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Commits, restarts and kills in any order against what an accurate clerk would remember. */
class CursorStoreProperties {
  private static final TopicInfo T = SystemLogFixture.topic("t");

  private record Asked(String name, Cursor cursor, List<Outcome> answer) {}

  @Property(tries = 100)
  void whatIsAnswered_coversWhatWasAskedAndStays(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    SystemLogFixture world = new SystemLogFixture();
    world.system.topics().store(T);
    Map<String, Cursor> durable = new HashMap<>();
    List<Asked> open = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      switch (random.nextInt(10)) {
        case 0 -> world.log.hold();
        case 1, 2 -> world.log.release();
        case 3 -> {
          if (random.nextBoolean()) {
            world.log.release();
            world.stop();
          }
          settle(open, durable);
          open.clear(); // a kill: nobody waits any more
          world.start();
        }
        default -> {
          String name = "n" + random.nextInt(2);
          Cursor cursor = SystemLogFixture.cursor(T, random.nextInt(20), random.nextInt(20));
          open.add(new Asked(name, cursor, world.commit(T, name, cursor)));
        }
      }
      settle(open, durable);
      for (Map.Entry<String, Cursor> told : durable.entrySet()) {
        Cursor now = world.system.cursors().find(T, told.getKey()).orElseThrow().cursor();
        assertThat(Cursor.later(now, told.getValue())).as("what was told stays").isEqualTo(now);
      }
    }
    world.log.release();
    settle(open, durable);
    assertThat(open).as("each is answered").isEmpty();
  }

  private static void settle(List<Asked> open, Map<String, Cursor> durable) {
    open.removeIf(
        asked -> {
          assertThat(asked.answer()).hasSizeLessThan(2);
          if (asked.answer().isEmpty()) {
            return false;
          }
          Cursor told = ((Outcome.Stored) asked.answer().get(0)).cursor();
          assertThat(Cursor.later(told, asked.cursor())).as("covers it").isEqualTo(told);
          durable.merge(asked.name(), told, Cursor::later);
          return true;
        });
  }
}
