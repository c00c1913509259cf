package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.log.LogRecord;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rounds of one partition, and how they end. */
class PartitionTest extends PartitionFixture {
  // ---- rounds

  @Test
  void requestsDuringAnAppend_areGatheredIntoTheNextRound() {
    TestProducerSession a = opened("a", 1);
    log.hold();
    a.append(1, "x", 1);
    world.run();
    int before = log.appends();
    a.append(2, "x", 2).append(3, "x", 3).append(4, "y", 4);
    world.run();
    assertThat(log.appends()).as("one append under way at most").isEqualTo(before);
    assertThat(a.results).as("nothing is acked before its commit").hasSize(1);

    log.release();
    world.run();

    assertThat(log.appends()).isEqualTo(before + 1);
    assertThat(a.results.subList(1, 5)).allMatch(PartitionResult.Stored.class::isInstance);
    assertThat(log.records()).extracting(LogRecord::sequence).endsWith(1L, 2L, 3L, 4L);
    assertThat(topic.heads().get(0).offset()).isEqualTo(log.endOffset());
    assertThat(topic.heads().get(0).readingsBefore()).isEqualTo(4);
  }

  @Test
  void fullRound_leavesTheRestToTheNext() {
    with(Limit.COMMIT_ROUND_REQUESTS_MAX, 2);
    TestProducerSession a = opened("a", 1);
    int before = log.appends();
    a.append(1, "x", 1).append(2, "x", 2).append(3, "x", 3).append(4, "x", 4).append(5, "x", 5);
    world.run();
    assertThat(log.appends()).isEqualTo(before + 3);
    assertThat(a.results)
        .hasSize(6)
        .allMatch(result -> !(result instanceof PartitionResult.Rejected));
  }

  @Test
  void fullQueue_refusesAndTakesNothing() {
    with(Limit.PARTITION_QUEUE_REQUESTS, 1);
    List<PartitionResult> results = new ArrayList<>();
    var one =
        new PartitionRequest.Define(
            List.of(SampleBatches.sensor("x", Kind.KIND_TEXT)), results::add);
    assertThat(partition.offer(one)).isTrue();
    assertThat(partition.offer(one)).isFalse();
    world.run();
    assertThat(results).hasSize(1);
    assertThat(partition.offer(one)).as("there is room again").isTrue();
  }

  @Test
  void replies_comeInTheOrderAsked() {
    List<Long> order = new ArrayList<>();
    TestProducerSession a = opened("a", 1);
    for (long sequence : new long[] {1, 2, 2, 5, 3}) {
      a.append(sequence, SampleBatches.named("x", sequence), result -> order.add(sequence));
    }
    world.run();
    assertThat(order).containsExactly(1L, 2L, 2L, 5L, 3L);
  }

