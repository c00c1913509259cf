package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Durability;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.MaxLag;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What feeds keep in memory and open in the log, and what leaves memory before they read it. */
class FeedMemoryTest {
  private static final Selector ALL = Selector.newBuilder().setAll(true).build();
  private static final Selector S = Selector.newBuilder().addNames("s").build();

  /** More than feeds wait before they close what they do not go on reading. */
  private static final long IDLE_NANOS = 10_000_000_000L;

  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 1);

  private void publish(ServedTopic to, long... values) {
    var payload = SampleBatches.named("s", values);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(to.partitions().get(0).offer(append)).isTrue();
    context.world.run();
  }

  private void publish(int records) {
    for (int i = 0; i < records; i++) {
      publish(topic, i);
    }
  }

  private void restart() {
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 1);
  }

  private static Subscription.Builder earliest(Selector selector) {
    return Subscription.newBuilder()
        .setSelector(selector)
        .setStart(Start.newBuilder().setEarliest(true));
  }

  private Feed feed(
      String topicName,
      Subscription.Builder asked,
      FeedFormat shape,
      int bytesMax,
      SubscriptionCredit credit) {
    FeedSpec order =
        SubscriptionResolver.of(context.context, asked.setTopic(topicName).build(), shape);
    return new Feed(
        FeedSetting.of(context.context, context.loop, bytesMax, () -> true, () -> {}),
        order,
        credit);
  }

  private Feed feed(Subscription.Builder asked, FeedFormat shape) {
    return feed("t", asked, shape, 1 << 20, SubscriptionCredit.unlimited());
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

  private static long readings(List<FeedEvent> said) {
    return said.stream()
        .mapToLong(one -> one instanceof FeedEvent.Data data ? data.readings() : 0)
        .sum();
  }

  private static boolean lost(List<FeedEvent> said) {
    return said.stream().anyMatch(one -> one instanceof FeedEvent.Lost);
  }

  // ---- files

  @Test
  void feedThatCaughtUpFromTheLog_keepsNoFileOpen() {
    publish(5);
    for (Selector selector : List.of(ALL, S)) {
      for (FeedFormat shape : List.of(FeedFormat.COLUMNS, FeedFormat.ROWS)) {
        for (int bytesMax : new int[] {1, 1 << 20}) {
          restart();
          Feed feed =
              feed("t", earliest(selector), shape, bytesMax, SubscriptionCredit.unlimited());
          assertThat(readings(drain(feed))).isEqualTo(5);
          assertThat(feed.atHead()).isTrue();
          assertThat(context.openReaders(topic)).as("%s %s", selector, shape).isZero();
          feed.close();
          context.run();
        }
      }
    }
  }

  @Test
  void feedThatGoesOnFromTheTail_keepsNoFileOpen() {
    publish(3);
    restart();
    Feed feed = feed("t", earliest(ALL), FeedFormat.COLUMNS, 1, SubscriptionCredit.unlimited());
    assertThat(feed.next()).isNull();
    publish(3); // these are in the tail, and the fetch ends before them
    assertThat(readings(drain(feed))).isEqualTo(6);
    assertThat(context.openReaders(topic)).isZero();
  }

  @Test
  void feedWithoutCredit_closesItsFileAndGoesOnWhereItWas() {
    publish(5);
    restart();
    SubscriptionCredit credit = new SubscriptionCredit(2, SubscriptionCredit.UNLIMITED);
    Feed feed = feed("t", earliest(ALL), FeedFormat.COLUMNS, 1, credit);
    assertThat(readings(drain(feed))).isEqualTo(2);
    closesItsFile();
    credit.grant(5, SubscriptionCredit.UNLIMITED);
    assertThat(readings(drain(feed))).isEqualTo(3);
    assertThat(context.openReaders(topic)).isZero();
  }

  @Test
  void feedWhosePeerDoesNotRead_closesItsFile() {
    publish(5);
    restart();
    Feed feed = feed("t", earliest(S), FeedFormat.ROWS, 1, SubscriptionCredit.unlimited());
    assertThat(feed.next()).isNull();
    context.catchUp.runOne();
    context.loop.runOne();
    closesItsFile();
    assertThat(readings(drain(feed))).isEqualTo(5);
  }

  private void closesItsFile() {
    assertThat(context.openReaders(topic)).as("its place in the log").isEqualTo(1);
    context.loop.advance(IDLE_NANOS);
    context.run();
    context.loop.advance(IDLE_NANOS);
    context.run();
    assertThat(context.openReaders(topic)).isZero();
    assertThat(context.loop.timers()).as("nothing more to close").isZero();
  }

  @Test
  void placeOfAFeedThatEnds_isGivenUpAtOnce() {
    publish(5);
    restart();
    Feed feed = feed("t", earliest(ALL), FeedFormat.COLUMNS, 1, SubscriptionCredit.unlimited());
    assertThat(feed.next()).isNull();
    context.catchUp.runOne();
    context.loop.runOne();
    assertThat(context.openReaders(topic)).isEqualTo(1);
    feed.close();
    assertThat(context.openReaders(topic)).isZero();
    assertThat(context.catchUp.size()).isZero();
  }

  // ---- memory

  private static Subscription.Builder dropping(Selector selector) {
    return earliest(selector).setOverflow(Overflow.OVERFLOW_DROP_OLDEST);
  }

  @Test
  void tailsThatAreReadInAnyWay_areEvictedAlike() {
    for (String small : List.of("a", "z")) { // created before the other one, and after it
      for (Selector selector : List.of(ALL, S)) {
        for (FeedFormat shape : List.of(FeedFormat.COLUMNS, FeedFormat.ROWS)) {
          context = new TestServerContext(Limits.defaults(), 6_000);
          context.topic(small.equals("a") ? small : "t", 1);
          topic = context.topic("t", 1);
          ServedTopic read = context.topic(small, 1);
          Feed large = feed(earliest(ALL), FeedFormat.COLUMNS);
          Feed feed =
              feed(small, dropping(selector), shape, 1 << 20, SubscriptionCredit.unlimited());
          drain(large);
          drain(feed);
          for (int round = 0; round < 20; round++) {
            publish(read, round);
            publish(topic, new long[1_000]);
            publish(topic, new long[6_100]);
            drain(large);
            List<FeedEvent> said = drain(feed);
            String when = selector + " " + shape + " " + small + " round " + round;
            assertThat(lost(said)).as(when).isFalse();
            assertThat(readings(said)).as(when).isEqualTo(1);
          }
        }
      }
    }
  }

  @Test
  void tailWhoseReaderWaitedForLong_isNotEvictedBeforeItIsRead() {
    context = new TestServerContext(Limits.defaults(), 6_000);
    ServedTopic read = context.topic("a", 1);
    topic = context.topic("t", 1);
    Feed large = feed(earliest(ALL), FeedFormat.COLUMNS);
    Feed feed =
        feed("a", dropping(ALL), FeedFormat.COLUMNS, 1 << 20, SubscriptionCredit.unlimited());
    drain(feed);
    for (int round = 0; round < 10; round++) {
      publish(topic, new long[3_000]);
      drain(large);
    }
    publish(read, 1);
    publish(topic, new long[3_000]);
    publish(topic, new long[3_000]);
    List<FeedEvent> said = drain(feed);
    assertThat(lost(said)).isFalse();
    assertThat(readings(said)).isEqualTo(1);
  }

  @Test
  void feedThatCatchesUp_isNotSaidToFallBehindWhereAnotherTopicIsBusy() {
    context = new TestServerContext(Limits.defaults(), 6_000);
    ServedTopic read = context.topic("a", 1);
    topic = context.topic("t", 1);
    Feed large = feed(earliest(ALL), FeedFormat.COLUMNS);
    Feed feed = feed("a", earliest(ALL), FeedFormat.ROWS, 1 << 20, SubscriptionCredit.unlimited());
    List<FeedEvent> said = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      publish(read, round);
      publish(topic, new long[6_100]);
      drain(large);
      said.addAll(drain(feed));
    }
    said.removeIf(one -> one instanceof FeedEvent.Data);
    assertThat(said).hasSize(1);
    assertThat(((FeedEvent.PhaseChanged) said.get(0)).phase()).isEqualTo(Phase.PHASE_CAUGHT_UP);
  }

  @Test
  void recordThatItsViewStillHas_hasNotLeftMemory() {
    context = new TestServerContext(Limits.defaults(), 6_000);
    topic = context.topic("t", 1);
    Feed feed = feed(dropping(S), FeedFormat.COLUMNS);
    drain(feed);
    publish(topic, 1);
    assertThat(feed.next()).as("the view is asked").isNull();
    context.world.run();
    topic.partitions().get(0).tail().evictHalf();
    assertThat(topic.partitions().get(0).tail().get(0)).isNull();
    List<FeedEvent> said = drain(feed);
    assertThat(lost(said)).isFalse();
    assertThat(readings(said)).isEqualTo(1);
  }

  // ---- topics in memory

  private void inMemory() {
    var settings = new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, 3_000, Map.of());
    topic = context.world.topics().create("m", settings, "");
  }

  /** Retention takes readings of "a" before they become last values. */
  private void storeTooMuch() {
    store("a", 1, 2);
    for (int i = 0; i < 20; i++) {
      store("b", i);
    }
  }

  /** Stores a record, and leaves the last values behind. */
  private void store(String sensor, long... values) {
    var payload = SampleBatches.named(sensor, values);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
    boolean more = true;
    while (more) {
      more = context.world.writer.runOne();
    }
  }

  private static List<FeedEvent.Lost> gaps(List<FeedEvent> said) {
    return said.stream()
        .filter(one -> one instanceof FeedEvent.Lost)
        .map(one -> (FeedEvent.Lost) one)
        .toList();
  }

  @Test
  void lastValuesThatRetentionTook_areToldInEverySnapshot() {
    inMemory();
    storeTooMuch();
    Subscription.Builder asked = Subscription.newBuilder().setSelector(ALL);
    for (Mode mode : List.of(Mode.MODE_EVERY, Mode.MODE_ON_CHANGE)) {
      asked.setMode(mode).setSnapshot(mode == Mode.MODE_EVERY);
      List<FeedEvent> said =
          drain(feed("m", asked, FeedFormat.ROWS, 1 << 20, SubscriptionCredit.unlimited()));
      assertThat(readings(said)).as("b alone").isEqualTo(1);
      assertThat(gaps(said)).hasSize(1);
      FeedEvent.Lost gap = gaps(said).get(0);
      assertThat(gap.reason()).isEqualTo(GapReason.GAP_REASON_RETENTION);
      assertThat(gap.from()).as("it stands for last values").isNull();
      assertThat(gap.readings()).isBetween(2L, 21L);
      assertThat(gap.exact()).isFalse();
      assertThat(said.indexOf(gap)).as("before the snapshot's end").isEqualTo(said.size() - 3);
    }
  }

  @Test
  void conflationThatRetentionOvertook_isARetentionGap() {
    inMemory();
    var asked =
        earliest(ALL)
            .setOverflow(Overflow.OVERFLOW_CONFLATE)
            .setMaxLag(MaxLag.newBuilder().setReadings(5));
    Feed feed = feed("m", asked, FeedFormat.COLUMNS, 1 << 20, SubscriptionCredit.unlimited());
    storeTooMuch();
    List<FeedEvent> said = drain(feed);
    assertThat(readings(said)).as("b alone").isEqualTo(1);
    assertThat(gaps(said)).hasSize(1);
    assertThat(gaps(said).get(0).reason()).isEqualTo(GapReason.GAP_REASON_RETENTION);
    assertThat(gaps(said).get(0).readings()).as("all that was not sent").isEqualTo(21);
    for (int i = 0; i < 20; i++) {
      publish(topic, i);
    }
    said = drain(feed);
    assertThat(gaps(said)).hasSize(1);
    assertThat(gaps(said).get(0).reason())
        .as("nothing was missed since")
        .isEqualTo(GapReason.GAP_REASON_CONFLATED);
  }

  // ---- starting again

  @Test
  void whatAnEarlierProcessStored_countsAsInMemoryAsFarAsItWouldFit() {
    int fits = 16;
    context = new TestServerContext(Limits.defaults().with(Limit.TAIL_RECORDS_MAX, fits));
    topic = context.topic("t", 1);
    publish(fits);
    restart();
    assertThat(readings(drain(feed(dropping(ALL), FeedFormat.COLUMNS)))).isEqualTo(fits);
    var ending = earliest(ALL).setOverflow(Overflow.OVERFLOW_END);
    assertThat(readings(drain(feed(ending, FeedFormat.ROWS)))).isEqualTo(fits);
    publish(1);
    List<FeedEvent> said = drain(feed(dropping(ALL), FeedFormat.COLUMNS));
    assertThat(lost(said)).as("one more than memory would hold").isTrue();
    said = drain(feed(ending, FeedFormat.ROWS));
    assertThat(((FeedEvent.Ended) said.get(0)).reason()).isEqualTo(EndReason.END_REASON_LAGGED);
  }
}
