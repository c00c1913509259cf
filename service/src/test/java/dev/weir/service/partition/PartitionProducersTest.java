package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.v1.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions and producers as one partition sees them. */
class PartitionProducersTest extends PartitionFixture {
  // ---- sessions

  @Test
  void newEpoch_isARecordAndFencesTheOlderSessionInTheWritersOrder() {
    TestProducerSession old = opened("a", 1);
    old.append(1, "x", 1);
    TestProducerSession young = publisher("a", 2).open();
    old.append(2, "x", 2);
    world.run();
    assertThat(old.results.get(1)).as("taken before").isInstanceOf(PartitionResult.Stored.class);
    assertThat(code(old.results.get(2))).isEqualTo(ErrorCode.PRODUCER_FENCED);
    assertThat(old.superseded.code()).isEqualTo(ErrorCode.PRODUCER_FENCED);
    assertThat(young.last()).isEqualTo(new PartitionResult.Opened(1));
    LogRecord raised = log.records().get(log.records().size() - 1);
    assertThat(raised.type()).isEqualTo(RecordType.PRODUCER_EPOCH);
    assertThat(raised.sequence()).as("complete by itself").isEqualTo(1);
    young.append(2, "x", 22);
    publisher("a", 1).open();
    world.run();
    assertThat(young.last()).isInstanceOf(PartitionResult.Stored.class);
  }

  @Test
  void sameEpoch_replacesTheOlderSessionWithoutARecord() {
    TestProducerSession old = opened("a", 1);
    long records = log.endOffset();
    TestProducerSession young = opened("a", 1);
    assertThat(log.endOffset()).isEqualTo(records);
    assertThat(old.superseded.code()).isEqualTo(ErrorCode.REPLACED);
    old.append(1, "x", 1);
    young.append(1, "x", 1);
    world.run();
    assertThat(code(old.last())).isEqualTo(ErrorCode.REPLACED);
    assertThat(young.last()).isInstanceOf(PartitionResult.Stored.class);
    old.leave();
    young.append(2, "x", 2);
    world.run();
    assertThat(young.last())
        .as("a late leave of the older changes nothing")
        .isInstanceOf(PartitionResult.Stored.class);
  }

  @Test
  void lowerEpoch_isFencedAtOpen() {
    opened("a", 5);
    TestProducerSession late = publisher("a", 4).open();
    world.run();
    assertThat(code(late.last())).isEqualTo(ErrorCode.PRODUCER_FENCED);
  }

  @Test
  void openThatIsNotStored_leavesTheOlderSessionAlone() {
    TestProducerSession old = opened("a", 1);
    log.end(FakeLog.End.NOT_STORED);
    TestProducerSession young = publisher("a", 2).open();
    TestProducerSession lower = publisher("a", 1).open();
    old.append(1, "x", 1);
    world.run();
    assertThat(code(young.last())).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(code(lower.last())).as("fenced by nothing real").isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(code(old.last())).isEqualTo(ErrorCode.STORE_FAILED);
    assertThat(old.superseded).isNull();

    log.end(FakeLog.End.COMMIT);
    young.leave();
    old.append(1, "x", 1);
    world.run();
    assertThat(old.last()).isInstanceOf(PartitionResult.Stored.class);
  }

  @Test
  void newestSessionOfAStoppedPartition_keepsLowerEpochsOut_thoughNoRecordFencesThem() {
    opened("a", 5);
    opened("b", 5);
    log.end(FakeLog.End.UNKNOWN_LOST);
    TestProducerSession raisedInDoubt = publisher("a", 6).open();
    world.run();
    log.end(FakeLog.End.COMMIT);
    assertThat(partition.poisoned()).isTrue();
    for (TestProducerSession newest : List.of(raisedInDoubt, opened("b", 6))) {
      TestProducerSession zombie = publisher(newest.producer(), 5).open();
      zombie.single(6, 1, "x", 1);
      world.run();
      assertThat(code(zombie.results.get(0))).isEqualTo(ErrorCode.PRODUCER_FENCED);
      assertThat(code(zombie.results.get(1)))
          .as("it cannot know which epochs the others have")
          .isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
      assertThat(newest.superseded).isNull();
      TestProducerSession again = opened(newest.producer(), 6);
      assertThat(again.last()).isInstanceOf(PartitionResult.Opened.class);
      assertThat(newest.superseded.code()).isEqualTo(ErrorCode.REPLACED);
    }
  }

  @Test
  void openAndLeaveInOneRound_leaveNothingBehind() {
    TestProducerSession brief = publisher("~a", 1).open().leave();
    world.run();
    assertThat(brief.last()).isInstanceOf(PartitionResult.Opened.class);
    brief.append(1, "x", 1);
    world.run();
    assertThat(code(brief.last())).as("it is no session any more").isEqualTo(ErrorCode.REPLACED);
  }

