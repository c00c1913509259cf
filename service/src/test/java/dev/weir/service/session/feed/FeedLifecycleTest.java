package dev.weir.service.session.feed;

import static dev.weir.service.core.state.FeedLifecycle.CATCHING_UP;
import static dev.weir.service.core.state.FeedLifecycle.ENDED;
import static dev.weir.service.core.state.FeedLifecycle.JOINING;
import static dev.weir.service.core.state.FeedLifecycle.JOINING_LIVE;
import static dev.weir.service.core.state.FeedLifecycle.LAGGING;
import static dev.weir.service.core.state.FeedLifecycle.LAGGING_LIVE;
import static dev.weir.service.core.state.FeedLifecycle.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.state.FeedLifecycle;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.EndReason;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A feed on its way through the states of its table. */
class FeedLifecycleTest {
  private static final int MEMORY_RECORDS = 16;
  private static final int MAX_LAG = 2;

  private final Limits limits = Limits.defaults().with(Limit.TAIL_RECORDS_MAX, MEMORY_RECORDS);
  private final TestServerContext context = new TestServerContext(limits, 1 << 20, MEMORY_RECORDS);
  private final ServedTopic topic = context.topic("t", 1);
  private final List<Phase> phases = new ArrayList<>();

  private void publish(int records) {
    for (int i = 0; i < records; i++) {
      var append =
          new PartitionRequest.Append(null, "", 0, 0, SampleBatches.named("s", i), result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      context.world.run();
    }
  }

  private Feed feed(Subscription.Builder asked) {
    asked.setTopic("t").getSelectorBuilder().setAll(true);
    return new Feed(
        FeedSetting.of(context.context, context.loop, 1 << 20, () -> true, () -> {}),
        SubscriptionResolver.of(context.context, asked.build(), FeedFormat.COLUMNS),
        SubscriptionCredit.unlimited());
  }

  private static Subscription.Builder earliest() {
    Subscription.Builder earliest = Subscription.newBuilder();
    earliest.getStartBuilder().setEarliest(true);
    return earliest;
  }

  private static Subscription.Builder lagging(Subscription.Builder asked, Overflow overflow) {
    asked.setOverflow(overflow).getMaxLagBuilder().setReadings(MAX_LAG);
    return asked;
  }

  private boolean work() {
    return context.loop.runOne() || context.catchUp.runOne() || context.world.run();
  }

  /** The states in which a feed is on its way to the end of the log. */
  private List<FeedLifecycle> run(Feed feed) {
    List<FeedLifecycle> states = new ArrayList<>();
    phases.clear();
    FeedEvent said;
    do {
      note(states, feed.state());
      said = feed.next();
      note(states, feed.state());
      if (said instanceof FeedEvent.PhaseChanged changed) {
        phases.add(changed.phase());
      }
    } while (said != null || work());
    return states;
  }

  private static void note(List<FeedLifecycle> states, FeedLifecycle state) {
    if (states.isEmpty() || states.get(states.size() - 1) != state) {
      states.add(state);
    }
  }

  private void endIn(FeedLifecycle state, Feed feed) {
    while (feed.state() != state) {
      assertThat(feed.next() != null || feed.state() == state || work())
          .as("%s, and comes to %s", feed.state(), state)
          .isTrue();
    }
    assertThat(feed.end(EndReason.END_REASON_REMOVED, Optional.empty()).reason())
        .isEqualTo(EndReason.END_REASON_REMOVED);
    assertThat(feed.state()).isEqualTo(ENDED);
    feed.close();
    assertThat(feed.next()).isNull();
    context.run();
  }

  private Feed live(Subscription.Builder asked) {
    Feed feed = feed(asked);
    run(feed);
    assertThat(feed.state()).isEqualTo(LIVE);
    return feed;
  }

  @Test
  void storedReadings_areCaughtUpWith_andFallingBehindIsTold() {
    publish(3);
    Feed feed = feed(earliest());
    assertThat(run(feed)).containsExactly(CATCHING_UP, LIVE);
    assertThat(phases).containsExactly(Phase.PHASE_CAUGHT_UP);
    publish(2 * MEMORY_RECORDS);
    assertThat(run(feed)).containsExactly(LIVE, CATCHING_UP, LIVE);
    assertThat(phases).containsExactly(Phase.PHASE_FELL_BEHIND, Phase.PHASE_CAUGHT_UP);
    endIn(LIVE, feed);
    publish(1);
    endIn(CATCHING_UP, feed(earliest()));
  }

  @Test
  void snapshot_comesFirst() {
    publish(3);
    Feed feed = feed(Subscription.newBuilder().setSnapshot(true));
    assertThat(run(feed)).containsExactly(JOINING, LIVE);
    assertThat(phases)
        .containsExactly(
            Phase.PHASE_SNAPSHOT_BEGIN, Phase.PHASE_SNAPSHOT_END, Phase.PHASE_CAUGHT_UP);
    endIn(LIVE, feed);
    endIn(JOINING, feed(Subscription.newBuilder().setSnapshot(true)));
  }

  @Test
  void reducedMode_joinsItsViewFirst_orAtTheHead() {
    publish(3);
    Feed fresh = feed(Subscription.newBuilder().setMode(Mode.MODE_ON_CHANGE));
    assertThat(run(fresh)).containsExactly(JOINING, LIVE);
    endIn(LIVE, fresh);
    Feed behind = feed(earliest().setMode(Mode.MODE_ON_CHANGE));
    assertThat(run(behind)).containsExactly(CATCHING_UP, JOINING, LIVE);
    assertThat(phases).endsWith(Phase.PHASE_SNAPSHOT_END, Phase.PHASE_CAUGHT_UP);
    endIn(LIVE, behind);
  }

  @Test
  void lag_isPassedOver_beforeTheFeedCatchesUp() {
    publish(2 * MAX_LAG);
    for (Overflow overflow : List.of(Overflow.OVERFLOW_CONFLATE, Overflow.OVERFLOW_DROP_OLDEST)) {
      Feed feed = feed(lagging(earliest(), overflow));
      assertThat(run(feed)).startsWith(CATCHING_UP, LAGGING).endsWith(LIVE);
      assertThat(phases).containsExactly(Phase.PHASE_CAUGHT_UP);
      endIn(LIVE, feed);
      endIn(LAGGING, feed(lagging(earliest(), overflow)));
    }
  }

  @Test
  void lagOfALiveFeed_isPassedOver_andItStaysLive() {
    for (Overflow overflow : List.of(Overflow.OVERFLOW_CONFLATE, Overflow.OVERFLOW_DROP_OLDEST)) {
      Feed feed = live(lagging(Subscription.newBuilder(), overflow));
      publish(2 * MAX_LAG);
      assertThat(run(feed)).containsExactly(LIVE, LAGGING_LIVE, LIVE);
      assertThat(phases).as("it is said once that it caught up").isEmpty();
      publish(2 * MAX_LAG);
      endIn(LAGGING_LIVE, feed);
    }
  }

  @Test
  void lagOfALiveFeedInAReducedMode_makesItJoinItsViewAgain() {
    Feed feed =
        live(
            lagging(
                Subscription.newBuilder().setMode(Mode.MODE_ON_CHANGE),
                Overflow.OVERFLOW_CONFLATE));
    publish(2 * MAX_LAG);
    assertThat(run(feed)).containsExactly(LIVE, LAGGING_LIVE, JOINING_LIVE, LIVE);
    assertThat(phases).containsExactly(Phase.PHASE_SNAPSHOT_BEGIN, Phase.PHASE_SNAPSHOT_END);
    publish(2 * MAX_LAG);
    endIn(JOINING_LIVE, feed);
  }

  @Test
  void lagThatEndsTheFeed_passesOverNothing() {
    publish(2 * MAX_LAG);
    assertThat(run(feed(lagging(earliest(), Overflow.OVERFLOW_END))))
        .containsExactly(CATCHING_UP, ENDED);
  }

  @Test
  void everyTransition_isTaken() {
    storedReadings_areCaughtUpWith_andFallingBehindIsTold();
    snapshot_comesFirst();
    reducedMode_joinsItsViewFirst_orAtTheHead();
    lag_isPassedOver_beforeTheFeedCatchesUp();
    lagOfALiveFeed_isPassedOver_andItStaysLive();
    lagOfALiveFeedInAReducedMode_makesItJoinItsViewAgain();
    assertThat(FeedLifecycle.TABLE.unvisited()).isEmpty();
  }
}
