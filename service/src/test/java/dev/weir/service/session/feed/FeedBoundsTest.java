package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.weir.service.config.Limits;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.session.subscribe.SubscriptionCheck;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.EndReason;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.Subscription;
import dev.weir.v1.Until;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ends, snapshots and views of a feed where they meet their bounds. */
class FeedBoundsTest {
  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 1);
  private boolean runnable;

  private void publish(Batch batch) {
    var payload = SampleBatches.named(batch, 0);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
    context.world.run();
  }

  private void publish(long value) {
    publish(SampleBatches.rows("s", value));
  }

  private void publishText(int length) {
    Reading.Builder row = Reading.newBuilder().setSensor("text").setText("t".repeat(length));
    publish(Batch.newBuilder().addRows(row).build());
  }

  private Feed feed(Subscription.Builder asked, FeedFormat shape) {
    FeedSpec order = SubscriptionResolver.of(context.context, asked.setTopic("t").build(), shape);
    var setting =
        FeedSetting.of(context.context, context.loop, 1 << 20, () -> true, () -> runnable = true);
    runnable = true;
    return new Feed(setting, order, SubscriptionCredit.unlimited());
  }

  private static Subscription.Builder all() {
    Subscription.Builder all = Subscription.newBuilder();
    all.getSelectorBuilder().setAll(true);
    return all;
  }

  private List<FeedEvent> drain(Feed feed) {
    List<FeedEvent> said = new ArrayList<>();
    boolean moved = true;
    while (moved) {
      FeedEvent next = null;
      if (runnable) {
        next = feed.next();
        runnable = next != null;
      }
      if (next != null) {
        said.add(next);
      }
      moved =
          next != null || context.loop.runOne() || context.catchUp.runOne() || context.world.run();
    }
    return said;
  }

  private static long readings(List<FeedEvent> said) {
    return said.stream()
        .mapToLong(one -> one instanceof FeedEvent.Data data ? data.readings() : 0)
        .sum();
  }

  private static boolean ended(List<FeedEvent> said) {
    return said.stream()
        .anyMatch(
            one ->
                one instanceof FeedEvent.Ended end
                    && end.reason() == EndReason.END_REASON_UNTIL_REACHED);
  }

  @Test
  void endLongAgo_endsAtOnce() {
    Timestamp longAgo = Timestamp.newBuilder().setSeconds(-9_000_000_000L).build();
    Feed feed = feed(all().setUntil(Until.newBuilder().setTime(longAgo)), FeedFormat.COLUMNS);
    List<FeedEvent> said = drain(feed);
    context.loop.advance(1);
    context.world.moveClock(1);
    said.addAll(drain(feed));
    assertThat(ended(said)).isTrue();
  }

  @Test
  void clockThatGoesBack_doesNotBringTheEndForward() {
    long until = context.world.nowNanos() + 1_000;
    Feed feed =
        feed(
            all().setUntil(Until.newBuilder().setTime(Timestamps.fromNanos(until))),
            FeedFormat.COLUMNS);
    drain(feed);
    context.world.moveClock(-5_000);
    context.loop.advance(1_000);
    List<FeedEvent> said = new ArrayList<>(drain(feed));
    publish(1); // stored before the end, by the server's clock
    said.addAll(drain(feed));
    assertThat(readings(said)).isEqualTo(1);
    assertThat(ended(said)).isFalse();
    context.world.moveClock(6_000);
    context.loop.advance(6_000);
    assertThat(ended(drain(feed))).isTrue();
    feed.close();
  }

  @Test
  void earliestTimeOf64BitsOfNanoseconds_isWhereAFeedCanStart() {
    publish(1);
    Timestamp earliest =
        Timestamp.newBuilder().setSeconds(-9_223_372_037L).setNanos(145_224_192).build();
    Subscription.Builder asked = all().setTopic("t");
    asked.getStartBuilder().setFromTime(earliest);
    assertThat(SubscriptionCheck.check(asked.build(), Limits.defaults())).isEmpty();
    assertThat(readings(drain(feed(asked, FeedFormat.COLUMNS)))).isEqualTo(1);
  }

  @Test
  void timesFarOutOfRange_areRefused() {
    Timestamp never = Timestamp.newBuilder().setSeconds(Long.MIN_VALUE).build();
    Subscription.Builder asked = all().setTopic("t");
    asked.getStartBuilder().setFromTime(never);
    assertThat(SubscriptionCheck.check(asked.build(), Limits.defaults())).isPresent();
    Duration wrong = Duration.newBuilder().setSeconds(Long.MIN_VALUE).build();
    asked = all().setTopic("t").setProgressInterval(wrong);
    assertThat(SubscriptionCheck.check(asked.build(), Limits.defaults())).isPresent();
    wrong = Duration.newBuilder().setNanos(Integer.MIN_VALUE).build();
    asked = all().setTopic("t").setProgressInterval(wrong);
    assertThat(SubscriptionCheck.check(asked.build(), Limits.defaults())).isPresent();
  }

  @Test
  void reducedModeUntilNow_beginsWithASnapshotToo() {
    publish(1);
    Feed feed =
        feed(
            all().setMode(Mode.MODE_ON_CHANGE).setUntil(Until.newBuilder().setNow(true)),
            FeedFormat.COLUMNS);
    List<FeedEvent> said = drain(feed);
    assertThat(readings(said)).isEqualTo(1);
    assertThat(ended(said)).isTrue();
  }

  @Test
  void viewGivenBackWhileItOpens_givesBackItsValues() {
    publishText(1_000);
    Feed feed = feed(all().setMode(Mode.MODE_ON_CHANGE), FeedFormat.COLUMNS);
    assertThat(feed.next()).isNull();
    assertThat(context.world.views.runOne()).isTrue();
    feed.close();
    context.run();
    assertThat(context.views.size()).isZero();
    assertThat(context.viewValues.used()).isZero();
  }

  @Test
  void snapshot_isNotLargerThanAskedFor() {
    publish(1);
    publishText(30_000);
    for (FeedFormat shape : List.of(FeedFormat.COLUMNS, FeedFormat.ROWS)) {
      Feed feed = feed(all().setSnapshot(true).setMaxMessageBytes(16 << 10), shape);
      List<FeedEvent> said = drain(feed);
      long lost = 0;
      for (FeedEvent one : said) {
        if (one instanceof FeedEvent.Data data) {
          assertThat(data.bytes()).isLessThan(16 << 10);
        } else if (one instanceof FeedEvent.Lost gap) {
          lost += gap.readings();
        }
      }
      assertThat(readings(said)).as("%s", shape).isEqualTo(1);
      assertThat(lost).isEqualTo(1);
      assertThat(phases(said)).endsWith(Phase.PHASE_SNAPSHOT_END, Phase.PHASE_CAUGHT_UP);
      feed.close();
    }
  }

  private static List<Phase> phases(List<FeedEvent> said) {
    List<Phase> phases = new ArrayList<>();
    for (FeedEvent one : said) {
      if (one instanceof FeedEvent.PhaseChanged changed) {
        phases.add(changed.phase());
      }
    }
    return phases;
  }
}
