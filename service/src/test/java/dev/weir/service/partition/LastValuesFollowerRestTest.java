package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.core.Slice;
import dev.weir.service.latest.ExpectedReading;
import dev.weir.service.latest.MissedReadings;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When last values rest, and what they leave out. */
class LastValuesFollowerRestTest extends LastValuesFollowerFixture {
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
  void withoutRest_everythingIsFoldedAtOnce() {
    limits = limits.with(Limit.LATEST_REST_MS, 0);
    ready();
    for (int i = 0; i < 3; i++) {
      append("x", i);
      assertThat(world.views.size()).isEqualTo(1);
      follow();
    }
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
    assertThat(cut().missed()).isEqualTo(MissedReadings.NONE);
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
    PositionedCut at = cut();
    assertThat(at.position().offset()).isEqualTo(4);
    assertThat(ExpectedReading.of(at.cut())).isEqualTo(folded(3, 4));
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
    CompletableFuture<PositionedCut> asked = partition.latest().cutAt(5);
    follow();
    assertThat(ExpectedReading.of(asked.join().cut())).isEqualTo(folded(4, 5));
    storeBoth(40, 40, 6);
    assertThat(ExpectedReading.of(cut().cut())).as("nothing stands for it").isEqualTo(folded(6, 7));
  }

  @Test
  void cutAskedForWhereRecordsWereLeftOut_isOfAPositionBehind() {
    store(text("first"), 1);
    append("x", 1);
    follow();
    for (int i = 2; i < 12; i++) {
      Batch large =
          text("t".repeat(1 << 19)).toBuilder().mergeFrom(SampleBatches.rows("x", i)).build();
      store(large, world.nowNanos() + i);
    }
    assertThat(world.views.runOne()).isTrue();
    assertThat(world.views.size()).as("it did not come to the end").isEqualTo(1);
    CompletableFuture<PositionedCut> passed = partition.latest().cutAt(3);
    CompletableFuture<PositionedCut> head = partition.latest().cut();
    follow();
    for (PositionedCut at : List.of(passed.join(), head.join())) {
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
      List<CompletableFuture<PositionedCut>> asked = new ArrayList<>();
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

  private int checkReplies(List<CompletableFuture<PositionedCut>> asked) {
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
}
