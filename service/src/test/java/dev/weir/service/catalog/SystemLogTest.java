package dev.weir.service.catalog;

import static dev.weir.service.catalog.SystemLogFixture.cursor;
import static dev.weir.service.catalog.SystemLogFixture.topic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.partition.FakeLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SystemLogTest {
  private final SystemLogFixture world = new SystemLogFixture();
  private final List<Optional<Fault>> answers = new ArrayList<>();

  private TopicStore topics() {
    return world.system.topics();
  }

  private void append(SystemEvent event) {
    world.system.append(event, answers::add);
  }

  private List<ErrorCode> codes() {
    return answers.stream().map(answer -> answer.map(Fault::code).orElse(null)).toList();
  }

  @Test
  void topics_surviveByRecordsAndByCheckpoints() throws IOException {
    topics().store(topic("b"));
    topics().store(topic("a"));
    world.nowNanos = 5; // the clock went back
    topics().store(topic("c"));
    assertThat(world.log.records()).extracting(LogRecord::appendTimeNanos).containsOnly(1_000L);
    assertThat(world.log.records()).extracting(LogRecord::type).containsOnly(RecordType.SYSTEM);
    world.start();
    assertThat(topics().all()).containsExactly(topic("a"), topic("b"), topic("c"));
    world.stop();
    world.start();
    TopicInfo changed = topic("a").updated(TopicSettings.synced(2, Map.of()), 77);
    topics().store(changed);
    world.start();
    assertThat(world.log.checkpoint()).isPresent();
    assertThat(topics().all()).containsExactly(changed, topic("b"), topic("c"));
    assertThat(topics().find("d")).isNull();
  }

  @Test
  void emptyLog_closesWithoutACheckpoint() throws IOException {
    world.stop();
    assertThat(world.log.checkpoint()).isEmpty();
    assertThat(world.log.isClosed()).isTrue();
  }

  @Test
  void deletion_isKeptUntilTheLogIsGone() throws IOException {
    topics().store(topic("a"));
    topics().delete(topic("a"));
    assertThat(topics().find("a")).isNull();
    TopicInfo successor = topic("a", 4711);
    topics().store(successor);
    for (boolean orderly : new boolean[] {false, true, false}) {
      if (orderly) {
        world.stop();
      }
      world.start();
      assertThat(topics().all()).containsExactly(successor);
      assertThat(topics().deleted()).containsExactly(topic("a"));
    }
    topics().purged(topic("a"));
    world.start();
    assertThat(topics().deleted()).isEmpty();
    assertThat(topics().all()).containsExactly(successor);
  }

  @Test
  void eventsDuringAnAppend_areOneRecordInOrder() {
    world.log.hold();
    append(new SystemEvent.TopicStored(topic("a")));
    append(new SystemEvent.TopicStored(topic("b", 1)));
    append(new SystemEvent.TopicDeleted(1));
    append(new SystemEvent.TopicStored(topic("b", 2)));
    assertThat(topics().all()).as("nothing is folded that is not durable").isEmpty();
    assertThat(answers).isEmpty();
    world.log.release();
    assertThat(world.log.records()).hasSize(2);
    assertThat(codes()).containsExactly(null, null, null, null);
    assertThat(topics().find("b").logId()).isEqualTo(2);
  }

  @Test
  void fullQueue_refusesAndForgetsNothing() {
    world.limits = world.limits.with(Limit.SYSTEM_QUEUE_EVENTS, 16);
    world.start();
    world.log.hold();
    for (int i = 0; i < 18; i++) {
      append(new SystemEvent.TopicStored(topic("t" + i)));
    }
    assertThat(codes()).containsExactly(ErrorCode.OVERLOADED);
    assertThat(answers.get(0).orElseThrow().retryDelay()).isPresent();
    world.log.release();
    assertThat(topics().all()).hasSize(17);
  }

  @Test
  void failedAppend_isToldAndTheNextIsTried() {
    world.log.end(FakeLog.End.NOT_STORED);
    append(new SystemEvent.TopicStored(topic("a")));
    world.log.end(FakeLog.End.COMMIT);
    append(new SystemEvent.TopicStored(topic("b")));
    assertThat(codes()).containsExactly(ErrorCode.STORE_FAILED, null);
    assertThat(answers.get(0).orElseThrow().retryDelay()).isPresent();
    assertThat(topics().all()).containsExactly(topic("b"));
  }

  @Test
  void unknownOutcome_stopsEverythingAfterIt() throws IOException {
    for (FakeLog.End end : List.of(FakeLog.End.UNKNOWN_STORED, FakeLog.End.THROW)) {
      world.start();
      answers.clear();
      world.log.end(end);
      append(new SystemEvent.TopicStored(topic("a")));
      int appends = world.log.appends();
      world.log.end(FakeLog.End.COMMIT);
      append(new SystemEvent.TopicStored(topic("b")));
      assertThat(codes())
          .containsExactly(ErrorCode.PARTITION_UNAVAILABLE, ErrorCode.PARTITION_UNAVAILABLE);
      assertThat(answers.get(1).orElseThrow().message())
          .contains("no changes of topics or cursors", "restart the server");
      assertThat(world.log.appends()).isEqualTo(appends);
      assertThat(topics().find("b")).isNull();
      world.stop();
      assertThat(world.log.checkpoint()).as("nothing stands on it").isEmpty();
    }
    assertThatThrownBy(() -> topics().store(topic("c"))).isInstanceOf(FaultException.class);
  }

  @Test
  void closedLog_takesNothing() throws IOException {
    world.stop();
    append(new SystemEvent.TopicStored(topic("a")));
    assertThat(codes()).containsExactly(ErrorCode.SHUTTING_DOWN);
  }

  @Test
  void answerThatThrows_doesNotKeepTheOthers() {
    world.log.hold();
    append(new SystemEvent.TopicStored(topic("a")));
    world.system.append(
        new SystemEvent.TopicStored(topic("b")),
        failed -> {
          throw new IllegalStateException("on purpose");
        });
    append(new SystemEvent.TopicStored(topic("c")));
    world.log.release();
    assertThat(codes()).containsExactly(null, null);
    assertThat(topics().all()).hasSize(3);
  }

  @Test
  void manyEvents_areFoldedIntoCheckpointsAndLetGo() {
    world.limits = world.limits.with(Limit.CHECKPOINT_INTERVAL_BYTES, 1 << 20);
    world.start();
    topics().store(topic("t"));
    for (int i = 1; i <= 4_000; i++) {
      world.commit(topic("t"), "name", cursor(topic("t"), i, 1));
    }
    assertThat(world.log.checkpoints()).as("one every 64 KiB").isBetween(3, 20);
    assertThat(world.log.startOffset()).isGreaterThan(2_000);
    world.start();
    assertThat(topics().find("t")).isEqualTo(topic("t"));
    assertThat(world.system.cursors().find(topic("t"), "name").orElseThrow().cursor())
        .isEqualTo(cursor(topic("t"), 4_000, 1));
  }

  @Test
  void damage_isToldAndNeverATopicLessInSilence() {
    topics().store(topic("a"));
    world.log.damage(0);
    assertThatThrownBy(world::start).hasCauseInstanceOf(DataLossException.class);
  }

  @Test
  void eventsLetGoWithoutACheckpoint_areDamage() throws IOException {
    topics().store(topic("a"));
    topics().store(topic("b"));
    world.stop();
    world.start();
    topics().store(topic("c"));
    world.log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
    assertThat(world.log.startOffset()).isPositive();
    world.log.loseCheckpoint();
    assertThatThrownBy(world::start).hasCauseInstanceOf(DataLossException.class);
  }
}
