package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.partition.ManualExecutor;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.ReadMemory;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.GapReason;
import dev.weir.v1.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which thread a feed's fetches are for, and what they hold on their way. */
class FeedTurnsTest {
  private static final int TAIL_RECORDS = 16;

  private final TestServerContext context =
      new TestServerContext(Limits.defaults().with(Limit.TAIL_RECORDS_MAX, TAIL_RECORDS));
  private final ManualExecutor readers = new ManualExecutor();
  private final ManualExecutor recent = new ManualExecutor();
  private final ServerContext split = split(context.context);
  private final ServedTopic topic = context.topic("t", 1);

  private ServerContext split(ServerContext of) {
    return new ServerContext(
        of.topicLifecycle(),
        of.limits(),
        of.control(),
        of.changes(),
        new CatchUpPool(
            new CatchUpPool.Threads(readers, 2),
            new CatchUpPool.Threads(recent, 1),
            1_000,
            Duration.ofMillis(5),
            new ReadMemory(
                new Budget("catchup_block_bytes", 1 << 20),
                new Budget("session_budget_bytes", 1 << 20))),
        of.fanout(),
        of.feeds(),
        of.meters(),
        of.epochNanos(),
        of.random(),
        of.developmentMode(),
        of.sessions(),
        of.views(),
        of.selections(),
        of.admission());
  }

  private void publish(int records) {
    for (int i = 0; i < records; i++) {
      var append =
          new PartitionRequest.Append(
              null, "", 0, 0, SampleBatches.named("s", i, i + 1), result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      context.world.run();
    }
  }

  private Feed rows(Subscription.Builder asked) {
    asked.setTopic("t").getSelectorBuilder().setAll(true);
    var setting = FeedSetting.of(split, context.loop, 1 << 20, () -> true, () -> {});
    return new Feed(
        setting,
        SubscriptionResolver.of(split, asked.build(), FeedFormat.ROWS),
        SubscriptionCredit.unlimited());
  }

  private Feed laggard() {
    Subscription.Builder asked = Subscription.newBuilder();
    asked.getStartBuilder().setEarliest(true);
    return rows(asked);
  }

  /** What it says while only these threads work. */
  private List<FeedEvent> drain(Feed feed, ManualExecutor... threads) {
    List<FeedEvent> said = new ArrayList<>();
    boolean moved = true;
    while (moved) {
      FeedEvent next = feed.next();
      moved = next != null || context.loop.runOne();
      for (ManualExecutor some : threads) {
        moved |= some.runOne();
      }
      if (next != null) {
        said.add(next);
      }
    }
    return said;
  }

  private static long readings(List<FeedEvent> said) {
    return said.stream()
        .mapToLong(one -> one instanceof FeedEvent.Data data ? data.readings() : 0)
        .sum();
  }

  @Test
  void liveSubscriberInRows_isServedWhileLaggardsHoldEveryReader() {
    publish(3 * TAIL_RECORDS);
    Feed live = rows(Subscription.newBuilder());
    drain(live, recent);
    for (int i = 0; i < 20; i++) {
      assertThat(laggard().next()).isNull();
    }
    assertThat(readers.size()).as("both readers have begun, and do not end").isEqualTo(2);
    for (int round = 0; round < 50; round++) {
      publish(1);
      assertThat(readings(drain(live, recent))).as("round %d", round).isEqualTo(2);
    }
    assertThat(readers.size()).isEqualTo(2);
  }

  @Test
  void recordThatLeavesTheTailBeforeItsTurn_isReadFromTheLogByAReader() {
    Feed live = rows(Subscription.newBuilder());
    drain(live, recent);
    publish(1);
    assertThat(live.next()).isNull();
    assertThat(recent.size()).isEqualTo(1);
    publish(3 * TAIL_RECORDS);
    assertThat(readings(drain(live, recent))).isZero();
    assertThat(context.openReaders(topic)).as("it read nothing of the log").isZero();
    assertThat(readers.size()).isEqualTo(1);
    assertThat(readings(drain(live, recent, readers))).isEqualTo(2 * (1 + 3 * TAIL_RECORDS));
  }

  @Test
  void recentRecordThatIsTooOld_isPassedOverByAReader() {
    publish(3);
    context.world.moveClock(Duration.ofSeconds(5).toNanos());
    publish(1);
    Subscription.Builder asked = Subscription.newBuilder();
    asked.getStartBuilder().setEarliest(true);
    asked.getMaxAgeBuilder().setSeconds(1);
    Feed feed = rows(asked);
    assertThat(readings(drain(feed, recent))).isZero();
    List<FeedEvent> said = drain(feed, recent, readers);
    assertThat(said)
        .filteredOn(FeedEvent.Lost.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            FeedEvent.Lost.class,
            lost -> assertThat(lost.reason()).isEqualTo(GapReason.GAP_REASON_TOO_OLD));
    assertThat(readings(said)).isEqualTo(2);
  }

  @Test
  void whatAFetchFound_isCountedUntilItIsTaken_orItsFeedIsGone() {
    publish(3 * TAIL_RECORDS);
    Budget unsent = split.admission().unsent();
    Feed taken = laggard();
    assertThat(taken.next()).isNull();
    assertThat(readers.runOne()).isTrue();
    assertThat(unsent.used()).as("it is on its way to the loop").isPositive();
    assertThat(readings(drain(taken, recent, readers))).isEqualTo(2 * 3 * TAIL_RECORDS);
    assertThat(unsent.used()).isZero();

    Feed gone = laggard();
    assertThat(gone.next()).isNull();
    assertThat(readers.runOne()).isTrue();
    gone.close();
    context.run();
    assertThat(unsent.used()).isZero();
    assertThat(context.openReaders(topic)).isZero();
  }

  @Test
  void feedThatIsGone_isNotReadFor() {
    publish(3 * TAIL_RECORDS);
    Feed gone = laggard();
    assertThat(gone.next()).isNull();
    gone.close();
    assertThat(readers.runOne()).isTrue();
    assertThat(context.openReaders(topic)).isZero();
    context.run();
  }
}