  @Test
  void clockGoingBack_leavesAppendTimesInOrder() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1);
    world.run();
    world.moveClock(-Duration.ofHours(1).toNanos());
    a.append(2, "x", 2);
    world.run();
    reopen(true);
    opened("a", 1).append(3, "x", 3);
    world.run();
    assertThat(log.records()).hasSize(4);
    assertThat(log.records())
        .extracting(LogRecord::appendTimeNanos)
        .containsOnly(TestTopics.START_NANOS);
  }

  // ---- not stored

  @Test
  void fullStore_refusesWhatIsNew_andNothingElse() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1);
    world.run();
    log.full(true);
    int before = log.appends();
    a.append(1, "x", 1).append(2, "x", 2).append(3, "x", 3);
    a.define(Kind.KIND_DOUBLE, "x").define(Kind.KIND_DOUBLE, "y");
    world.run();

    List<PartitionResult> results = a.results.subList(2, 7);
    assertThat(stored(results.get(0)).duplicate()).as("is stored, so it is acked").isTrue();
    assertThat(code(results.get(1))).isEqualTo(ErrorCode.DISK_FULL);
    assertThat(((PartitionResult.Rejected) results.get(1)).fault().retryDelay()).isPresent();
    assertThat(expected(results.get(1))).isEqualTo(2);
    assertThat(code(results.get(2))).isEqualTo(ErrorCode.OUT_OF_SEQUENCE);
    assertThat(results.get(3))
        .as("a sensor that is known")
        .isInstanceOf(PartitionResult.Defined.class);
    assertThat(code(results.get(4))).isEqualTo(ErrorCode.DISK_FULL);
    assertThat(log.appends()).isEqualTo(before);
    assertThat(topic.sensors().byName("y")).isNull();
    opened("b", 1);

    log.full(false);
    a.append(2, "y", 2);
    world.run();
    assertThat(stored(a.last()).duplicate()).isFalse();
  }

  @Test
  void checkpointThatFailed_isWrittenWithALaterCheckOfRetention_andNotAgain() {
    opened("a", 1).append(1, "x", 1);
    world.run();
    int before = log.checkpoints();
    log.failCheckpoints(2);
    partition.requestCheckpoint();
    world.run();
    for (int check = 0; check < 2; check++) {
      assertThat(log.checkpoints()).isEqualTo(before);
      world.topics().retain();
      world.run();
    }
    assertThat(log.checkpoints()).isEqualTo(before + 1);
    world.topics().retain();
    world.run();
    assertThat(log.checkpoints()).isEqualTo(before + 1);
  }

  @Test
  void checkpointThatIsTooLarge_isTriedOnce_andToldByHealth() {
    opened("a", 1).append(1, "x", 1);
    world.run();
    log.checkpointsTooLarge();
    assertThat(world.topics().registry().allCheckpointed()).isTrue();
    for (int check = 0; check < 100; check++) {
      partition.requestCheckpoint();
      world.topics().retain();
      world.run();
    }
    assertThat(log.tooLargeCheckpoints()).isEqualTo(1);
    assertThat(world.topics().registry().allCheckpointed()).isFalse();
    partition.close();
    world.run();
    assertThat(log.tooLargeCheckpoints()).isEqualTo(1);
    assertThat(log.isClosed()).isTrue();
  }

  @Test
  void failedAppend_rejectsAndTakesBackSequencesAndIds() {
    TestProducerSession a = opened("a", 1);
    log.end(FakeLog.End.NOT_STORED);
    a.append(1, "x", 1).append(2, "y", 2).append(4, "x", 4).define(Kind.KIND_TEXT, "z");
    world.run();

    assertThat(a.results).hasSize(5);
    assertThat(code(a.results.get(1))).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(((PartitionResult.Rejected) a.results.get(1)).fault().retryDelay()).isPresent();
    assertThat(code(a.results.get(2))).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(code(a.results.get(3))).isEqualTo(ErrorCode.OUT_OF_SEQUENCE);
    assertThat(code(a.results.get(4))).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(a.results.subList(1, 4)).allMatch(result -> expected(result) == 1);
    assertThat(topic.sensors().count(0)).isZero();
    assertThat(topic.sensors().byName("x")).isNull();
    assertThat(topic.heads().get(0).offset()).isEqualTo(1);

    log.end(FakeLog.End.COMMIT);
    a.append(1, "y", 1);
    world.run();
    assertThat(stored(a.last()).bindings()).extracting(DefinedSensor::id).containsExactly(0);
    assertThat(stored(a.last()).duplicate()).isFalse();
  }

  @Test
  void failedAppend_givesRoomInTheTopicBack() {
    with(Limit.SENSORS_PER_TOPIC_MAX, 2);
    TestProducerSession a = opened("a", 1);
    log.end(FakeLog.End.NOT_STORED);
    a.define(Kind.KIND_DOUBLE, "p", "q");
    world.run();
    log.end(FakeLog.End.COMMIT);
    a.define(Kind.KIND_DOUBLE, "r", "s", "t").append(1, "u", 1);
    world.run();
    PartitionResult.Defined defined = (PartitionResult.Defined) a.results.get(2);
    assertThat(defined.bindings()).extracting(DefinedSensor::name).containsExactly("r", "s");
    assertThat(defined.faults().get(2).code()).isEqualTo(ErrorCode.LIMIT_REACHED);
    assertThat(code(a.last())).isEqualTo(ErrorCode.LIMIT_REACHED);
  }

  @Test
  void duplicateInFlight_isAckedOnlyWithItsOriginal() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1).append(1, "x", 1);
    world.run();
    assertThat(stored(a.results.get(1)).duplicate()).isFalse();
    assertThat(stored(a.results.get(2)).duplicate()).isTrue();
    assertThat(stored(a.results.get(2)).bindings()).extracting(DefinedSensor::name).contains("x");

    log.end(FakeLog.End.NOT_STORED);
    a.append(2, "x", 2).append(2, "x", 2).append(1, "x", 1);
    world.run();
    assertThat(code(a.results.get(3))).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(code(a.results.get(4))).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(stored(a.results.get(5)).duplicate()).as("its original is stored").isTrue();
  }

  @Test
  void kindOfASensorThatRollsBack_isNoReasonToRejectForGood() {
    TestProducerSession a = opened("a", 1);
    TestProducerSession b = opened("b", 1);
    log.end(FakeLog.End.NOT_STORED);
    a.append(1, "x", 1);
    b.define(Kind.KIND_TEXT, "x");
    b.append(
        1,
        SampleBatches.rows("x", 1).toBuilder()
            .setRows(0, SampleBatches.rows("x", 1).getRows(0).toBuilder().setText("one"))
            .build());
    world.run();
    assertThat(code(b.last())).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(code(b.results.get(1))).isEqualTo(ErrorCode.STORE_FAILED);
  }

  @Test
  void kindConflict_rejectsTheBatchOnly() {
    TestProducerSession a = opened("a", 1);
    a.define(Kind.KIND_TEXT, "x").append(1, "x", 1).append(2, "y", 1);
    world.run();
    assertThat(code(a.results.get(2))).isEqualTo(ErrorCode.KIND_MISMATCH);
    assertThat(expected(a.results.get(2))).isEqualTo(1);
    assertThat(code(a.results.get(3))).isEqualTo(ErrorCode.OUT_OF_SEQUENCE);
    assertThat(topic.sensors().byName("y")).as("out of sequence leaves no definition").isNull();
    a.append(1, "y", 1);
    world.run();
    assertThat(a.last()).isInstanceOf(PartitionResult.Stored.class);
  }
}
