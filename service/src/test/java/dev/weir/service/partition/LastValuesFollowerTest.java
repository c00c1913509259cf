package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.latest.ExpectedReading;
import dev.weir.service.latest.MissedReadings;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Sensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LastValuesFollowerTest extends LastValuesFollowerFixture {
  // ---- following

  @Test
  void cut_isAsOfTheHead() {
    append("x", 1, 2);
    append("y", 3);
    CompletableFuture<PositionedCut> asked = partition.latest().cut();
    assertThat(asked).isNotDone();
    follow();
    check(asked.join(), 2);
    assertThat(asked.join().position()).isEqualTo(partition.tail().head());
  }

  @Test
  void cutOfAnEmptyPartition_isEmpty() {
    check(cut(), 0);
    assertThat(cut().position()).isEqualTo(partition.tail().head());
  }

  @Test
  void cutsAskedTogether_areEachOfTheirOffset() {
    append("x", 1);
    append("x", 2);
    append("x", 3);
    CompletableFuture<PositionedCut> third = partition.latest().cutAt(3);
    CompletableFuture<PositionedCut> first = partition.latest().cutAt(1);
    follow();
    check(first.join(), 1);
    check(third.join(), 3);
    CompletableFuture<PositionedCut> passed = partition.latest().cutAt(1);
    follow();
    check(passed.join(), 3);
  }

  @Test
  void recordsNotInTheTail_areReadFromTheLog() {
    withoutTail();
    append("x", 1);
    append("y", 2);
    append("x", 3);
    check(cut(), 3);
    assertThat(log.openReaders()).as("at the head nothing stays open").isZero();
  }

  @Test
  void damagedRecords_arePassedOver() {
    withoutTail();
    append("x", 1, 2);
    append("y", 3);
    append("y", 4, 5);
    append("z", 6);
    log.damage(1);
    log.damage(2);
    PositionedCut at = cut();
    assertThat(at.position()).isEqualTo(partition.tail().head());
    assertThat(ExpectedReading.of(at.cut())).containsOnlyKeys(0, 2);
  }

  @Test
  void muchToFold_leavesTheThreadToOthersInBetween() {
    withoutTail();
    for (int i = 0; i < 12; i++) {
      store(text("t".repeat(1 << 19)), i);
    }
    CompletableFuture<PositionedCut> asked = partition.latest().cut();
    assertThat(world.views.runOne()).isTrue();
    assertThat(asked).isNotDone();
    assertThat(world.views.size()).as("one task at a time").isEqualTo(1);
    follow();
    assertThat(asked.join().position().offset()).isEqualTo(12);
    assertThat(asked.join().cut().tooLarge(0)).isTrue();
  }

  @Test
  void logThatCannotBeRead_failsTheCutAndIsReadWithTheNextCommit() {
    withoutTail();
    append("x", 1);
    log.failReads(true);
    CompletableFuture<PositionedCut> failed = partition.latest().cut();
    follow();
    assertThat(failed).isCompletedExceptionally();
    log.failReads(false);
    append("x", 2);
    follow();
    check(cut(), 2);
  }

  @Test
  void readingsThatRetentionTook_areCounted() throws IOException {
    withoutTail();
    assertThat(cut().missed()).isEqualTo(MissedReadings.NONE);
    append("x", 1, 1);
    append("y", 2);
    append("y", 3);
    PartitionLog.EpochStart epoch = log.epochs().get(0);
    log.checkpoint(new Checkpoint(epoch.epoch(), 3, 4, Slice.EMPTY));
    log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
    MissedReadings missed = cut().missed();
    assertThat(missed).isEqualTo(new MissedReadings(3, 2));
    assertThat(missed.since(0)).isEqualTo(3);
    assertThat(missed.since(1)).as("some of them may lie there").isEqualTo(3);
    assertThat(missed.since(2)).isZero();
  }

  @Test
  void readThatEndsInAnError_failsTheCutToo() {
    withoutTail();
    append("x", 1);
    Error defect = new OutOfMemoryError("on purpose");
    log.readsEndIn(defect);
    CompletableFuture<PositionedCut> failed = partition.latest().cut();
    assertThatThrownBy(this::follow).as("not kept from the thread").isSameAs(defect);
    assertThat(failed).isCompletedExceptionally();
    log.readsEndIn(null);
    append("x", 2);
    follow();
    check(cut(), 2);
  }

  @Test
  void recordsThatRetentionTook_arePassedOver() throws IOException {
    withoutTail();
    append("x", 1);
    append("y", 2);
    append("y", 3);
    PartitionLog.EpochStart epoch = log.epochs().get(0);
    log.checkpoint(new Checkpoint(epoch.epoch(), 3, 3, Slice.EMPTY));
    log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
    assertThat(log.startOffset()).isEqualTo(2);
    PositionedCut at = cut();
    assertThat(at.position()).isEqualTo(partition.tail().head());
    assertThat(ExpectedReading.of(at.cut())).isEqualTo(folded(2, 3));
  }

  // ---- restarts

  @Test
  void restartWithoutCheckpoint_foldsTheLogAgain() {
    append("x", 1, 2);
    append("y", 3);
    follow();
    reopen(false);
    append("x", 4);
    check(cut(), 3);
  }

  @Test
  void orderlyRestart_needsNothingBeforeItsCheckpoint() {
    append("x", 1, 2);
    append("y", 3);
    reopen(true);
    log.damage(0);
    log.damage(1);
    check(cut(), 2);
    append("x", 4);
    check(cut(), 3);
    reopen(true);
    check(cut(), 3);
  }

  @Test
  void checkpointOfVersionTwo_isReadAsItIs() throws IOException {
    append("x", 1, 2);
    append("y", 3);
    reopen(true);
    Checkpoint newest = log.checkpoint().orElseThrow();
    log.checkpoint(
        new Checkpoint(
            newest.epoch(), newest.offset(), newest.readings(), asVersion(2, newest.state())));
    log.damage(0);
    log.damage(1);
    reopen(false);
    assertThat(topic.sensors().byName("y").id()).isEqualTo(1);
    check(cut(), 2);
  }

  @Test
  void checkpointOfVersionOne_isFoldedFromTheStart() throws IOException {
    append("x", 1, 2);
    append("y", 3);
    reopen(true);
    Checkpoint newest = log.checkpoint().orElseThrow();
    log.checkpoint(
        new Checkpoint(
            newest.epoch(), newest.offset(), newest.readings(), asVersion(1, newest.state())));
    reopen(false);
    assertThat(topic.sensors().byName("y").id()).isEqualTo(1);
    check(cut(), 2);
  }

  /** The same fold as an earlier version wrote it. */
  private Slice asVersion(int version, Slice state) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var in = new DataInputStream(new ByteArrayInputStream(state.toBytes()));
        var out = new DataOutputStream(bytes)) {
      assertThat(in.readByte()).isEqualTo((byte) 3);
      in.skipNBytes(in.readLong());
      Sensors.Builder sensors = Sensors.newBuilder();
      topic.sensors().page(0, 100).forEach(sensor -> sensors.addSensors(sensor.toSensor()));
      out.writeByte(version);
      out.writeInt(sensors.build().getSerializedSize());
      sensors.build().writeTo(out);
      byte[] producers = in.readNBytes(in.readInt());
      out.writeInt(producers.length);
      out.write(producers);
      if (version == 2) {
        in.transferTo(out);
      }
    }
    return Slice.of(bytes.toByteArray());
  }

  @Test
  void checkpoint_waitsForTheLastValues() {
    with(Limit.CHECKPOINT_INTERVAL_BYTES, 1 << 20);
    append("x", 1);
    store(text("t".repeat(1 << 20)), 1);
    append("x", 2);
    while (world.background.runOne()) {
      assertThat(log.checkpoints()).isZero();
    }
    assertThat(log.checkpoints()).as("retention must not take what is not folded").isZero();
    world.run();
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(2);
    reopen(false);
    log.damage(0);
    log.damage(1);
    PositionedCut at = cut();
    assertThat(at.position().offset()).isEqualTo(3);
    assertThat(at.cut().tooLarge(1)).isTrue();
    assertThat(at.cut().bits(0)).isEqualTo(2);
  }

  @Test
  void requestedCheckpoint_isWrittenWithoutACommit() {
    append("x", 1);
    world.run();
    partition.requestCheckpoint();
    world.run();
    assertThat(log.checkpoints()).isEqualTo(1);
    assertThat(log.checkpoint().orElseThrow().offset()).isEqualTo(1);
  }

  @Test
  void logThatCannotBeRead_givesNoCheckpoint() {
    withoutTail();
    append("x", 1);
    log.failReads(true);
    CompletableFuture<Void> closed = partition.close();
    world.run();
    assertThat(closed).isCompleted();
    assertThat(log.checkpoints()).isZero();
  }

  @Test
  void lastValuesFarBehind_doNotHoldUpTheClose() {
    with(Limit.CHECKPOINT_INTERVAL_BYTES, 1 << 20);
    append("x", new long[60_000]);
    append("x", new long[60_000]);
    append("x", new long[60_000]);
    CompletableFuture<PositionedCut> asked = partition.latest().cut();
    CompletableFuture<Void> closed = partition.close();
    write();
    world.run();
    assertThat(closed).isCompleted();
    assertThat(asked).isCompletedExceptionally();
    assertThat(log.checkpoints()).isZero();
    reopen(false);
    check(cut(), 3);
  }

  @Test
  void closed_refusesCuts() {
    append("x", 1);
    partition.close();
    world.run();
    CompletableFuture<PositionedCut> asked = partition.latest().cut();
    follow();
    assertThat(asked).isCompletedExceptionally();
  }

  @Test
  void textTooLarge_isKnownToBe() {
    limits = Limits.defaults().with(Limit.LATEST_VALUE_BYTES_MAX, 1 << 10);
    world = new TestTopics(limits, 1 << 24);
    reopen(false);
    store(text("t".repeat(1 << 10)), 1);
    assertThat(cut().cut().tooLarge(0)).isFalse();
    store(text("t".repeat((1 << 10) + 1)), 2);
    assertThat(cut().cut().tooLarge(0)).isTrue();
    reopen(true);
    assertThat(cut().cut().tooLarge(0)).as("also by a checkpoint").isTrue();
  }
}
