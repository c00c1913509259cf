package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.config.Limits;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.StallReason;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Last values are of the moment when they may be sent, not of the one when credit ran out. */
class FeedCreditTest {
  private static final Start EARLIEST = Start.newBuilder().setEarliest(true).build();

  private final TestServerContext context = new TestServerContext(Limits.defaults());
  private final ServedTopic topic = context.topic("t", 1);
  private final SubscriptionCredit credit = new SubscriptionCredit(0, 0);

  private void publish(long from, long to) {
    for (long value = from; value <= to; value++) {
      var append =
          new PartitionRequest.Append(
              null, "", 0, 0, SampleBatches.named("s", value), result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      context.world.run();
    }
  }

  private static Subscription.Builder all() {
    Subscription.Builder all = Subscription.newBuilder().setTopic("t");
    all.getSelectorBuilder().setAll(true);
    return all;
  }

  private static Subscription.Builder lagging(Overflow overflow) {
    return all()
        .setStart(EARLIEST)
        .setOverflow(overflow)
        .setMaxLag(MaxLag.newBuilder().setReadings(2));
  }

  private Feed feed(Subscription.Builder asked) {
    FeedSpec order = SubscriptionResolver.of(context.context, asked.build(), FeedFormat.COLUMNS);
    return new Feed(
        FeedSetting.of(context.context, context.loop, 1 << 20, () -> true, () -> {}),
        order,
        credit);
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

  /** What is said once there is credit, after more was stored; the last values among it. */
  private List<Long> lastValuesAfterCredit(Subscription.Builder asked, List<FeedEvent> said)
      throws InvalidProtocolBufferException {
    publish(1, 5);
    Feed feed = feed(asked);
    assertThat(drain(feed)).isEmpty();
    assertThat(feed.stall()).isEqualTo(StallReason.STALL_REASON_NO_CREDIT);
    publish(6, 10);
    assertThat(drain(feed)).isEmpty();
    credit.grant(SubscriptionCredit.UNLIMITED, SubscriptionCredit.UNLIMITED);
    said.addAll(drain(feed));
    List<Long> values = new ArrayList<>();
    for (FeedEvent one : said) {
      if (one instanceof FeedEvent.Data data && data.cursor() == null) {
        Batch batch = Batch.parseFrom(data.parts().get(1).toBytes());
        values.addAll(batch.getColumns(0).getIntegersList());
      }
    }
    assertThat(feed.atHead()).isTrue();
    return values;
  }

  @Test
  void conflation_isOfWhenThereIsCredit() throws InvalidProtocolBufferException {
    List<FeedEvent> said = new ArrayList<>();
    assertThat(lastValuesAfterCredit(lagging(Overflow.OVERFLOW_CONFLATE), said))
        .containsExactly(10L);
    List<FeedEvent> gaps = said.stream().filter(one -> one instanceof FeedEvent.Lost).toList();
    assertThat(gaps).hasSize(1);
    FeedEvent.Lost gap = (FeedEvent.Lost) gaps.get(0);
    assertThat(gap.reason()).isEqualTo(GapReason.GAP_REASON_CONFLATED);
    assertThat(gap.readings()).isEqualTo(9);
  }

  @Test
  void snapshot_isOfWhenThereIsCredit() throws InvalidProtocolBufferException {
    assertThat(lastValuesAfterCredit(all().setSnapshot(true), new ArrayList<>()))
        .containsExactly(10L);
  }

  @Test
  void joiningAView_isWhenThereIsCredit() throws InvalidProtocolBufferException {
    assertThat(lastValuesAfterCredit(all().setMode(Mode.MODE_ON_CHANGE), new ArrayList<>()))
        .containsExactly(10L);
  }

  @Test
  void topicWithoutReadings_needsNoCreditToBeCaughtUp() {
    for (Mode mode : List.of(Mode.MODE_EVERY, Mode.MODE_ON_CHANGE)) {
      List<FeedEvent> said = drain(feed(all().setMode(mode).setSnapshot(mode == Mode.MODE_EVERY)));
      assertThat(said)
          .extracting(one -> ((FeedEvent.PhaseChanged) one).phase())
          .containsExactly(
              Phase.PHASE_SNAPSHOT_BEGIN, Phase.PHASE_SNAPSHOT_END, Phase.PHASE_CAUGHT_UP);
    }
  }

  @Test
  void feedThatEndsWhereItLags_needsNoCreditForThat() {
    publish(1, 5);
    List<FeedEvent> said = drain(feed(lagging(Overflow.OVERFLOW_END)));
    assertThat(((FeedEvent.Ended) said.get(0)).reason()).isEqualTo(EndReason.END_REASON_LAGGED);
  }

  @Test
  void feedThatDrops_needsNoCreditForThat() {
    publish(1, 5);
    List<FeedEvent> said = drain(feed(lagging(Overflow.OVERFLOW_DROP_OLDEST)));
    assertThat(((FeedEvent.Lost) said.get(0)).readings()).isEqualTo(4);
  }
}
