package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Overflow;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A feed that ends where it lags, has no credit, and must look at the log to know its lag. */
class FeedLagTest {
  private static final int MAX_LAG_SECONDS = 60;

  private final TestServerContext context = new TestServerContext(Limits.defaults(), 0);
  private final ServedTopic topic = context.topic("t", 1);
  private final SubscriptionCredit credit = new SubscriptionCredit(0, 0);
  private boolean runnable = true;

  private Feed feed() {
    return feed("t", Selector.newBuilder().setAll(true).build());
  }

  private Feed feed(String of, Selector selector) {
    Subscription.Builder asked =
        Subscription.newBuilder().setTopic(of).setOverflow(Overflow.OVERFLOW_END);
    asked.setSelector(selector);
    asked.getMaxLagBuilder().setTime(Duration.newBuilder().setSeconds(MAX_LAG_SECONDS));
    var setting =
        FeedSetting.of(context.context, context.loop, 1 << 20, () -> true, () -> runnable = true);
    return new Feed(
        setting,
        SubscriptionResolver.of(context.context, asked.build(), FeedFormat.COLUMNS),
        credit);
  }

  private void publish(long value) {
    publish(topic, 0, "s", value);
  }

  private void publish(ServedTopic to, int partition, String sensor, long value) {
    var append =
        new PartitionRequest.Append(
            null, "", 0, 0, SampleBatches.named(sensor, value), result -> {});
    assertThat(to.partitions().get(partition).offer(append)).isTrue();
    context.world.run();
  }

  private void moveClock(int seconds) {
    context.world.moveClock(seconds * 1_000_000_000L);
    context.loop.advance(seconds * 1_000_000_000L);
  }

  /** Retention takes everything but the newest record. */
  private void expire() throws IOException {
    FakeLog log = context.world.log(topic, 0);
    log.checkpoint(new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.EMPTY));
    log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
  }

  private List<FeedEvent> drain(Feed feed) {
    List<FeedEvent> said = new ArrayList<>();
    boolean moved = true;
    while (moved) {
      FeedEvent next = runnable ? feed.next() : null;
      runnable = next != null;
      if (next != null) {
        said.add(next);
      }
      moved =
          next != null || context.loop.runOne() || context.catchUp.runOne() || context.world.run();
    }
    return said;
  }

  @Test
  void nextReadingOlderThanAllowed_endsTheFeed() {
    Feed feed = feed();
    drain(feed);
    publish(1);
    moveClock(MAX_LAG_SECONDS - 1);
    assertThat(drain(feed)).isEmpty();
    publish(2);
    moveClock(2);
    assertThat(drain(feed))
        .singleElement()
        .isInstanceOfSatisfying(
            FeedEvent.Ended.class,
            ended -> assertThat(ended.reason()).isEqualTo(EndReason.END_REASON_LAGGED));
  }

  @Test
  void partitionThatIsSkipped_doesNotHideThatAnotherLags() {
    ServedTopic two = context.topic("two", 2);
    String name = SampleBatches.name(0, 1, 2);
    Feed feed = feed("two", Selector.newBuilder().addNames(name).build());
    drain(feed);
    publish(two, 1, name, 1);
    List<FeedEvent> said = new ArrayList<>();
    for (int second = 0; second < MAX_LAG_SECONDS + 3; second++) {
      publish(two, 0, SampleBatches.name(0, 0, 2), second);
      moveClock(1);
      said.addAll(drain(feed));
    }
    assertThat(said).singleElement().isInstanceOf(FeedEvent.Ended.class);
  }

  @Test
  void retentionOfYoungReadings_isAGapAndNoLag() throws IOException {
    Feed feed = feed();
    drain(feed);
    publish(1);
    publish(2);
    publish(3);
    expire();
    moveClock(2);
    assertThat(drain(feed)).as("nothing left is older than allowed").isEmpty();
    credit.grant(SubscriptionCredit.UNLIMITED, SubscriptionCredit.UNLIMITED);
    runnable = true;
    List<FeedEvent> said = drain(feed);
    said.removeIf(one -> one instanceof FeedEvent.PhaseChanged);
    assertThat(said.get(0))
        .isInstanceOfSatisfying(
            FeedEvent.Lost.class,
            lost -> {
              assertThat(lost.reason()).isEqualTo(GapReason.GAP_REASON_RETENTION);
              assertThat(lost.readings()).isEqualTo(2);
            });
    assertThat(said.get(1)).isInstanceOf(FeedEvent.Data.class);
    feed.close();
  }

  @Test
  void feedThatMovesOnWhileItsLagIsLookedUp_goesOn() {
    credit.grant(SubscriptionCredit.UNLIMITED, SubscriptionCredit.UNLIMITED);
    Feed feed = feed();
    drain(feed);
    publish(1);
    assertThat(feed.next()).isInstanceOf(FeedEvent.PhaseChanged.class);
    assertThat(feed.next()).as("it fetches").isNull();
    assertThat(context.catchUp.runOne()).isTrue();
    assertThat(context.loop.runOne()).as("what it fetched waits for the peer").isTrue();
    moveClock(MAX_LAG_SECONDS + 1);
    while (context.catchUp.size() == 0) {
      assertThat(context.loop.runOne()).as("its lag is looked up").isTrue();
    }
    assertThat(feed.next()).as("the peer reads on").isInstanceOf(FeedEvent.Data.class);
    runnable = true;
    assertThat(drain(feed)).noneMatch(one -> one instanceof FeedEvent.Ended);
    publish(2);
    assertThat(drain(feed)).anyMatch(one -> one instanceof FeedEvent.Data);
    feed.close();
  }

  @Test
  void retentionWhereWhatIsLeftIsTooOld_endsTheFeed() throws IOException {
    Feed feed = feed();
    drain(feed);
    publish(1);
    publish(2);
    expire();
    moveClock(MAX_LAG_SECONDS + 1);
    assertThat(drain(feed)).singleElement().isInstanceOf(FeedEvent.Ended.class);
  }
}