  @Test
  void singleCall_takesThePresentEpochAndNeverRaisesIt() {
    TestProducerSession a = opened("a", 3);
    a.single(0, 1, "x", 1).single(3, 2, "x", 2).single(2, 3, "x", 3).single(4, 3, "x", 3);
    publisher("new", 1).single(0, 1, "x", 1);
    world.run();
    assertThat(a.results.subList(1, 3)).allMatch(PartitionResult.Stored.class::isInstance);
    assertThat(code(a.results.get(3))).isEqualTo(ErrorCode.PRODUCER_FENCED);
    assertThat(code(a.results.get(4))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(log.records()).extracting(LogRecord::producerEpoch).endsWith(3L, 3L, 1L);
  }

  @Test
  void epochOfAProducer_canBeAsked() {
    List<Long> epochs = new ArrayList<>();
    opened("a", 7);
    partition.offer(new PartitionRequest.AskEpoch("a", epochs::add));
    partition.offer(new PartitionRequest.AskEpoch("nobody", epochs::add));
    world.run();
    assertThat(epochs).containsExactly(7L, 0L);
  }

  // ---- order of checks

  @Test
  void refusalForTheMoment_doesNotHitWhatIsStored() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1);
    Fault full = Fault.of(ErrorCode.OVERLOADED, "full").retryAfter(Duration.ofMillis(5));
    Fault unknown = Fault.of(ErrorCode.UNKNOWN_SENSOR_ID, "unknown");
    Fault invalid = Fault.of(ErrorCode.INVALID_ARGUMENT, "bad");
    for (Fault fault : List.of(full, unknown, invalid)) {
      Payload refused = new Payload.Refused(new InvalidBatch(fault, List.of(3)));
      a.append(1, refused, a.results::add).append(2, refused, a.results::add);
    }
    world.run();
    assertThat(stored(a.results.get(2)).duplicate()).isTrue();
    assertThat(code(a.results.get(3))).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(stored(a.results.get(4)).duplicate()).isTrue();
    assertThat(code(a.results.get(5))).isEqualTo(ErrorCode.UNKNOWN_SENSOR_ID);
    assertThat(code(a.results.get(6))).as("bytes alone").isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(expected(a.results.get(6))).isEqualTo(2);
    assertThat(((PartitionResult.Rejected) a.results.get(6)).rows()).containsExactly(3);
  }

  @Test
  void eventTimeTooFarAhead_isRejectedUnlessItIsStored() {
    long limit = Duration.ofMillis(limits.get(Limit.EVENT_TIME_AHEAD_MS_MAX)).toNanos();
    TestProducerSession a = opened("a", 1);
    Payload ahead = SampleBatches.named(SampleBatches.rows("x", 1), world.nowNanos() + limit + 1);
    a.append(1, ahead, a.results::add);
    world.run();
    assertThat(code(a.last())).isEqualTo(ErrorCode.TIME_OUT_OF_RANGE);
    world.moveClock(1);
    a.append(1, ahead, a.results::add);
    world.run();
    world.moveClock(-Duration.ofDays(1).toNanos());
    a.append(1, ahead, a.results::add);
    world.run();
    assertThat(stored(a.last()).duplicate()).isTrue();
  }

  // ---- forgetting

  @Test
  void producersBeyondTheMost_areForgottenUnlessOpen() {
    with(Limit.PRODUCERS_PER_TOPIC_MAX, 1);
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1);
    TestProducerSession b = publisher("b", 1);
    b.single(0, 1, "x", 1);
    publisher("c", 1).single(0, 1, "x", 1);
    world.run();
    a.append(2, "x", 2);
    b.single(0, 1, "x", 1);
    world.run();
    assertThat(a.last()).as("open").isInstanceOf(PartitionResult.Stored.class);
    assertThat(stored(b.last()).duplicate()).as("forgotten").isFalse();
  }

  @Test
  void openThatRollsBack_doesNotKeepItsProducerForEver() {
    with(Limit.PRODUCERS_PER_TOPIC_MAX, 1);
    publisher("a", 1).single(0, 1, "x", 1);
    world.run();
    log.end(FakeLog.End.NOT_STORED);
    publisher("a", 2).open();
    world.run();
    log.end(FakeLog.End.COMMIT);
    publisher("b", 1).single(0, 1, "x", 1);
    world.run();
    TestProducerSession a = publisher("a", 1).single(0, 1, "x", 1);
    world.run();
    assertThat(stored(a.last()).duplicate()).as("forgotten").isFalse();
  }

  @Test
  void definitionBeforeTheFirstBatchOfAStart_isTimeThatTheRunningPartitionSeesToo() {
    publisher("a", 1).single(0, 1, "x", 1);
    world.run();
    reopen(true);
    publisher("b", 1).define(Kind.KIND_INTEGER, "y");
    world.run();
    world.moveClock(Duration.ofDays(limits.get(Limit.PRODUCER_IDLE_DAYS) + 1).toNanos());
    publisher("b", 1).single(0, 1, "x", 1);
    world.run();
    TestProducerSession a = publisher("a", 1).single(0, 1, "x", 1);
    world.run();
    assertThat(stored(a.last()).duplicate()).as("forgotten, as its log says").isFalse();
  }
}
