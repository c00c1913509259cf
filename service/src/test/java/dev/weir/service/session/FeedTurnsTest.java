package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.partition.ReadRoom;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Tasks;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.Topic;
import dev.weir.v1.GapReason;
import dev.weir.v1.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which thread a feed's fetches are for, and what they hold on their way. */
class FeedTurnsTest {
  private static final int TAIL_RECORDS = 16;

  private final TestDesk desk =
      new TestDesk(Limits.defaults().with(Limit.TAIL_RECORDS_MAX, TAIL_RECORDS));
  private final Tasks readers = new Tasks();
  private final Tasks recent = new Tasks();
  private final Desk split = split(desk.desk);
  private final Topic topic = desk.topic("t", 1);

  private Desk split(Desk of) {
    return new Desk(
        of.topics(),
        of.limits(),
        of.control(),
        of.changes(),
        new CatchUp(
            new CatchUp.Threads(readers, 2),
            new CatchUp.Threads(recent, 1),
            1_000,
            Duration.ofMillis(5),
            new ReadRoom(
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
          new Request.Append(null, "", 0, 0, TestBatches.named("s", i, i + 1), result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      desk.world.run();
    }
  }

  private Feed rows(Subscription.Builder asked) {
    asked.setTopic("t").getSelectorBuilder().setAll(true);
    var setting = FeedSetting.of(split, desk.loop, 1 << 20, () -> true, () -> {});
    return new Feed(setting, Orders.of(split, asked.build(), Shape.ROWS), Credit.unlimited());
  }

  private Feed laggard() {
    Subscription.Builder asked = Subscription.newBuilder();
    asked.getStartBuilder().setEarliest(true);
    return rows(asked);
  }

  /** What it says while only these threads work. */
  private List<Emission> drain(Feed feed, Tasks... threads) {
    List<Emission> said = new ArrayList<>();
    boolean moved = true;
    while (moved) {
      Emission next = feed.next();
      moved = next != null || desk.loop.runOne();
      for (Tasks some : threads) {
        moved |= some.runOne();
      }
      if (next != null) {
        said.add(next);
      }
    }
    return said;
  }

  private static long readings(List<Emission> said) {
    return said.stream()
        .mapToLong(one -> one instanceof Emission.Data data ? data.readings() : 0)
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
    assertThat(desk.openReaders(topic)).as("it read nothing of the log").isZero();
    assertThat(readers.size()).isEqualTo(1);
    assertThat(readings(drain(live, recent, readers))).isEqualTo(2 * (1 + 3 * TAIL_RECORDS));
  }

  @Test
  void recentRecordThatIsTooOld_isPassedOverByAReader() {
    publish(3);
    desk.world.moveClock(Duration.ofSeconds(5).toNanos());
    publish(1);
    Subscription.Builder asked = Subscription.newBuilder();
    asked.getStartBuilder().setEarliest(true);
    asked.getMaxAgeBuilder().setSeconds(1);
    Feed feed = rows(asked);
    assertThat(readings(drain(feed, recent))).isZero();
    List<Emission> said = drain(feed, recent, readers);
    assertThat(said)
        .filteredOn(Emission.Lost.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            Emission.Lost.class,
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
    desk.run();
    assertThat(unsent.used()).isZero();
    assertThat(desk.openReaders(topic)).isZero();
  }

  @Test
  void feedThatIsGone_isNotReadFor() {
    publish(3 * TAIL_RECORDS);
    Feed gone = laggard();
    assertThat(gone.next()).isNull();
    gone.close();
    assertThat(readers.runOne()).isTrue();
    assertThat(desk.openReaders(topic)).isZero();
    desk.run();
  }
}
