package dev.weir.service.log.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.TestRecords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is special about logs in memory. */
final class MemoryLogTest {
  private static final PartitionId PARTITION = new PartitionId("00000000000000ff", 3);

  private final AtomicLong epoch = new AtomicLong();
  private final Budget held = new Budget("memory_log_bytes", 25_000);
  private final MemoryEngine engine =
      new MemoryEngine(
          id -> epoch.addAndGet(1 << 16), 10_000 + MemoryLog.RECORD_OVERHEAD_BYTES, held);

  private static LogRecord record(PartitionLog log, int batchBytes) {
    LogRecord any = TestRecords.next(log, 1, 1, 1).get(0);
    return TestRecords.withBatch(any, Slice.of(new byte[batchBytes]));
  }

  private static void append(PartitionLog log, int batchBytes) {
    assertThat(TestRecords.append(log, List.of(record(log, batchBytes))))
        .isEqualTo(new AppendOutcome.Committed());
  }

  @Test
  void everyAppend_keepsWithinTheBound() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    for (int round = 0; round < 500; round++) {
      append(log, round % 900);
      assertThat(log.bytes()).isLessThan(10_300);
    }
    assertThat(log.bytes()).isGreaterThan(8_500);
    assertThat(log.startOffset()).isBetween(400L, 499L);
    assertThat(log.endOffset()).isEqualTo(500);
  }

  @Test
  void beyondTheBoundOfAll_thoseThatHoldMostGiveWay() throws IOException {
    PartitionLog small = engine.claim(new PartitionId("00000000000000fe", 0), true);
    append(small, 500);
    List<PartitionLog> large = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      large.add(engine.claim(new PartitionId("00000000000000fe", i + 1), true));
    }
    for (int round = 0; round < 100; round++) {
      for (PartitionLog log : large) {
        append(log, 100);
        assertThat(large.stream().mapToLong(PartitionLog::bytes).sum() + small.bytes())
            .isLessThanOrEqualTo(25_000);
      }
    }
    assertThat(small.startOffset()).isZero();
    assertThat(large).allMatch(log -> log.bytes() > 4_500 && log.bytes() < 10_000);
    large.get(0).close();
    append(large.get(1), 9_000);
    assertThat(large.get(1).bytes()).isGreaterThan(9_000);
  }

  @Test
  void moreLogsThanTheBoundOfAllHolds_keepTheirNewestRecordAndAreSeldomLookedAt()
      throws IOException {
    List<PartitionLog> logs = new ArrayList<>();
    AtomicLong drops = new AtomicLong();
    for (int i = 0; i < 200; i++) {
      PartitionLog log = engine.claim(new PartitionId("00000000000000fe", i), true);
      log.onDropped(drops::incrementAndGet);
      logs.add(log);
      append(log, 100);
    }
    long filled = drops.get();
    for (int round = 0; round < 20; round++) {
      for (PartitionLog log : logs) {
        append(log, 100);
        assertThat(log.endOffset() - log.startOffset()).isEqualTo(1);
      }
    }
    assertThat(drops.get() - filled).as("one log for each append").isLessThan(5_000);
  }

  @Test
  void logsThatAskForRoom_areRefusedBeforeTheirNewestRecordsAreTooMuch() throws IOException {
    long most = 0;
    int refused = 0;
    PartitionLog holder = null;
    for (int i = 0; i < 200; i++) {
      PartitionLog log = engine.claim(new PartitionId("00000000000000fd", i), true);
      if (log.hasRoomFor(1_000)) {
        append(log, 1_000);
        holder = log;
      } else {
        refused++;
      }
      most = Math.max(most, held.used());
    }
    assertThat(most).isLessThanOrEqualTo(25_000);
    assertThat(refused).isGreaterThan(150);
    assertThat(held.refusals()).isEqualTo(refused);
    assertThat(holder.hasRoomFor(1_000)).as("it replaces its own").isTrue();
    assertThat(holder.hasRoomFor(2_000)).isFalse();
    PartitionLog empty = engine.claim(new PartitionId("00000000000000fc", 0), true);
    assertThat(empty.hasRoomFor(1_000)).isFalse();
    holder.close();
    assertThat(empty.hasRoomFor(100)).as("one has left").isTrue();
  }

  @Test
  void recordWithoutRoom_drivesNothingOut_andASmallerOneStillFinds() throws IOException {
    PartitionLog other = engine.claim(new PartitionId("00000000000000fb", 0), true);
    append(other, 9_000);
    PartitionLog full = engine.claim(new PartitionId("00000000000000fa", 0), true);
    for (int i = 0; i < 15; i++) {
      append(full, 200);
    }
    PartitionLog third = engine.claim(new PartitionId("00000000000000fa", 1), true);
    append(third, 6_000);
    long used = held.used();
    PartitionLog late = engine.claim(new PartitionId("00000000000000fa", 2), true);
    assertThat(late.hasRoomFor(9_900)).isFalse();
    assertThat(held.used()).isEqualTo(used);
    assertThat(late.hasRoomFor(7_000)).as("if the one with many gives way").isTrue();
    append(late, 7_000);
    assertThat(held.used()).isLessThanOrEqualTo(25_000);
    assertThat(full.endOffset() - full.startOffset()).isBetween(1L, 14L);
    assertThat(List.of(other, third)).allMatch(log -> log.startOffset() == 0);
  }

  @Test
  void recordBeyondTheBound_staysAloneUntilTheNext() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    append(log, 10);
    LogRecord large = record(log, 1_000_000);
    TestRecords.append(log, List.of(large));
    assertThat(TestRecords.read(log)).containsExactly(large);
    append(log, 10);
    assertThat(log.startOffset()).isEqualTo(2);
    assertThat(log.startReadings()).isEqualTo(large.readingsAfter());
    assertThat(log.bytes()).isLessThan(1_000);
  }

  @Test
  void roundLargerThanTheBound_keepsItsNewestRecords() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    List<LogRecord> records = TestRecords.commit(log, 200, 700, 1);
    int start = (int) log.startOffset();
    assertThat(start).isPositive();
    assertThat(TestRecords.read(log)).isEqualTo(records.subList(start, 200));
  }

  @Test
  void retention_movesTheBoundForLaterAppends() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    TestRecords.commit(log, 10, 700, 1);
    assertThat(log.retain(new Retention(Long.MIN_VALUE, 2_000))).isFalse();
    assertThat(log.bytes()).isBetween(500L, 2_000L);
    for (int round = 0; round < 50; round++) {
      TestRecords.commit(log, 1, 300, round);
      assertThat(log.bytes()).isLessThanOrEqualTo(2_000);
    }
    log.retain(new Retention(Long.MIN_VALUE, 50_000));
    TestRecords.commit(log, 60, 300, 1);
    assertThat(log.bytes()).isGreaterThan(15_000);
  }

  @Test
  void overtakenReader_isExpiredByAppendsAlone() throws IOException {
    PartitionLog log = engine.claim(PARTITION, true);
    append(log, 10);
    try (LogReader reader = log.read(0, true)) {
      assertThat(reader.next()).isNotNull();
      for (int round = 0; round < 100; round++) {
        append(log, 800);
      }
      assertThatThrownBy(reader::next)
          .isInstanceOf(ExpiredException.class)
          .hasMessageContaining("offset 1 was deleted");
    }
  }

  @Test
  void nextClaim_beginsEmptyAtZeroUnderAGreaterEpoch() throws IOException {
    PartitionLog first = engine.claim(PARTITION, true);
    TestRecords.commit(first, 3, 100, 1);
    first.checkpoint(new Checkpoint(first.epoch(), 3, first.endReadings(), Slice.EMPTY));
    first.close();
    first.close();

    PartitionLog second = engine.claim(PARTITION, true);

    assertThat(second.epoch()).isGreaterThan(first.epoch());
    assertThat(second.endOffset()).isZero();
    assertThat(second.epochs()).isEmpty();
    assertThat(second.checkpoint()).isEmpty();
    assertThatThrownBy(() -> first.append(TestRecords.next(first, 1, 1, 1), outcome -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void claimThatFails_canBeTriedAgain() throws IOException {
    boolean[] fails = {true};
    MemoryEngine failing =
        new MemoryEngine(
            id -> {
              if (fails[0]) {
                throw new IOException("injected");
              }
              return 1 << 16;
            },
            1_000,
            new Budget("memory_log_bytes", 1_000));
    assertThatThrownBy(() -> failing.claim(PARTITION, true)).isInstanceOf(IOException.class);
    fails[0] = false;
    assertThat(failing.claim(PARTITION, true).epoch()).isEqualTo(1 << 16);
  }
}
