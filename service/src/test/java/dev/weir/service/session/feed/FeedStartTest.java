package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Durability;
import dev.weir.v1.GapReason;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Start;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where subscriptions begin, in a topic of two partitions whose first lost its beginning. */
class FeedStartTest {
  private static final Start COMMITTED = Start.newBuilder().setCommitted(true).build();
  private static final Start EARLIEST = Start.newBuilder().setEarliest(true).build();

  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);
  private final ServedTopic topic = world.topic("t", 2);
  private Cursor begin;

  /** Records of two readings: ten in partition 0, of which four are gone, and one in the other. */
  @BeforeEach
  void publishAndExpire() throws IOException {
    begin = topic.headCursor();
    for (int i = 0; i < 10; i++) {
      publish(topic, 0);
    }
    publish(topic, 1);
    expire(topic, 4);
  }

  private void publish(ServedTopic to, int partition) {
    String sensor = SampleBatches.name(0, partition, to.partitions().size());
    var payload = SampleBatches.named(sensor, 1, 2);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    world.moveClock(1);
    assertThat(to.partitions().get(partition).offer(append)).isTrue();
    world.run();
  }

  private void expire(ServedTopic of, int offset) throws IOException {
    FakeLog log = world.log(of, 0);
    log.checkpoint(new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.EMPTY));
    long time = TestTopics.START_NANOS + offset + 1; // of that record
    log.retain(new PartitionLog.Retention(time, Long.MAX_VALUE));
    assertThat(log.startOffset()).isEqualTo(offset);
  }

  private static Start after(Cursor cursor) {
    return Start.newBuilder().setAfterCursor(cursor.text()).build();
  }

  private FeedStart resolve(Start start, OnExpired onExpired) {
    return FeedStart.resolve(topic, start, onExpired, Optional.empty());
  }

  private Fault refused(Start start, OnExpired onExpired) {
    return catchThrowableOfType(FaultException.class, () -> resolve(start, onExpired)).fault();
  }

  @Test
  void expiredCursor_failsWithTheEarliestOne() {
    for (OnExpired policy : List.of(OnExpired.ON_EXPIRED_UNSPECIFIED, OnExpired.ON_EXPIRED_FAIL)) {
      Fault fault = refused(after(begin), policy);
      assertThat(fault.code()).isEqualTo(ErrorCode.CURSOR_EXPIRED);
      assertThat(fault.metadata()).containsEntry("lost_readings", "8");
      String earliest = fault.metadata().get("earliest_cursor");
      assertThat(resolve(after(Cursor.parse(earliest).orElseThrow()), policy).lost()).isEmpty();
      assertThat(earliest).isEqualTo(resolve(EARLIEST, policy).cursor().text());
    }
  }

  @Test
  void expiredCursor_goesOnAtTheEarliestReadingBehindAGap() {
    FeedStart start = resolve(after(begin), OnExpired.ON_EXPIRED_EARLIEST);
    assertThat(start.cursor()).isEqualTo(begin.with(0, topic.range(0).earliest()));
    assertThat(start.lost()).containsExactly(gap(begin, start.cursor(), 8));
  }

  @Test
  void expiredCursor_goesOnAtTheEndBehindAGapAndOnlyWhereItExpired() {
    FeedStart start = resolve(after(begin), OnExpired.ON_EXPIRED_LATEST);
    assertThat(start.cursor()).isEqualTo(begin.with(0, topic.heads().get(0)));
    assertThat(start.lost()).containsExactly(gap(begin, start.cursor(), 20));
    assertThat(start.cursor().position(1)).as("nothing is lost there").isEqualTo(begin.position(1));
  }

  private static FeedEvent.Lost gap(Cursor from, Cursor to, long readings) {
    return new FeedEvent.Lost(GapReason.GAP_REASON_CURSOR_EXPIRED, 0, from, to, readings);
  }

  @Test
  void rowsAlreadySeen_areNotLost() {
    Cursor inside = begin.with(0, new Position(begin.position(0).epoch(), 3, 6, 1));
    FeedStart start = resolve(after(inside), OnExpired.ON_EXPIRED_EARLIEST);
    assertThat(start.lost()).containsExactly(gap(inside, start.cursor(), 1));
  }

  @Test
  void positionThatIsThere_isNotTouchedByAnyPolicy() {
    Cursor there = begin.with(0, new Position(begin.position(0).epoch(), 4, 8, 1));
    for (OnExpired policy : List.of(OnExpired.ON_EXPIRED_EARLIEST, OnExpired.ON_EXPIRED_LATEST)) {
      FeedStart start = resolve(after(there), policy);
      assertThat(start.cursor()).isEqualTo(there);
      assertThat(start.lost()).isEmpty();
    }
    Cursor future = begin.with(0, new Position(begin.position(0).epoch(), 11, 22, 0));
    assertThat(refused(after(future), OnExpired.ON_EXPIRED_EARLIEST).code())
        .isEqualTo(ErrorCode.CURSOR_INVALID);
  }

  @Test
  void committedStart_goesOnBehindTheCursorOrAtTheBeginning() {
    FeedStart fresh = resolve(COMMITTED, OnExpired.ON_EXPIRED_FAIL);
    assertThat(fresh.cursor()).isEqualTo(resolve(EARLIEST, OnExpired.ON_EXPIRED_FAIL).cursor());
    assertThat(fresh.lost()).as("nothing was committed, so nothing is lost").isEmpty();
    Cursor head = topic.headCursor();
    var policy = OnExpired.ON_EXPIRED_EARLIEST;
    assertThat(FeedStart.resolve(topic, COMMITTED, policy, Optional.of(head)).cursor())
        .isEqualTo(head);
    assertThat(FeedStart.resolve(topic, COMMITTED, policy, Optional.of(begin)).lost()).hasSize(1);
  }

  @Test
  void timeBeforeTheLog_startsAtItsBeginningWithoutAGap() {
    Start.Builder start = Start.newBuilder();
    start.getFromTimeBuilder().setSeconds(1);
    FeedStart resolved = resolve(start.build(), OnExpired.ON_EXPIRED_FAIL);
    assertThat(resolved.cursor()).isEqualTo(resolve(EARLIEST, OnExpired.ON_EXPIRED_FAIL).cursor());
    assertThat(resolved.lost()).isEmpty();
  }

  @Test
  void cursorOfAnEarlierStartOfAMemoryTopic_isExpired() {
    world.topics().delete("t"); // its checkpoint is made up, and good for no restart
    world.run();
    var settings = new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, 0, Map.of());
    ServedTopic before = world.topics().create("m", settings, "");
    publish(before, 0);
    Cursor cursor = before.headCursor();
    world.restart();
    ServedTopic now = world.topics().registry().find("m");
    publish(now, 0);
    Fault fault =
        catchThrowableOfType(FaultException.class, () -> FeedStart.resolve(now, after(cursor)))
            .fault();
    assertThat(fault.code()).isEqualTo(ErrorCode.CURSOR_EXPIRED);
    var policy = OnExpired.ON_EXPIRED_EARLIEST;
    FeedStart start = FeedStart.resolve(now, after(cursor), policy, Optional.empty());
    assertThat(start.cursor().position(0)).isEqualTo(now.range(0).earliest());
    assertThat(start.lost())
        .extracting(FeedEvent.Lost::reason)
        .containsExactly(GapReason.GAP_REASON_CURSOR_EXPIRED);
  }
}
