package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Feeds in mode EVERY that begin again behind every cursor ever given out, in every shape, against
 * the feed that was not interrupted.
 */
class FeedResumeProperties {
  /** Traces of each try; more of them by {@code -Dweir.test.traces}. */
  private static final int TRACES = Integer.getInteger("weir.test.traces", 1);

  private static final long[] TAIL_BYTES = {0, 1_200, 1 << 20};
  private static final int[] DELIVERY_BYTES = {1, 60, 400, 100_000};
  private static final int RECORDS = 8;
  private static final int STEPS = 70;

  @Property(tries = 40)
  void resumedAtEveryReading_equalsTheUninterruptedRun(@ForAll long seed) throws IOException {
    for (int i = 0; i < TRACES; i++) {
      check(seed + i);
    }
  }

  private static void check(long seed) throws IOException {
    Random random = new Random(seed);
    RandomFeedFixture world =
        new RandomFeedFixture(random, 1 + random.nextInt(2), TAIL_BYTES[random.nextInt(3)]);
    world.history(random.nextInt(RECORDS));
    Subscription.Builder asked =
        Subscription.newBuilder()
            .setTopic("t")
            .setSelector(RandomSubscriptions.selector(world, random));
    if (random.nextInt(4) == 0) {
      asked.setEventTime(RandomSubscriptions.eventTime(random));
    }
    CheckedFeed live = live(world, asked.clone(), random);
    Map<String, List<List<Cell>>> behind = new LinkedHashMap<>();
    collect(world, live, behind);
    asked.setStart(RandomSubscriptions.earliest());
    List<List<Cell>> uninterrupted = readable(world, asked);
    for (FeedFormat shape : FeedFormat.values()) {
      CheckedFeed run = settled(world, asked.build(), shape, random);
      assertThat(delivered(world, run)).as("%s of seed %s", shape, seed).isEqualTo(uninterrupted);
      collect(world, run, behind);
    }
    asked.setOnExpired(OnExpired.ON_EXPIRED_EARLIEST);
    behind.forEach(
        (cursor, rest) -> {
          asked.getStartBuilder().setAfterCursor(cursor);
          for (FeedFormat shape : FeedFormat.values()) {
            assertThat(delivered(world, settled(world, asked.build(), shape, random)))
                .as("%s after %s of seed %s", shape, Cursor.parse(cursor), seed)
                .isEqualTo(rest);
          }
        });
    assertThat(world.openReaders()).isZero();
    assertThat(world.context.views.size()).isZero();
  }

  /** A feed that follows a log while it grows and its beginning goes. */
  private static CheckedFeed live(
      RandomFeedFixture world, Subscription.Builder asked, Random random) throws IOException {
    asked.setStart(
        random.nextBoolean()
            ? RandomSubscriptions.earliest()
            : RandomSubscriptions.after(world, random));
    if (random.nextInt(3) == 0) {
      asked.setMaxMessageBytes(FeedSpec.AROUND_BYTES + 200 + random.nextInt(500));
    }
    if (random.nextInt(3) == 0) {
      asked.getUntilBuilder().setCount(1 + random.nextInt(20));
    }
    FeedFormat shape = random.nextBoolean() ? FeedFormat.COLUMNS : FeedFormat.ROWS;
    int bytes = DELIVERY_BYTES[random.nextInt(4)];
    CheckedFeed run =
        new CheckedFeed(world, asked.build(), shape, bytes, SubscriptionCredit.unlimited());
    boolean expires = random.nextInt(3) == 0;
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0 -> world.append();
        case 1 -> world.context.catchUp.refuse(random.nextInt(3) == 0);
        case 2 -> run.feed().askProgress();
        case 3 -> world.context.loop.runOne();
        case 4 -> world.context.catchUp.runOne();
        case 5 -> world.context.world.views.runOne();
        case 6 -> {
          if (expires && random.nextInt(3) == 0) {
            world.expire();
          }
        }
        default -> run.pull();
      }
    }
    world.context.catchUp.refuse(false);
    settle(world, run);
    return run;
  }

  private static CheckedFeed settled(
      RandomFeedFixture world, Subscription asked, FeedFormat shape, Random random) {
    int bytes = DELIVERY_BYTES[random.nextInt(4)];
    CheckedFeed run = new CheckedFeed(world, asked, shape, bytes, SubscriptionCredit.unlimited());
    settle(world, run);
    return run;
  }

  private static void settle(RandomFeedFixture world, CheckedFeed run) {
    run.runnable = true;
    run.settle();
    run.checkRest();
    run.checkEnd();
    run.feed().close();
    world.context.run();
  }

  /** What can be read of each partition, and matches. */
  private static List<List<Cell>> readable(RandomFeedFixture world, Subscription.Builder asked) {
    MatchingReadings matching = new MatchingReadings(world, asked.build());
    List<List<Cell>> readable = new ArrayList<>();
    for (int p = 0; p < world.partitions; p++) {
      readable.add(readable(world, p, world.cells(p).stream().filter(matching::test)));
    }
    return readable;
  }

  private static List<Cell> readable(RandomFeedFixture world, int partition, Stream<Cell> cells) {
    return cells.filter(cell -> world.isReadable(partition, cell)).toList();
  }

  /** What is still to come, and can be read, behind every cursor that a run gave out. */
  private static void collect(
      RandomFeedFixture world, CheckedFeed run, Map<String, List<List<Cell>>> behind) {
    for (CheckedFeed.Mark mark : run.marks) {
      List<List<Cell>> rest = new ArrayList<>();
      for (int p = 0; p < world.partitions; p++) {
        rest.add(readable(world, p, run.matching(p).stream().skip(mark.done().get(p))));
      }
      List<List<Cell>> known = behind.putIfAbsent(mark.text(), rest);
      assertThat(known == null || known.equals(rest)).as("one meaning of %s", mark).isTrue();
    }
  }

  private static List<List<Cell>> delivered(RandomFeedFixture world, CheckedFeed run) {
    List<List<Cell>> delivered = new ArrayList<>();
    for (int p = 0; p < world.partitions; p++) {
      delivered.add(run.delivered(p));
    }
    return delivered;
  }
}
