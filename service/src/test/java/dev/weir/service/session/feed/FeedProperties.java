package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.MaxLag;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Feeds of random histories, orders and interleavings, against what is stored. */
class FeedProperties {
  private static final List<FeedFormat> SHAPES = List.of(FeedFormat.values());
  private static final long[] TAIL_BYTES = {0, 1_200, 6_000, 1 << 20};
  private static final int[] DELIVERY_BYTES = {1, 60, 400, 100_000};
  private static final int[] MESSAGE_BYTES = {150, 500, 5_000};

  /** What a property asks for besides a start, a selector and an end. */
  private interface Extras {
    void set(Subscription.Builder asked, Random random);
  }

  @Property(tries = 100)
  void feed_saysExactlyWhatIsStored(@ForAll long seed) throws IOException {
    check(seed, (asked, random) -> {});
  }

  @Property(tries = 100)
  void feedOfWhatIsYoungAndSmall_saysTheRest(@ForAll long seed) throws IOException {
    check(
        seed,
        (asked, random) -> {
          if (random.nextBoolean()) {
            int bytes = MESSAGE_BYTES[random.nextInt(MESSAGE_BYTES.length)];
            asked.setMaxMessageBytes(FeedSpec.AROUND_BYTES + bytes);
          }
          if (random.nextBoolean()) {
            asked.setMaxAge(Duration.newBuilder().setNanos(1 + random.nextInt(60)));
          }
        });
  }

  @Property(tries = 100)
  void feedThatMayLag_skipsOnlyWhatItSays(@ForAll long seed) throws IOException {
    check(
        seed,
        (asked, random) -> {
          asked.setOverflowValue(
              Overflow.OVERFLOW_CONFLATE_VALUE + random.nextInt(3)); // DROP_OLDEST, END
          MaxLag.Builder lag = MaxLag.newBuilder();
          switch (random.nextInt(3)) {
            case 0 -> asked.setMaxLag(lag.setReadings(1 + random.nextInt(80)));
            case 1 ->
                asked.setMaxLag(
                    lag.setTime(Duration.newBuilder().setNanos(2 + random.nextInt(60))));
            default -> asked.clearMaxLag();
          }
          if (asked.getOverflow() == Overflow.OVERFLOW_CONFLATE) {
            asked.getUntilBuilder().clearNow().clearTime(); // which are refused
          }
          if (random.nextInt(4) == 0) {
            asked.setMaxMessageBytes(FeedSpec.AROUND_BYTES + 500);
          }
        });
  }

  @Property(tries = 100)
  void snapshot_isEachSensorOnceAndThenWhatIsStoredBehindIt(@ForAll long seed) throws IOException {
    check(
        seed,
        (asked, random) -> {
          asked.setSnapshot(true).setStart(Start.getDefaultInstance());
          if (random.nextInt(4) == 0) {
            asked.setMaxMessageBytes(FeedSpec.AROUND_BYTES + 500);
          }
        });
  }

  private static void check(long seed, Extras extras) throws IOException {
    Random random = new Random(seed);
    RandomFeedFixture world =
        new RandomFeedFixture(random, 1 + random.nextInt(3), TAIL_BYTES[random.nextInt(4)]);
    world.history(random.nextInt(40));
    Subscription.Builder asked = asked(world, random);
    extras.set(asked, random);
    boolean asRead = asked.getOverflowValue() == 0 && !asked.getSnapshot();
    FeedFormat shape = SHAPES.get(random.nextInt(asRead ? 3 : 2)); // the last one is of Read
    SubscriptionCredit credit =
        random.nextBoolean() ? SubscriptionCredit.unlimited() : new SubscriptionCredit(0, 0);
    int bytes = DELIVERY_BYTES[random.nextInt(4)];
    CheckedFeed run = new CheckedFeed(world, asked.build(), shape, bytes, credit);
    boolean expires = random.nextInt(3) == 0;
    long granted = 0;
    for (int step = 0; step < 200; step++) {
      switch (random.nextInt(12)) {
        case 0 -> world.append();
        case 1 -> {
          granted += random.nextInt(5);
          run.grant(granted, random.nextInt(3) == 0 ? SubscriptionCredit.UNLIMITED : granted * 30);
        }
        case 2 -> world.context.catchUp.refuse(random.nextInt(3) == 0);
        case 3 -> world.advanceToTimer();
        case 4 -> run.feed().askProgress();
        case 5, 6 -> world.context.loop.runOne();
        case 7 -> world.context.catchUp.runOne();
        case 8 -> world.context.world.views.runOne();
        case 9 -> {
          if (expires) {
            world.expire();
          }
        }
        default -> run.pull();
      }
    }
    settle(world, run);
    assertThat(run.ended != null || run.caughtUp).isTrue();
    run.feed().close();
    world.context.run();
    assertThat(world.openReaders()).as("readers left open").isZero();
    assertThat(world.context.feeds.lagReadingsByTopic()).isEmpty();
    assertThat(world.context.views.size()).isZero();
    assertThat(world.context.viewBytes.bytes()).isZero();
    resume(world, run, asked, random);
  }

  private static void settle(RandomFeedFixture world, CheckedFeed run) {
    world.context.catchUp.refuse(false);
    run.runnable = true;
    run.settle();
    run.checkRest();
    run.grant(SubscriptionCredit.UNLIMITED, SubscriptionCredit.UNLIMITED);
    run.settle();
    run.checkRest();
    run.checkEnd();
  }

  private static Subscription.Builder asked(RandomFeedFixture world, Random random) {
    Subscription.Builder asked = Subscription.newBuilder().setTopic("t");
    asked.setStart(
        random.nextInt(3) == 0
            ? RandomSubscriptions.earliest()
            : RandomSubscriptions.after(world, random));
    asked.setSelector(RandomSubscriptions.selector(world, random));
    if (random.nextInt(4) == 0) {
      asked.setEventTime(RandomSubscriptions.eventTime(random));
    }
    Until.Builder until = asked.getUntilBuilder().setNow(random.nextInt(5) == 0);
    if (random.nextInt(5) == 0) {
      until.setCount(1 + random.nextInt(60));
    }
    if (random.nextInt(5) == 0) {
      until.setTime(Timestamps.fromNanos(world.nowNanos() + random.nextInt(30) - 10));
    }
    return asked;
  }

  /** From a few of the cursors given out, what follows is what followed. */
  private static void resume(
      RandomFeedFixture world, CheckedFeed run, Subscription.Builder asked, Random random) {
    for (int i = 0; i < 4 && !run.marks.isEmpty(); i++) {
      CheckedFeed.Mark mark = run.marks.get(random.nextInt(run.marks.size()));
      Subscription.Builder again =
          Subscription.newBuilder()
              .setTopic("t")
              .setSelector(asked.getSelector())
              .setEventTime(asked.getEventTime())
              .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST);
      again.getStartBuilder().setAfterCursor(mark.text());
      FeedFormat shape = SHAPES.get(random.nextInt(SHAPES.size()));
      CheckedFeed rest =
          new CheckedFeed(world, again.build(), shape, 200, SubscriptionCredit.unlimited());
      rest.settle();
      rest.checkRest();
      for (int p = 0; p < world.partitions; p++) {
        List<Cell> all = run.matching(p);
        assertThat(rest.matching(p))
            .as("after %s, partition %s: %s", mark, p, again)
            .isEqualTo(all.subList(mark.done().get(p), all.size()));
      }
      rest.feed().close();
      world.context.run();
      assertThat(world.openReaders()).isZero();
    }
  }
}
