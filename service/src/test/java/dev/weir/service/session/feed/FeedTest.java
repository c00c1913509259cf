package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterators;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.session.subscribe.TopicSensorAnnouncer;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Kind;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FeedTest {
  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 2);
  private int woken;

  private void publish(int partition, long... values) {
    publish(partition, SampleBatches.rows(SampleBatches.name(0, partition, 2), values));
  }

  private void publish(int partition, Batch batch) {
    var payload = SampleBatches.named(batch, 0);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(partition).offer(append)).isTrue();
    context.world.run();
  }

  private Feed feed(Subscription.Builder asked, FeedFormat shape, int bytesMax) {
    FeedSpec order = SubscriptionResolver.of(context.context, asked.setTopic("t").build(), shape);
    var setting =
        FeedSetting.of(context.context, context.loop, bytesMax, () -> true, () -> woken++);
    return new Feed(setting, order, SubscriptionCredit.unlimited());
  }

  private Feed everything(FeedFormat shape, int bytesMax) {
    return feed(all(earliestStart()), shape, bytesMax);
  }

  private static Start earliestStart() {
    return Start.newBuilder().setEarliest(true).build();
  }

  private static Subscription.Builder all(Start start) {
    Subscription.Builder all = Subscription.newBuilder().setStart(start);
    all.getSelectorBuilder().setAll(true);
    return all;
  }

  /** Everything it has to say, fetches included. */
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

  private static List<Integer> partitions(List<FeedEvent> said) {
    List<Integer> partitions = new ArrayList<>();
    for (FeedEvent emission : said) {
      if (emission instanceof FeedEvent.Data data) {
        partitions.add(data.partition());
      }
    }
    return partitions;
  }

  @Test
  void partitionsBehind_takeTurns() {
    for (int i = 0; i < 3; i++) {
      publish(0, i);
      publish(1, i);
    }
    for (FeedFormat shape : FeedFormat.values()) {
      Feed feed = everything(shape, 1);
      assertThat(partitions(drain(feed))).as("%s", shape).containsExactly(0, 1, 0, 1, 0, 1);
      feed.close();
    }
  }

  @Test
  void partitionWithoutASelectedName_isNotRead() {
    String name = SampleBatches.name(0, 1, 2);
    for (FeedFormat shape : FeedFormat.values()) {
      for (int i = 0; i < 3; i++) {
        publish(0, i);
        publish(1, i);
      }
      Subscription.Builder one = Subscription.newBuilder().setStart(earliestStart());
      one.getSelectorBuilder().addNames(name);
      Feed feed = feed(one, shape, 1 << 20);
      while (feed.next() != null) {
        // what is said without a fetch
      }
      assertThat(feed.cursor().position(0)).as("%s", shape).isEqualTo(topic.heads().get(0));
      assertThat(partitions(drain(feed))).as("%s", shape).containsOnly(1);
      assertThat(feed.standing().deliveredReadings()).isEqualTo(topic.heads().get(1).offset());

      publish(0, 7);
      assertThat(feed.atHead()).as("%s: nothing for it is left", shape).isTrue();
      assertThat(feed.next()).isNull();
      assertThat(context.catchUp.size()).as("%s: fetches", shape).isZero();
      assertThat(feed.cursor().position(0)).as("%s", shape).isEqualTo(topic.heads().get(0));
      feed.close();
    }
  }

  @Test
  void everythingStored_isOneDeliveryUpToTheMost() {
    for (int i = 0; i < 10; i++) {
      publish(0, i);
    }
    Feed feed = everything(FeedFormat.COLUMNS, 1 << 20);
    List<FeedEvent> said = drain(feed);
    assertThat(said).hasSize(2);
    assertThat(((FeedEvent.Data) said.get(0)).readings()).isEqualTo(10);
    assertThat(((FeedEvent.PhaseChanged) said.get(1)).phase()).isEqualTo(Phase.PHASE_CAUGHT_UP);
    assertThat(context.catchUp.size()).as("straight from the tail").isZero();
    feed.close();
  }

  @Test
  void rows_neverGoBeyondTheMostBytesButByOneReading() {
    for (int i = 0; i < 10; i++) {
      publish(0, 1, 2, 3);
    }
    int one =
        ((FeedEvent.Data) drain(everything(FeedFormat.ROWS, 1)).get(0)).parts().get(0).length();
    Feed feed = everything(FeedFormat.ROWS, one * 4);
    long readings = 0;
    for (FeedEvent emission : drain(feed)) {
      if (emission instanceof FeedEvent.Data data) {
        assertThat(data.bytes()).isLessThanOrEqualTo(one * 4L);
        readings += data.readings();
      }
    }
    assertThat(readings).isEqualTo(30);
  }

  private FeedEvent.Data text(int chars, Subscription.Builder asked, FeedFormat shape) {
    publish(0, Batch.newBuilder().addRows(text("t".repeat(chars))).build());
    Feed feed = feed(asked, shape, 1 << 10);
    List<FeedEvent> said = drain(feed);
    feed.close();
    said.removeIf(emission -> emission instanceof FeedEvent.PhaseChanged);
    assertThat(said).as("%s", shape).hasSize(1);
    if (said.get(0) instanceof FeedEvent.Lost lost) {
      assertThat(lost.reason()).isEqualTo(GapReason.GAP_REASON_TOO_LARGE);
      assertThat(lost.readings()).isEqualTo(1);
      return null;
    }
    return (FeedEvent.Data) said.get(0);
  }

  @Test
  void readingLargerThanItsMessage_isAGapAndOneLargerThanADeliveryIsNot() {
    Start latest = Start.getDefaultInstance();
    for (FeedFormat shape : List.of(FeedFormat.COLUMNS, FeedFormat.ROWS)) {
      context = new TestServerContext(Limits.defaults());
      topic = context.topic("t", 1);
      Subscription.Builder asked = all(earliestStart()).setMaxMessageBytes(16 << 10);
      assertThat(text(10_000, asked, shape).bytes()).isGreaterThan(10_000);
      Subscription.Builder snapshot = all(latest).setSnapshot(true).setMaxMessageBytes(16 << 10);
      assertThat(text(11_000, snapshot, shape).bytes()).isGreaterThan(11_000);
      assertThat(text(17_000, snapshot, shape)).as("%s", shape).isNull();
    }
  }

  @Test
  void waitingFeed_isWokenByACommitAndOnlyWhileItLives() {
    Feed feed = everything(FeedFormat.COLUMNS, 1_000);
    drain(feed);
    assertThat(woken).isZero();
    publish(1, 1);
    context.loop.runOne();
    assertThat(woken).isEqualTo(1);
    assertThat(drain(feed)).hasSize(1);
    feed.close();
    long posts = context.loop.posts();
    publish(1, 2);
    publish(0, 2);
    context.run();
    assertThat(woken).isEqualTo(1);
    assertThat(context.loop.posts() - posts).as("a wake-up too many at most").isLessThan(3);
  }

  @Test
  void rareSensor_isDeliveredBeforeTheWholeLogIsSearched() {
    String other = SampleBatches.name(1, 0, 2);
    publish(0, 1);
    Reading.Builder text = Reading.newBuilder().setSensor(other).setText("t".repeat(900_000));
    for (int i = 0; i < 20; i++) {
      publish(0, Batch.newBuilder().addRows(text).build());
    }
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    Subscription.Builder rare = all(earliestStart());
    rare.getSelectorBuilder().setAll(false).addNames(SampleBatches.name(0, 0, 2));
    Feed feed = feed(rare, FeedFormat.ROWS, 1 << 18);
    assertThat(feed.next()).isNull();
    int fetches = 0;
    FeedEvent said = null;
    while (said == null) {
      fetches++;
      assertThat(context.catchUp.runOne()).isTrue();
      context.loop.runOne();
      said = feed.next();
    }
    assertThat(fetches).isEqualTo(1);
    FeedEvent.Data data = (FeedEvent.Data) said;
    assertThat(data.readings()).isEqualTo(1);
    assertThat(data.cursor().position(0).offset()).as("not everything was read").isLessThan(10);
    drain(feed);
    assertThat(feed.atHead()).isTrue();
    feed.close();
    assertThat(context.openReaders(topic)).isZero();
  }

  @Test
  void feedClosedWhileItFetches_leavesNoReaderOpen() {
    publish(0, 1);
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);

    Feed fetching = everything(FeedFormat.ROWS, 1);
    assertThat(fetching.next()).isNull();
    assertThat(context.catchUp.runOne()).isTrue();
    fetching.close();
    context.run();
    assertThat(context.openReaders(topic)).isZero();

    publish(0, 2);
    Feed retrying = everything(FeedFormat.ROWS, 1);
    assertThat(drain(retrying)).isNotEmpty();
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    Feed refused = everything(FeedFormat.ROWS, 1);
    assertThat(refused.next()).isNull();
    context.catchUp.runOne();
    context.loop.runOne();
    assertThat(refused.next()).isInstanceOf(FeedEvent.Data.class);
    assertThat(context.openReaders(topic)).as("its place in the log").isEqualTo(1);
    context.catchUp.refuse(true);
    assertThat(refused.next()).isNull();
    refused.close();
    int wokenBefore = woken;
    context.loop.advanceToTimer();
    context.run();
    context.catchUp.refuse(false);
    context.loop.advanceToTimer();
    context.run();
    assertThat(context.openReaders(topic)).isZero();
    assertThat(woken).as("nobody is there").isEqualTo(wokenBefore);
  }

  @Test
  void cursorPastItsEpoch_isAGapThatIsToldBeforeAnythingElse() {
    publish(0, 1, 2, 3);
    Position head = topic.heads().get(0);
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    publish(0, 4);
    Cursor seenMore =
        Cursor.of(
            topic.info().logId(),
            List.of(
                new Position(head.epoch(), head.offset() + 2, head.readingsBefore() + 5, 0),
                topic.heads().get(1)));
    Start start = Start.newBuilder().setAfterCursor(seenMore.text()).build();
    FeedStart resolved = FeedStart.resolve(topic, start);
    assertThat(resolved.lost()).hasSize(1);

    Feed untold = feed(all(start), FeedFormat.COLUMNS, 1_000);
    assertThat(untold.cursor()).as("not behind a gap that was not told").isEqualTo(seenMore);
    untold.askProgress();
    FeedEvent.Ended ended = untold.end(EndReason.END_REASON_REMOVED, Optional.empty());
    assertThat(ended.cursor()).isEqualTo(seenMore);

    Feed feed = feed(all(start), FeedFormat.COLUMNS, 1_000);
    List<FeedEvent> said = drain(feed);
    FeedEvent.Lost lost = (FeedEvent.Lost) said.get(0);
    assertThat(lost.reason()).isEqualTo(GapReason.GAP_REASON_UNSYNCED_LOST);
    assertThat(lost.readings()).isEqualTo(5);
    assertThat(lost.from()).isEqualTo(seenMore);
    assertThat(((FeedEvent.Data) said.get(1)).readings()).isEqualTo(1);
    feed.close();
  }

  @Test
  void startInTheMiddleOfDamage_countsWhatIsLostFromThere() {
    for (int i = 0; i < 6; i++) {
      publish(0, i, i);
    }
    List<Cursor> cursors = new ArrayList<>();
    for (FeedEvent emission : drain(everything(FeedFormat.COLUMNS, 1))) {
      if (emission instanceof FeedEvent.Data data) {
        cursors.add(data.cursor());
      }
    }
    for (long offset = 1; offset <= 4; offset++) {
      context.world.log(topic, 0).damage(offset);
    }
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    Start inside = Start.newBuilder().setAfterCursor(cursors.get(2).text()).build();
    Feed feed = feed(all(inside), FeedFormat.ROWS, 1_000);
    FeedEvent.Lost lost = (FeedEvent.Lost) drain(feed).get(0);
    assertThat(lost.readings()).as("records 3 and 4").isEqualTo(4);
    assertThat(lost.to().position(0).readingsBefore()).isEqualTo(10);
    feed.close();
  }

  @Test
  void startAtATime_isTheFirstRecordStoredThen() {
    long start = context.world.nowNanos();
    for (int i = 0; i < 4; i++) {
      publish(0, i);
      context.world.moveClock(1_000);
    }
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    assertThat(fromTime(start).cursor().position(0).offset()).isZero();
    assertThat(fromTime(start + 1_000).cursor().position(0).offset()).as("inclusive").isEqualTo(1);
    assertThat(fromTime(start + 1_001).cursor().position(0).offset()).isEqualTo(2);
    assertThat(fromTime(start + 9_000).cursor()).isEqualTo(topic.headCursor());
    context.world.log(topic, 0).damage(2);
    assertThat(fromTime(start + 2_000).cursor().position(0).readingsBefore()).isEqualTo(2);
  }

  private FeedStart fromTime(long nanos) {
    Start.Builder start = Start.newBuilder();
    start
        .getFromTimeBuilder()
        .setSeconds(nanos / 1_000_000_000)
        .setNanos((int) (nanos % 1_000_000_000));
    return FeedStart.resolve(topic, start.build());
  }

  @Test
  void sensorsLostToDamage_areNamedByTheirIdAndAnnouncedNever() {
    String sensor = SampleBatches.name(0, 0, 2);
    publish(0, 1);
    publish(0, 2);
    context.world.log(topic, 0).damage(0);
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    publish(0, SampleBatches.rows(sensor, 3));
    assertThat(topic.sensors().byName(sensor).id()).as("not that of the lost one").isEqualTo(2);
    TopicSensorAnnouncer announcer =
        new TopicSensorAnnouncer(topic, 0, new Budget("session_budget_bytes", 1 << 20));
    int told = 0;
    for (FeedEvent emission : drain(everything(FeedFormat.COLUMNS, 1))) {
      if (emission instanceof FeedEvent.Data data) {
        told += Iterators.size(announcer.before(0, data.sensors()));
      }
    }
    assertThat(told).as("the new one").isEqualTo(1);
    assertThat(topic.sensors().byId(0)).isNull();
    publish(0, Batch.newBuilder().addRows(text("other")).build());
    assertThat(topic.sensors().byName("s-other").kind()).isEqualTo(Kind.KIND_TEXT_VALUE);
  }

  @Test
  void sensorsLostToDamage_areAmongAllInEveryFormAndMode() {
    publish(0, 1);
    publish(0, 2);
    context.world.log(topic, 0).damage(0);
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 2);
    for (FeedFormat shape : List.of(FeedFormat.COLUMNS, FeedFormat.ROWS)) {
      Subscription.Builder times = all(earliestStart());
      times.getEventTimeBuilder().getFromBuilder().setSeconds(-10);
      assertThat(readings(drain(feed(times, shape, 1_000)))).as("%s", shape).isEqualTo(1);
      Subscription.Builder snapshot = all(Start.getDefaultInstance()).setSnapshot(true);
      assertThat(readings(drain(feed(snapshot, shape, 1_000)))).as("%s", shape).isEqualTo(1);
      Subscription.Builder changes = all(earliestStart()).setMode(Mode.MODE_ON_CHANGE);
      assertThat(readings(drain(feed(changes, shape, 1_000)))).as("%s", shape).isEqualTo(2);
    }
  }

  private static long readings(List<FeedEvent> said) {
    return said.stream()
        .mapToLong(one -> one instanceof FeedEvent.Data data ? data.readings() : 0)
        .sum();
  }

  private static Reading.Builder text(String value) {
    return Reading.newBuilder().setSensor("s-other").setText(value);
  }
}
