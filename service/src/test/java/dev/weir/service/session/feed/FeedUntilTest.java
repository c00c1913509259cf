package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.session.subscribe.SubscriptionCheck;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Overflow;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a feed with an end loses: nothing of what lies behind it. */
class FeedUntilTest {
  private static final int WANTED = 4;
  private static final int BEHIND = 100;
  private static final Until NOW = Until.newBuilder().setNow(true).build();

  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 1);

  private void publish(int records) {
    for (int i = 0; i < records; i++) {
      var append =
          new PartitionRequest.Append(null, "", 0, 0, SampleBatches.named("s", i), result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      context.world.run();
    }
  }

  private void restart() {
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 1);
  }

  private FakeLog log() {
    return context.world.log(topic, 0);
  }

  private static Subscription.Builder earliest(Overflow overflow, Until until) {
    Subscription.Builder asked =
        Subscription.newBuilder()
            .setTopic("t")
            .setStart(Start.newBuilder().setEarliest(true))
            .setOverflow(overflow)
            .setUntil(until);
    asked.getSelectorBuilder().setAll(true);
    return asked;
  }

  private static Subscription.Builder lagging(Overflow overflow, Until until, int readings) {
    return earliest(overflow, until).setMaxLag(MaxLag.newBuilder().setReadings(readings));
  }

  private static Until time(long nanos) {
    return Until.newBuilder().setTime(Timestamps.fromNanos(nanos)).build();
  }

  private Feed feed(Subscription.Builder asked, SubscriptionCredit credit) {
    FeedSpec order = SubscriptionResolver.of(context.context, asked.build(), FeedFormat.COLUMNS);
    return new Feed(
        FeedSetting.of(context.context, context.loop, 1 << 20, () -> true, () -> {}),
        order,
        credit);
  }

  private Feed feed(Subscription.Builder asked) {
    return feed(asked, SubscriptionCredit.unlimited());
  }

  private List<FeedEvent> drain(Feed feed) {
    List<FeedEvent> said = new ArrayList<>();
    boolean moved = true;
    while (moved) {
      FeedEvent next = feed.next();
      if (next != null) {
        said.add(next);
      }
      moved =
          next != null || context.loop.runOne() || context.catchUp.runOne() || context.world.run();
    }
    return said;
  }

  /** Readings delivered and lost: what the subscription has, and where it ends. */
  private static void checkWhole(List<FeedEvent> said, long delivered, GapReason... gaps) {
    long readings = 0;
    long lost = 0;
    List<GapReason> reasons = new ArrayList<>();
    for (FeedEvent one : said) {
      if (one instanceof FeedEvent.Data data) {
        readings += data.readings();
      } else if (one instanceof FeedEvent.Lost gap) {
        lost += gap.readings();
        reasons.add(gap.reason());
      }
    }
    assertThat(readings).as("%s", said).isEqualTo(delivered);
    assertThat(readings + lost).isEqualTo(WANTED);
    assertThat(reasons).containsExactly(gaps);
    FeedEvent.Ended ended = (FeedEvent.Ended) said.get(said.size() - 1);
    assertThat(ended.reason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(ended.cursor().position(0).offset()).isEqualTo(WANTED);
    assertThat(ended.cursor().position(0).readingsSeen()).isEqualTo(WANTED);
  }

  @Test
  void dropping_goesOnBeforeTheEndAndNotBeforeTheHead() {
    publish(WANTED);
    Feed feed = feed(lagging(Overflow.OVERFLOW_DROP_OLDEST, NOW, 2));
    publish(BEHIND);
    checkWhole(drain(feed), 1, GapReason.GAP_REASON_DROPPED);
  }

  @Test
  void droppingWithoutMaxLag_endsAtTheEnd() {
    context = new TestServerContext(Limits.defaults(), 6_000);
    topic = context.topic("t", 1);
    publish(WANTED);
    Feed feed = feed(earliest(Overflow.OVERFLOW_DROP_OLDEST, NOW));
    publish(BEHIND);
    checkWhole(drain(feed), 0, GapReason.GAP_REASON_DROPPED);
  }

  @Test
  void whatIsStoredBehindTheEnd_isNoLag() {
    publish(WANTED);
    Feed ending = feed(lagging(Overflow.OVERFLOW_END, NOW, WANTED));
    Feed dropping = feed(lagging(Overflow.OVERFLOW_DROP_OLDEST, NOW, WANTED));
    publish(BEHIND);
    checkWhole(drain(ending), WANTED);
    checkWhole(drain(dropping), WANTED);
  }

  @Test
  void endInThePast_isFoundBeforeAnythingIsSkipped() {
    publish(WANTED);
    context.world.moveClock(1_000);
    Until until = time(context.world.nowNanos());
    publish(BEHIND);
    checkWhole(drain(feed(lagging(Overflow.OVERFLOW_END, until, WANTED))), WANTED);
    checkWhole(
        drain(feed(lagging(Overflow.OVERFLOW_DROP_OLDEST, until, 2))),
        1,
        GapReason.GAP_REASON_DROPPED);
    restart();
    checkWhole(drain(feed(lagging(Overflow.OVERFLOW_END, until, WANTED))), WANTED);
  }

  @Test
  void endInTime_isNoLagInTime() {
    publish(WANTED);
    context.world.moveClock(1_000_000);
    Until until = time(context.world.nowNanos());
    Duration lag = Duration.newBuilder().setNanos(500_000_000).build();
    Subscription.Builder asked =
        earliest(Overflow.OVERFLOW_END, until).setMaxLag(MaxLag.newBuilder().setTime(lag));
    SubscriptionCredit credit = new SubscriptionCredit(WANTED, SubscriptionCredit.UNLIMITED);
    Feed feed = feed(asked, credit);
    List<FeedEvent> said = drain(feed);
    publish(BEHIND);
    context.world.moveClock(
        3_000_000_000L); // what comes next was stored long ago, but is not wanted
    said.addAll(drain(feed));
    checkWhole(said.stream().filter(one -> !(one instanceof FeedEvent.PhaseChanged)).toList(), 4);
  }

  @Test
  void whatIsTooOldBehindTheEnd_isNoLoss() {
    publish(WANTED);
    context.world.moveClock(1_000);
    Until until = time(context.world.nowNanos());
    publish(BEHIND);
    context.world.moveClock(3_000_000_000L);
    Subscription.Builder asked = earliest(Overflow.OVERFLOW_CATCH_UP, until);
    asked.getMaxAgeBuilder().setSeconds(1);
    checkWhole(drain(feed(asked)), 0, GapReason.GAP_REASON_TOO_OLD);
  }

  @Test
  void retention_takesNothingBehindTheEnd() throws IOException {
    publish(WANTED);
    restart();
    Feed feed = feed(earliest(Overflow.OVERFLOW_CATCH_UP, NOW));
    publish(BEHIND);
    log()
        .checkpoint(
            new Checkpoint(log().epoch(), log().endOffset(), log().endReadings(), Slice.EMPTY));
    context.world.moveClock(1);
    log().retain(new PartitionLog.Retention(context.world.nowNanos(), Long.MAX_VALUE));
    checkWhole(drain(feed), 0, GapReason.GAP_REASON_RETENTION);
  }

  @Test
  void damage_losesNothingBehindTheEnd() {
    publish(WANTED);
    restart();
    Feed feed = feed(earliest(Overflow.OVERFLOW_CATCH_UP, NOW));
    publish(BEHIND);
    for (int offset = WANTED - 1; offset <= WANTED + 1; offset++) {
      log().damage(offset);
    }
    checkWhole(drain(feed), WANTED - 1, GapReason.GAP_REASON_DATA_LOSS);
  }

  private Until publishAroundAnEndInTime() {
    publish(WANTED);
    context.world.moveClock(1_000);
    Until until = time(context.world.nowNanos());
    publish(BEHIND);
    context.world.moveClock(3_000_000_000L);
    restart();
    return until;
  }

  private static List<String> gaps(List<FeedEvent> said) {
    return said.stream()
        .filter(FeedEvent.Lost.class::isInstance)
        .map(FeedEvent.Lost.class::cast)
        .map(gap -> gap.readings() + " " + gap.reason())
        .toList();
  }

  /** Nobody can tell when it was stored. */
  @Test
  void damageAtAnEndInTime_isNeitherDroppedNorTooOld() {
    Until until = publishAroundAnEndInTime();
    log().damage(WANTED);
    log().damage(WANTED + 1);
    Subscription.Builder young = earliest(Overflow.OVERFLOW_CATCH_UP, until);
    young.getMaxAgeBuilder().setSeconds(1);
    for (Subscription.Builder asked :
        List.of(lagging(Overflow.OVERFLOW_DROP_OLDEST, until, 1), young)) {
      List<FeedEvent> said = drain(feed(asked));
      String reason = asked.hasMaxAge() ? "TOO_OLD" : "DROPPED";
      assertThat(gaps(said))
          .containsExactly(WANTED + " GAP_REASON_" + reason, "2 GAP_REASON_DATA_LOSS");
      assertThat(said.get(said.size() - 1))
          .isInstanceOfSatisfying(
              FeedEvent.Ended.class,
              end -> assertThat(end.reason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED));
    }
  }

  @Test
  void whatRetentionTookAcrossAnEndInTime_isNotDropped() throws IOException {
    Until until = publishAroundAnEndInTime();
    Feed feed = feed(lagging(Overflow.OVERFLOW_DROP_OLDEST, until, 1));
    long epoch = log().records().get(0).epoch();
    log().checkpoint(new Checkpoint(epoch, log().endOffset(), log().endReadings(), Slice.EMPTY));
    log().retain(new PartitionLog.Retention(context.world.nowNanos(), Long.MAX_VALUE));
    assertThat(gaps(drain(feed))).containsExactly(log().startOffset() + " GAP_REASON_RETENTION");
  }

  @Test
  void conflatingUpToAnEnd_isRefusedWithTheField() {
    for (Until until : List.of(NOW, time(context.world.nowNanos()))) {
      Subscription asked = earliest(Overflow.OVERFLOW_CONFLATE, until).build();
      var fault = SubscriptionCheck.check(asked, Limits.defaults()).orElseThrow();
      assertThat(fault.violations())
          .extracting(Fault.Violation::field)
          .containsExactly(until.getNow() ? "until.now" : "until.time");
    }
    Subscription.Builder counted =
        earliest(Overflow.OVERFLOW_CONFLATE, Until.newBuilder().setCount(3).build());
    assertThat(SubscriptionCheck.check(counted.build(), Limits.defaults())).isEmpty();
  }
}
