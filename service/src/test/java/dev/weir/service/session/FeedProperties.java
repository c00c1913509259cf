package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.credit.Credit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.Topic;
import dev.weir.service.session.FeedWorld.Cell;
import dev.weir.service.wire.Selection;
import dev.weir.v1.Start;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Feeds of random histories, orders and interleavings, against what is stored. */
class FeedProperties {
  private static final List<Shape> SHAPES = List.of(Shape.values());

  private static final long[] TAIL_BYTES = {0, 600, 3_000, 1 << 20};
  private static final int[] DELIVERY_BYTES = {1, 60, 400, 100_000};

  @Property(tries = 400)
  void feed_saysExactlyWhatIsStored(@ForAll long seed) {
    Random random = new Random(seed);
    FeedWorld world = new FeedWorld(random, 1 + random.nextInt(3), TAIL_BYTES[random.nextInt(4)]);
    world.history(random.nextInt(40));
    Feed.Order order = order(world, random);
    Credit credit = random.nextBoolean() ? Credit.unlimited() : new Credit(0, 0);
    FeedRun run = new FeedRun(world, order, DELIVERY_BYTES[random.nextInt(4)], credit);
    long granted = 0;
    for (int step = 0; step < 200; step++) {
      switch (random.nextInt(10)) {
        case 0 -> world.append();
        case 1 -> {
          granted += random.nextInt(5);
          credit.grant(granted, random.nextInt(3) == 0 ? Credit.UNLIMITED : granted * 30);
          run.runnable = true;
        }
        case 2 -> world.catchUp.refuse(random.nextInt(3) == 0);
        case 3 -> world.loop.advanceToTimer();
        case 4 -> run.feed().askProgress();
        case 5, 6 -> world.loop.runOne();
        case 7 -> world.catchUp.runOne();
        default -> run.pull();
      }
    }
    world.catchUp.refuse(false);
    run.runnable = true;
    run.settle();
    run.checkRest();
    credit.grant(Credit.UNLIMITED, Credit.UNLIMITED);
    run.runnable = true;
    run.settle();
    run.checkRest();
    run.checkEnd();
    assertThat(run.ended != null || run.caughtUp).isTrue();
    run.feed().close();
    assertThat(world.openReaders()).as("readers left open").isZero();
    assertThat(world.feeds.lagReadingsByTopic()).isEmpty();
    resume(world, run, order, random);
  }

  private static Feed.Order order(FeedWorld world, Random random) {
    Topic topic = world.topic;
    FeedStart start =
        FeedStart.resolve(topic, random.nextInt(3) == 0 ? earliest() : after(world, random));
    assertThat(start.lost()).isEmpty();
    return new Feed.Order(
        topic,
        selection(world, random),
        SHAPES.get(random.nextInt(SHAPES.size())),
        start.cursor(),
        start.lost(),
        random.nextInt(3) == 0 ? topic.heads() : List.of(),
        random.nextInt(3) == 0 ? 1 + random.nextInt(60) : Long.MAX_VALUE);
  }

  private static Start earliest() {
    return Start.newBuilder().setEarliest(true).build();
  }

  /** Anywhere that a client may have stood, in a record too. */
  private static Start after(FeedWorld world, Random random) {
    List<Position> positions = new ArrayList<>();
    for (int p = 0; p < world.partitions; p++) {
      List<LogRecord> records = world.world.log(world.topic, p).records();
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

  private static Selection selection(FeedWorld world, Random random) {
    if (random.nextInt(3) == 0) {
      return Selection.all();
    }
    Set<String> names = new HashSet<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      names.add(world.name(random.nextInt(world.partitions), random.nextInt(FeedWorld.SENSORS)));
    }
    return Selection.of(new SensorFilter(world.topic.sensors(), names));
  }

  /** From a few of the cursors given out, what follows is what followed. */
  private static void resume(FeedWorld world, FeedRun run, Feed.Order order, Random random) {
    for (int i = 0; i < 4 && !run.marks.isEmpty(); i++) {
      FeedRun.Mark mark = run.marks.get(random.nextInt(run.marks.size()));
      Start start = Start.newBuilder().setAfterCursor(mark.text()).build();
      FeedStart resolved = FeedStart.resolve(world.topic, start);
      Feed.Order again =
          new Feed.Order(
              world.topic,
              order.selection(),
              SHAPES.get(random.nextInt(SHAPES.size())),
              resolved.cursor(),
              resolved.lost(),
              order.stop(),
              Long.MAX_VALUE);
      FeedRun rest = new FeedRun(world, again, 200, Credit.unlimited());
      rest.settle();
      for (int p = 0; p < world.partitions; p++) {
        List<Cell> all = run.expected(p);
        assertThat(rest.got.get(p))
            .as("after %s", mark)
            .isEqualTo(all.subList(mark.delivered().get(p), all.size()));
      }
      rest.feed().close();
      assertThat(world.openReaders()).isZero();
    }
  }
}
