package dev.weir.service.log.segment.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.SimulatedDisk;
import dev.weir.service.log.segment.read.SegmentIndexCache;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What indexes of segments hold, and that fewer entries find the same records. */
class SegmentIndexTest {
  private static final int ENTRIES = 1_000;
  private static final long FULL_BYTES = 24L * 1_024;

  private final Budget budget = new Budget("catchup_block_bytes", 8 * FULL_BYTES);
  private final SegmentIndexMemory room = new SegmentIndexMemory(budget);

  private static void fill(SegmentIndex index) {
    for (int i = 0; i < ENTRIES; i++) {
      index.offer(i, i * 10L, i * 100L);
    }
  }

  /** Any entry at or before an offset will do; the walk goes on from there. */
  private static long finds(SegmentIndex index) {
    long farthest = 0;
    for (int i = 0; i < ENTRIES; i++) {
      long position = index.positionAt(i);
      assertThat(position).isBetween(0L, i * 10L);
      assertThat(position % 10).isZero();
      assertThat(index.offsetBefore(i * 100L)).isLessThan(i);
      farthest = Math.max(farthest, i * 10L - position);
    }
    return farthest;
  }

  @Test
  void activeIndexes_areCharged_andTakeFewerEntriesWhereThereIsNoRoom() {
    SegmentIndex first = new SegmentIndex(10).in(room);
    fill(first);
    assertThat(budget.used()).isBetween(FULL_BYTES / 2, FULL_BYTES);
    assertThat(finds(first)).isLessThan(20);
    List<SegmentIndex> others = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      others.add(new SegmentIndex(10).in(room));
      fill(others.get(i));
      assertThat(finds(others.get(i))).isLessThan(2L * 10 * ENTRIES / SegmentIndex.ENTRIES_LEAST);
      assertThat(budget.used()).isLessThanOrEqualTo(FULL_BYTES);
    }
    others.forEach(SegmentIndex::trimmed);
    first.trimmed();
    first.trimmed();
    assertThat(budget.used()).isZero();
  }

  @Test
  void indexThatIsThere_isThinnedUntilThereIsRoomForIt() {
    budget.take(8 * FULL_BYTES - 5_000); // blocks
    SegmentIndex built = new SegmentIndex(10);
    fill(built);
    built.in(room);
    assertThat(built.bytes()).isLessThan(6_000);
    finds(built);
    built.trimmed();
    assertThat(budget.used()).isEqualTo(8 * FULL_BYTES - 5_000);
  }

  @Test
  void everyIndexOfAnEngine_isCharged_andGivenBackWhenItIsClosed() throws IOException {
    SegmentOptions fine = new SegmentOptions(1 << 16, 1, 2, 1_024, 1_024, 1 << 20, 1_000);
    SimulatedDisk disk = new SimulatedDisk();
    Budget memory = new Budget("catchup_block_bytes", 1 << 20);
    List<LogRecord> records = new ArrayList<>();
    for (int start = 0; start < 2; start++) {
      SegmentEngine engine =
          SegmentEngine.open(
              Path.of("/data"),
              disk,
              fine,
              new SegmentEngine.Setting(
                  () -> 7,
                  new Random(1),
                  Runnable::run,
                  event -> {},
                  memory,
                  new Budget("open_files_max", "files", () -> 100),
                  Duration.ofSeconds(1)));
      PartitionLog log = engine.claim(new PartitionId("00000000000000ab", 0), true);
      long held = memory.used();
      assertThat(held > 0).as("what was there is charged").isEqualTo(start > 0);
      for (int i = 0; i < 400; i++) {
        records.addAll(TestRecords.commit(log, 1, 100, i));
      }
      assertThat(memory.used()).isGreaterThan(held);
      assertThat(TestRecords.read(log)).isEqualTo(records);
      engine.close();
      assertThat(memory.used()).isZero();
    }
  }

  private static Segment segment(int number) {
    return new Segment(number, Path.of("/data/" + number));
  }

  @Test
  void budgetThatBlocksUseUp_costsAsManyIndexesAsOneTakes() throws IOException {
    SegmentIndexCache cache = new SegmentIndexCache(100, budget);
    for (int i = 0; i < 8; i++) {
      cache.put(segment(i), new SegmentIndex(10));
    }
    long eight = budget.used();
    budget.take(budget.max() - eight); // blocks
    cache.put(segment(8), new SegmentIndex(10));
    assertThat(budget.used()).isEqualTo(budget.max());
    budget.take(100_000); // one for each thread that reads
    cache.put(segment(9), new SegmentIndex(10));
    assertThat(budget.used()).isEqualTo(budget.max() + 100_000);
    for (int i = 1; i < 9; i++) {
      cache.get(
          segment(i),
          () -> {
            throw new AssertionError("it was dropped");
          });
    }
    budget.giveBack(100_000 + 8 * FULL_BYTES - eight);
    cache.close();
    assertThat(budget.used()).isZero();
  }
}
