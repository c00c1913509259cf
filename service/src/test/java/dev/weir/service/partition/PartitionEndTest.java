package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests a partition that stops because an outcome is unknown, and one that is closed. */
class PartitionEndTest extends PartitionFixture {
  // ---- unknown

  @Test
  void unknownOutcome_stopsThePartition() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1);
    world.run();
    log.end(FakeLog.End.UNKNOWN_STORED);
    a.append(2, "x", 2).append(9, "x", 9);
    world.run();
    assertThat(a.results.get(2)).isInstanceOf(PartitionResult.Unknown.class);
    assertThat(partition.poisoned()).isTrue();

    int appends = log.appends();
    log.end(FakeLog.End.COMMIT);
    a.append(2, "x", 2).append(1, "x", 1).define(Kind.KIND_TEXT, "new");
    world.run();
    assertThat(a.results.get(4)).isInstanceOf(PartitionResult.Unknown.class);
    assertThat(stored(a.results.get(5)).duplicate()).isTrue();
    PartitionResult.Defined defined = (PartitionResult.Defined) a.results.get(6);
    assertThat(defined.faults().get(0).code()).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    assertThat(defined.faults().get(0).message()).startsWith("Partition 0 of topic t stopped");
    assertThat(log.appends()).as("nothing is appended any more").isEqualTo(appends);
    assertThat(topic.heads().get(0).offset()).as("nor shown").isEqualTo(2);

    reopen(false);
    TestProducerSession again = opened("a", 1);
    assertThat(again.last()).isEqualTo(new PartitionResult.Opened(2));
    again.append(2, "x", 2);
    world.run();
    assertThat(stored(again.last()).duplicate()).as("it had been stored after all").isTrue();
  }

  @Test
  void producerInDoubt_isNotToldWhereToGoOnBeforeARestart() {
    TestProducerSession a = opened("a", 1);
    TestProducerSession b = opened("b", 1);
    a.append(1, "x", 1);
    world.run();
    log.end(FakeLog.End.UNKNOWN_STORED);
    a.append(2, "x", 2).append(9, "x", 9);
    world.run();
    log.end(FakeLog.End.COMMIT);
    Fault bad = Fault.of(ErrorCode.INVALID_ARGUMENT, "bad");
    a.append(3, new Payload.Refused(new InvalidBatch(bad, List.of())), a.results::add);
    world.run();
    assertThat(a.results.subList(2, 5))
        .hasSize(3)
        .allMatch(PartitionResult.Unknown.class::isInstance);

    TestProducerSession again = publisher("a", 1).open();
    again.single(0, 3, "x", 3).single(0, 1, "x", 1);
    world.run();
    PartitionResult.Opened opened = (PartitionResult.Opened) again.results.get(0);
    assertThat(opened.lastSequence()).isEqualTo(1);
    assertThat(opened.stopped().get().inDoubtThrough()).as("2 may be stored").isEqualTo(2);
    PartitionResult.Unknown beyond = (PartitionResult.Unknown) again.results.get(1);
    assertThat(beyond.notStored().get().code()).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    assertThat(stored(again.results.get(2)).duplicate()).isTrue();
    assertThat(a.superseded.code()).isEqualTo(ErrorCode.REPLACED);
    PartitionResult.Opened known = (PartitionResult.Opened) opened("b", 1).last();
    assertThat(known.stopped().get().inDoubtThrough()).as("of b all is known").isZero();
    assertThat(known.stopped().get().hasEpoch()).isTrue();
    assertThat(b.superseded).isNotNull();
    known = (PartitionResult.Opened) opened("b", 2).last();
    assertThat(known.stopped().get().hasEpoch()).as("nothing is stored any more").isFalse();

    reopen(false);
    assertThat(opened("a", 1).last()).isEqualTo(new PartitionResult.Opened(2));
  }

  @Test
  void defectInAppend_stopsThePartitionAndAnswers() {
    TestProducerSession a = opened("a", 1);
    log.end(FakeLog.End.THROW);
    a.append(1, "x", 1);
    world.run();
    assertThat(a.last()).isInstanceOf(PartitionResult.Unknown.class);
    assertThat(partition.poisoned()).isTrue();

    a.append(2, "x", 2);
    world.run();
    assertThat(a.last()).as("1 may be stored").isInstanceOf(PartitionResult.Unknown.class);
    CompletableFuture<Void> closed = partition.close();
    world.run();
    assertThat(closed).isCompleted();
    assertThat(log.checkpoints()).as("no fold of what is not known").isZero();
  }

  @Test
  void defectInARequest_stopsThePartition_andAnswersItAndThoseAroundIt() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1);
    List<Sensor> noSensor = Arrays.asList((Sensor) null);
    assertThat(partition.offer(new PartitionRequest.Define(noSensor, a.results::add))).isTrue();
    a.append(2, "x", 2);
    world.run();
    assertThat(a.results.subList(1, 4))
        .hasSize(3)
        .allMatch(PartitionResult.Unknown.class::isInstance);
    assertThat(partition.poisoned()).isTrue();
  }

  @Test
  void defectBehindACommit_stopsThePartition_andAnswers() {
    TestProducerSession a = opened("a", 1);
    partition
        .tail()
        .watch(
            () -> {
              throw new IllegalStateException("a defect on purpose");
            });
    a.append(1, "x", 1);
    world.run();
    assertThat(a.last()).isInstanceOf(PartitionResult.Unknown.class);
    assertThat(partition.poisoned()).isTrue();
    a.append(2, "x", 2);
    world.run();
    assertThat(code(a.last()))
        .as("nothing comes behind it")
        .isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    reopen(false);
    assertThat(opened("a", 1).last()).as("it was stored").isEqualTo(new PartitionResult.Opened(1));
  }

  @Test
  void answerThatFails_keepsNoOtherBack() {
    TestProducerSession a = opened("a", 1);
    a.append(
        1,
        SampleBatches.named("x", 1),
        result -> {
          throw new IllegalStateException("a defect on purpose");
        });
    a.append(2, "x", 2);
    world.run();
    a.append(3, "x", 3);
    world.run();
    assertThat(a.results.subList(1, 3))
        .hasSize(2)
        .allMatch(PartitionResult.Stored.class::isInstance);
  }

  // ---- ending

  @Test
  void close_finishesWhatWasTakenAndWritesACheckpoint() {
    TestProducerSession a = opened("a", 1);
    log.hold();
    a.append(1, "x", 1);
    world.run();
    a.append(2, "x", 2);
    CompletableFuture<Void> closed = partition.close();
    world.run();
    assertThat(closed).isNotDone();
    assertThat(partition.offer(new PartitionRequest.Leave(a))).as("no more is taken").isFalse();

    log.release();
    world.run();
    assertThat(closed).isCompleted();
    assertThat(a.results).hasSize(3).noneMatch(PartitionResult.Rejected.class::isInstance);
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(log.endOffset());
    assertThat(log.isClosed()).isTrue();
    partition.close();
    assertThat(world.run()).as("closing again does nothing twice").isTrue();
    assertThat(log.checkpoints()).isEqualTo(1);
  }

  @Test
  void closeDuringACheckpoint_waitsForIt() {
    with(Limit.CHECKPOINT_INTERVAL_BYTES, 1 << 20);
    TestProducerSession a = opened("a", 1);
    a.append(1, bigText(1 << 20));
    while (world.writer.runOne()) {
      assertThat(log.checkpoints()).isZero();
    }
    assertThat(world.background.size()).as("the last values are not there yet").isZero();
    while (world.views.runOne()) {
      assertThat(log.checkpoints()).isZero();
    }
    assertThat(world.background.size()).as("a checkpoint waits").isEqualTo(1);
    a.append(2, "later", 1);
    CompletableFuture<Void> closed = partition.close();
    while (world.writer.runOne() || world.views.runOne()) {
      assertThat(log.isClosed()).isFalse();
    }
    assertThat(world.background.size()).as("the same one waits").isEqualTo(1);
    world.run();
    assertThat(closed).isCompleted();
    assertThat(log.checkpoints()).isEqualTo(2);
  }

  @Test
  void checkpointThatWouldSayTheSame_isNotWrittenAtTheEnd() {
    reopen(true);
    assertThat(log.checkpoints()).isZero();
    partition.close();
    world.run();
    assertThat(log.isClosed()).isTrue();
    assertThat(log.checkpoints()).as("of no record").isZero();

    reopen(false);
    opened("a", 1).append(1, "x", 1);
    world.run();
    partition.close();
    world.run();
    assertThat(log.checkpoints()).as("of records").isEqualTo(1);

    reopen(false);
    partition.close();
    world.run();
    assertThat(log.isClosed()).isTrue();
    assertThat(log.checkpoints()).as("of no other record").isZero();

    reopen(false);
    opened("a", 1).append(2, "x", 2);
    world.run();
    partition.close();
    world.run();
    assertThat(log.checkpoints()).as("of one more").isEqualTo(1);
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(log.endOffset());
  }

  @Test
  void checkpointAfterAKill_isWrittenAtTheEnd() {
    opened("a", 1).append(1, "x", 1);
    world.run();
    reopen(false);
    assertThat(log.checkpoint()).isEmpty();
    partition.close();
    world.run();
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(log.endOffset());
  }

  @Test
  void checkpointThatWasJustWritten_isNotWrittenAgainAtTheEnd() {
    opened("a", 1).append(1, "x", 1);
    world.run();
    partition.requestCheckpoint();
    world.run();
    assertThat(log.checkpoints()).isEqualTo(1);
    log.failCheckpoints(1);
    partition.requestCheckpoint();
    world.run();
    assertThat(log.checkpoints()).as("the second one failed").isEqualTo(1);
    partition.close();
    world.run();
    assertThat(log.checkpoints()).as("and is owed").isEqualTo(2);
  }

  @Test
  void checkpointInTheMiddle_isOfItsMoment() {
    with(Limit.CHECKPOINT_INTERVAL_BYTES, 1 << 20);
    TestProducerSession a = opened("a", 1);
    a.append(1, bigText(1 << 20));
    while (world.writer.runOne()) {
      assertThat(log.checkpoints()).isZero();
    }
    a.append(2, "later", 1);
    while (world.writer.runOne()) {
      assertThat(log.checkpoints()).isZero();
    }
    assertThat(topic.sensors().byName("later")).isNotNull();
    world.run();
    assertThat(log.checkpoint().orElseThrow().offset()).as("not of later").isEqualTo(2);
    reopen(false);
    assertThat(topic.sensors().page(0, 10))
        .extracting(DefinedSensor::name)
        .containsExactly("text", "later");
    assertThat(opened("a", 1).last()).isEqualTo(new PartitionResult.Opened(2));
  }

  private static dev.weir.v1.Batch bigText(int length) {
    return dev.weir.v1.Batch.newBuilder()
        .addRows(dev.weir.v1.Reading.newBuilder().setSensor("text").setText("t".repeat(length)))
        .build();
  }
}
