package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.v1.Mode;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Several subscribers of one view in a reduced mode, some of which fall behind and come back. */
class ReducedFeedProperties {
  @Property(tries = 40)
  void subscribersOfAView_getWhatItSendsOrAFreshStateBehindIt(@ForAll long seed) {
    Random random = new Random(seed);
    RandomFeedFixture world = new RandomFeedFixture(random, 1 + random.nextInt(2), 1 << 20);
    world.history(0);
    for (int i = random.nextInt(30); i > 0; i--) {
      world.append();
    }
    world.context.run();
    Subscription.Builder asked = asked(world, random);
    CheckedReducedFeed first = new CheckedReducedFeed(world, asked.build(), shape(random), null);
    first.settle();
    List<CheckedReducedFeed> runs = new ArrayList<>();
    for (int step = 0; step < 12; step++) {
      if (runs.isEmpty() || runs.size() < 3 && random.nextInt(3) == 0) {
        asked.setStart(start(world, asked, random));
        runs.add(new CheckedReducedFeed(world, asked.build(), shape(random), first.viewBegin()));
      }
      for (int i = random.nextInt(20); i > 0; i--) {
        world.append();
        world.context.world.run();
        first.settle();
      }
      comeBack(world, runs.get(random.nextInt(runs.size())), first, random);
    }
    first.settle();
    first.checkRest();
    assertThat(first.snapshots).as("never behind").isEqualTo(1);
    for (CheckedReducedFeed run : runs) {
      run.settle();
      run.checkRest();
      run.feed().close();
    }
    first.feed().close();
    world.context.run();
    assertThat(world.openReaders()).isZero();
    assertThat(world.context.views.size()).isZero();
    assertThat(world.context.viewBytes.bytes()).isZero();
    assertThat(world.context.viewValues.used()).as("last values of views").isZero();
  }

  /** It goes on until it is at the end, while a little more is stored. */
  private static void comeBack(
      RandomFeedFixture world, CheckedReducedFeed run, CheckedReducedFeed first, Random random) {
    int more = random.nextInt(4);
    boolean moved = true;
    while (moved) {
      if (more > 0 && random.nextInt(8) == 0) {
        more--;
        world.append();
        first.settle();
      }
      moved =
          run.pull()
              || world.context.world.run()
              || world.context.loop.runOne()
              || world.context.catchUp.runOne();
    }
    run.checkRest();
  }

  private static Subscription.Builder asked(RandomFeedFixture world, Random random) {
    Subscription.Builder asked = Subscription.newBuilder().setTopic("t");
    asked.setSelector(RandomSubscriptions.selector(world, random));
    if (random.nextInt(4) == 0) {
      asked
          .getEventTimeBuilder()
          .setFrom(Timestamps.fromNanos(world.nowNanos() + random.nextInt(400)));
    }
    switch (random.nextInt(3)) {
      case 0 -> {
        asked.setMode(Mode.MODE_ON_CHANGE);
        asked
            .getOnChangeBuilder()
            .setDeadBand((double) (RandomFeedFixture.NUMBERS_STEP * random.nextInt(60)));
        if (random.nextBoolean()) {
          int nanos = 1 + random.nextInt(30);
          asked.getOnChangeBuilder().setMaxSilence(Duration.newBuilder().setNanos(nanos));
        }
      }
      case 1 -> {
        int nanos = 1 + random.nextInt(20);
        asked.setMode(Mode.MODE_SAMPLE);
        asked.getSampleBuilder().setInterval(Duration.newBuilder().setNanos(nanos));
      }
      default -> {
        asked.setMode(Mode.MODE_THRESHOLD);
        asked
            .getThresholdBuilder()
            .setLimit(RandomFeedFixture.NUMBERS_STEP * random.nextInt(100) + 0.5)
            .setDirectionValue(random.nextInt(4)) // unspecified is both
            .setHysteresis(
                Math.max(0, random.nextInt(60) - 30) * (double) RandomFeedFixture.NUMBERS_STEP);
      }
    }
    return asked;
  }

  private static Start start(RandomFeedFixture world, Subscription.Builder asked, Random random) {
    Start.Builder start = Start.newBuilder();
    switch (random.nextInt(4)) {
      case 0 -> start.setLatest(true);
      case 1 -> start.setEarliest(true);
      default -> {
        List<CheckedFeed.Mark> marks = everyReading(world, asked);
        start.setAfterCursor(marks.get(random.nextInt(marks.size())).text());
      }
    }
    return start.build();
  }

  /** The cursors of a run in mode EVERY: one behind each reading, mostly inside of a record. */
  private static List<CheckedFeed.Mark> everyReading(
      RandomFeedFixture world, Subscription.Builder asked) {
    Subscription.Builder every =
        Subscription.newBuilder()
            .setTopic("t")
            .setSelector(asked.getSelector())
            .setEventTime(asked.getEventTime())
            .setStart(RandomSubscriptions.earliest());
    CheckedFeed run =
        new CheckedFeed(world, every.build(), FeedFormat.ROWS, 400, SubscriptionCredit.unlimited());
    run.settle();
    run.checkRest();
    run.feed().close();
    return run.marks;
  }

  private static FeedFormat shape(Random random) {
    return random.nextBoolean() ? FeedFormat.COLUMNS : FeedFormat.ROWS;
  }
}
