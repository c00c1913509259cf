package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.latest.CutAt;
import dev.weir.service.latest.Last;
import dev.weir.service.latest.Missed;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.Reading;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LatestTest extends PartitionFixture {
  /** Nothing stays in the tail. */
  private void withoutTail() {
    world = new TestTopics(limits, 1);
    reopen(false);
  }

  private void append(String sensor, long... values) {
    store(TestBatches.rows(sensor, values), world.nowNanos());
  }

  private void store(Batch batch, long receivedNanos) {
    var payload = TestBatches.named(batch, receivedNanos);
    var append = new Request.Append(null, "", 0, 0, payload, result -> {});
    assertThat(partition.offer(append)).isTrue();
    write();
  }

  /** Runs the writer alone. */
  private void write() {
    boolean more = true;
    while (more) {
      more = world.writer.runOne();
    }
  }

  private void follow() {
    boolean more = true;
    while (more) {
      more = world.views.runOne();
    }
  }

  private CutAt cut() {
    CompletableFuture<CutAt> asked = partition.latest().cut();
    follow();
    return asked.join();
  }

  private Map<Integer, Last> folded(long from, long end) {
    Map<Integer, Last> values = new TreeMap<>();
    for (LogRecord record : log.records()) {
      if (record.readings() > 0 && record.offset() >= from && record.offset() < end) {
        Last.fold(record.batch(), record.offset(), values);
      }
    }
    return values;
  }

  private void check(CutAt at, long offset) {
    assertThat(at.position().offset()).isEqualTo(offset);
    assertThat(Last.of(at.cut())).isEqualTo(folded(0, offset));
  }

  // ---- following

  @Test
  void cut_isAsOfTheHead() {
    append("x", 1, 2);
    append("y", 3);
    CompletableFuture<CutAt> asked = partition.latest().cut();
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
    CompletableFuture<CutAt> third = partition.latest().cutAt(3);
    CompletableFuture<CutAt> first = partition.latest().cutAt(1);
    follow();
    check(first.join(), 1);
    check(third.join(), 3);
    CompletableFuture<CutAt> passed = partition.latest().cutAt(1);
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
    CutAt at = cut();
    assertThat(at.position()).isEqualTo(partition.tail().head());
    assertThat(Last.of(at.cut())).containsOnlyKeys(0, 2);
  }

  @Test
  void muchToFold_leavesTheThreadToOthersInBetween() {
    withoutTail();
    for (int i = 0; i < 12; i++) {
      store(text("t".repeat(1 << 19)), i);
    }
    CompletableFuture<CutAt> asked = partition.latest().cut();
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
    CompletableFuture<CutAt> failed = partition.latest().cut();
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
    assertThat(cut().missed()).isEqualTo(Missed.NONE);
    append("x", 1, 1);
    append("y", 2);
    append("y", 3);
    PartitionLog.EpochStart epoch = log.epochs().get(0);
    log.checkpoint(new Checkpoint(epoch.epoch(), 3, 4, Slice.EMPTY));
    log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
    Missed missed = cut().missed();
    assertThat(missed).isEqualTo(new Missed(3, 2));
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
    CompletableFuture<CutAt> failed = partition.latest().cut();
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
    CutAt at = cut();
    assertThat(at.position()).isEqualTo(partition.tail().head());
    assertThat(Last.of(at.cut())).isEqualTo(folded(2, 3));
  }

  // ---- resting

  private void smallRounds() {
    limits =
        limits
            .with(Limit.MESSAGE_BYTES_MAX, 4 << 10)
            .with(Limit.COMMIT_ROUND_BYTES_MAX, 64 << 10)
            .with(Limit.COMMIT_ROUND_REQUESTS_MAX, 8);
    world = new TestTopics(limits, 1 << 24);
  }

  /** More in memory than two rounds may push out, all folded, and a pause. */
  private void ready() {
    smallRounds();
    reopen(false);
    store(text("t".repeat(150 << 10)), world.nowNanos());
    append("x", 1);
    follow();
    world.moveClock(1_000_000_000);
  }

  @Test
  void whatIsCommittedSoonAfter_isFoldedTogether() {
    ready();
    append("x", 1);
    assertThat(world.views.size()).as("after a pause at once").isEqualTo(1);
    follow();
    append("x", 2);
    append("x", 3);
    assertThat(world.views.size()).isZero();
    assertThat(world.timers.size()).isEqualTo(1);
    assertThat(partition.latest().lagReadings()).isEqualTo(2);
    assertThat(world.timers.runOne()).isTrue();
    follow();
    assertThat(partition.latest().lagReadings()).isZero();
    append("x", 4);
    assertThat(world.views.size()).isZero();
    assertThat(cut().position().offset()).as("at once for who asks").isEqualTo(6);
    world.moveClock(-5_000_000_000L);
    append("x", 5);
    assertThat(world.views.size()).as("a clock that was set back").isEqualTo(1);
  }

  @Test
  void whatMayLeaveMemorySoon_isFoldedAtOnce() {
    ready();
    append("x", 1);
    follow();
    store(text("t".repeat(5 << 10)), world.nowNanos());
    assertThat(world.views.size()).isZero();
    for (int i = 0; i < 20; i++) {
      append("x", i);
    }
    assertThat(world.views.size()).as("much waits").isEqualTo(1);
  }

  /** A view thread that is a round late loses nothing to retention, however large values are. */
  @Test
  void topicInMemory_losesNoLastValueBecauseTheyRest() {
    smallRounds();
    var settings = new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, 400_000, Map.of());
    topic = world.topics().create("m", settings, "");
    partition = topic.partitions().get(0);
    Random random = new Random(5);
    int rested = 0;
    for (int i = 0; i < 5_000; i++) {
      int size = random.nextInt(10) == 0 ? 64 << 10 : 100;
      boolean late = world.views.size() > 0;
      store(text("t".repeat(random.nextInt(size))), world.nowNanos());
      rested += world.views.size() == 0 ? 1 : 0;
      if (late) {
        follow();
      }
      if (random.nextInt(50) == 0) {
        world.timers.runOne();
        follow();
      }
    }
    assertThat(rested).isGreaterThan(1_000);
    assertThat(partition.log().startOffset()).isGreaterThan(4_000);
    assertThat(cut().missed()).isEqualTo(Missed.NONE);
  }

  @Test
  void recordsOutdoneFurtherOn_areLeftOut() {
    storeBoth(10, 10, 0);
    append("x", 1); // at 0, as all that names no time
    storeBoth(20, 21, 2);
    storeBoth(31, 30, 3);
    for (int offset : new int[] {0, 1, 2}) {
      Slice batch = partition.tail().get(offset).record().batch();
      Arrays.fill(batch.array(), batch.offset(), batch.end(), (byte) -1); // it could not be folded
    }
    CutAt at = cut();
    assertThat(at.position().offset()).isEqualTo(4);
    assertThat(Last.of(at.cut())).isEqualTo(folded(3, 4));
  }

  @Test
  void recordThatStandsForOthersAndIsPassedOver_isFolded() {
    for (int i = 0; i < 5; i++) {
      storeBoth(10L * i, 10L * i, i);
    }
    partition.tail().dropBefore(4); // that one is in memory, and on disk it is damaged
    for (int offset = 2; offset < 5; offset++) {
      log.damage(offset);
    }
    storeBoth(40, 40, 5);
    log.damage(5);
    CompletableFuture<CutAt> asked = partition.latest().cutAt(5);
    follow();
    assertThat(Last.of(asked.join().cut())).isEqualTo(folded(4, 5));
    storeBoth(40, 40, 6);
    assertThat(Last.of(cut().cut())).as("nothing stands for it").isEqualTo(folded(6, 7));
  }

  @Test
  void cutAskedForWhereRecordsWereLeftOut_isOfAPositionBehind() {
    store(text("first"), 1);
    append("x", 1);
    follow();
    for (int i = 2; i < 12; i++) {
      Batch large =
          text("t".repeat(1 << 19)).toBuilder().mergeFrom(TestBatches.rows("x", i)).build();
      store(large, world.nowNanos() + i);
    }
    assertThat(world.views.runOne()).isTrue();
    assertThat(world.views.size()).as("it did not come to the end").isEqualTo(1);
    CompletableFuture<CutAt> passed = partition.latest().cutAt(3);
    CompletableFuture<CutAt> head = partition.latest().cut();
    follow();
    for (CutAt at : List.of(passed.join(), head.join())) {
      assertThat(at.position().offset()).isEqualTo(12);
      assertThat(at.cut().bits(1)).isEqualTo(11);
      assertThat(at.cut().tooLarge(0)).isTrue();
    }
  }

  /** Random values, times and cuts; only some records have a reading of every sensor. */
  @Test
  void cutsOfRecordsLeftOut_areAsOfAllRecords() {
    int replied = 0;
    for (int seed = 0; seed < 300; seed++) {
      reopen(true);
      Random random = new Random(seed);
      long first = log.endOffset();
      List<CompletableFuture<CutAt>> asked = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        long time = 1_000L * (seed + 1) + 10L * i + random.nextInt(random.nextInt(4) == 0 ? 40 : 8);
        switch (random.nextInt(14)) {
          case 0 -> store(readings(time, i, "x"), time);
          case 1 -> store(readings(time, i, "y"), time);
          case 2 -> asked.add(partition.latest().cut());
          case 3 -> asked.add(partition.latest().cutAt(between(random, first, log.endOffset())));
          case 4 -> world.views.runOne();
          case 5 -> world.timers.runOne();
          case 6 -> world.moveClock(random.nextInt(12_000_000));
          default -> storeBoth(time, time - random.nextInt(12), i);
        }
        replied += checkReplies(asked);
      }
      world.run();
      replied += checkReplies(asked);
      assertThat(asked).isEmpty();
      check(cut(), log.endOffset());
    }
    assertThat(replied).isGreaterThan(1_000);
  }

  private static long between(Random random, long from, long to) {
    return from + random.nextInt((int) (to - from) + 1);
  }

  private int checkReplies(List<CompletableFuture<CutAt>> asked) {
    int before = asked.size();
    asked.removeIf(
        cut -> {
          if (cut.isDone()) {
            check(cut.join(), cut.join().position().offset());
          }
          return cut.isDone();
        });
    return before - asked.size();
  }

  private void storeBoth(long timeOfX, long timeOfY, long value) {
    Batch both =
        readings(timeOfX, value, "x").toBuilder().mergeFrom(readings(timeOfY, value, "y")).build();
    store(both, timeOfX);
  }

  private static Batch readings(long timeNanos, long value, String sensor) {
    var time = Timestamp.newBuilder().setNanos((int) timeNanos);
    return Batch.newBuilder()
        .addRows(Reading.newBuilder().setSensor(sensor).setTime(time).setInteger(value))
        .build();
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
  void checkpointOfVersionOne_isFoldedFromTheStart() throws IOException {
    append("x", 1, 2);
    append("y", 3);
    reopen(true);
    Checkpoint newest = log.checkpoint().orElseThrow();
    log.checkpoint(
        new Checkpoint(
            newest.epoch(), newest.offset(), newest.readings(), versionOne(newest.state())));
    reopen(false);
    assertThat(topic.sensors().byName("y").id()).isEqualTo(1);
    check(cut(), 2);
  }

  /** The same fold as the version before wrote it. */
  private static Slice versionOne(Slice state) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var in = new DataInputStream(new ByteArrayInputStream(state.toBytes()));
        var out = new DataOutputStream(bytes)) {
      assertThat(in.readByte()).isEqualTo((byte) 2);
      out.writeByte(1);
      for (int field = 0; field < 2; field++) {
        byte[] content = in.readNBytes(in.readInt());
        out.writeInt(content.length);
        out.write(content);
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
    CutAt at = cut();
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
    CompletableFuture<CutAt> asked = partition.latest().cut();
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
    CompletableFuture<CutAt> asked = partition.latest().cut();
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

  private static Batch text(String value) {
    return Batch.newBuilder()
        .addRows(Reading.newBuilder().setSensor("text").setText(value))
        .build();
  }
}
