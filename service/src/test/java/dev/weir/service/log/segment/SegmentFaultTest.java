package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.DiskFullException;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointTooLargeException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What the engine promises when the disk fails (D1, D3, D5, D6). */
final class SegmentFaultTest {
  private final TestEngine disk = new TestEngine();

  @Test
  void powerCut_losesNothingCommitted() throws IOException {
    for (int seed = 0; seed < 200; seed++) {
      TestEngine cut = new TestEngine();
      PartitionLog log = cut.start();
      List<LogRecord> committed = new ArrayList<>();
      for (int round = 0; round < seed % 7; round++) {
        committed.addAll(TestRecords.commit(log, 3, 700, seed * 100L + round * 10L));
      }
      cut.holdSyncs = true;
      List<LogRecord> underWay = TestRecords.next(log, 4, 700, seed);
      log.append(underWay, outcome -> {});

      List<LogItem> found =
          TestRecords.read(cut.restartAfterPowerCut(seed % 2 == 0 ? null : new Random(seed)));

      List<LogRecord> all = new ArrayList<>(committed);
      all.addAll(underWay);
      assertThat(found).as("seed %d", seed).hasSizeGreaterThanOrEqualTo(committed.size());
      assertThat(found).as("seed %d", seed).isEqualTo(all.subList(0, found.size()));
    }
  }

  @Test
  void append_isCommittedAndVisibleOnlyAfterItsSync() throws IOException {
    PartitionLog log = disk.start();
    TestRecords.commit(log, 2, 100, 1);
    disk.holdSyncs = true;
    List<LogRecord> records = TestRecords.next(log, 3, 100, 2);
    List<AppendOutcome> outcomes = new ArrayList<>();
    try (LogReader reader = log.read(2, true)) {
      log.append(records, outcomes::add);
      assertThat(outcomes).isEmpty();
      assertThat(log.endOffset()).isEqualTo(2);
      assertThat(reader.next()).isNull();
      int before = disk.files.syncs();
      disk.heldSyncs.remove().run();
      assertThat(disk.files.syncs()).isEqualTo(before + 1);
      assertThat(outcomes).containsExactly(new AppendOutcome.Committed());
      assertThat(TestRecords.drain(reader)).containsExactlyElementsOf(records);
    }
  }

  /** The process ends by it: whoever waited is not told, and nothing is shown that may be lost. */
  @Test
  void commitThatFindsNoMemory_isNotTakenForAFailedSync_butThrown() throws IOException {
    PartitionLog log = disk.start();
    TestRecords.commit(log, 2, 100, 1);
    Error none = new OutOfMemoryError("on purpose");
    disk.files.breakSync(none);
    List<AppendOutcome> outcomes = new ArrayList<>();
    List<LogRecord> records = TestRecords.next(log, 1, 100, 2);
    assertThatThrownBy(() -> log.append(records, outcomes::add)).isSameAs(none);
    assertThat(outcomes).isEmpty();
    assertThat(log.endOffset()).isEqualTo(2);
  }

  @Test
  void secondAppendUnderWay_isRefused() throws IOException {
    PartitionLog log = disk.start();
    disk.holdSyncs = true;
    List<LogRecord> records = TestRecords.next(log, 1, 100, 2);
    log.append(records, outcome -> {});
    assertThatThrownBy(() -> log.append(records, outcome -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void failedWrite_storesNothingAndTheNextAppendWorks() throws IOException {
    for (int torn = 0; torn < 2_500; torn += 7) {
      TestEngine failing = new TestEngine();
      PartitionLog log = failing.start();
      List<LogRecord> expected = new ArrayList<>(TestRecords.commit(log, 1, 300, 1));
      List<LogRecord> refused = TestRecords.next(log, 6, 900, 2);
      failing.files.failWrite(1 + torn / 1_024, torn % 1_024);

      AppendOutcome outcome = TestRecords.append(log, refused);

      assertThat(outcome).isInstanceOf(AppendOutcome.NotStored.class);
      assertThat(log.endOffset()).isEqualTo(1);
      assertThat(TestRecords.read(failing.copyOfSurvivors(torn)))
          .as("what was rejected never comes back, torn %d", torn)
          .isEqualTo(expected);
      expected.addAll(TestRecords.commit(log, 2, 300, 3));
      assertThat(TestRecords.read(log)).isEqualTo(expected);
      assertThat(TestRecords.read(failing.restartAfterPowerCut(null))).isEqualTo(expected);
    }
  }

  @Test
  void refusedSync_takesTheRoundBackAndNoReaderHasSeenIt() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> expected = new ArrayList<>(TestRecords.commit(log, 1, 100, 1));
    List<LogReader> readers = new ArrayList<>();
    disk.insteadOfSyncs =
        () -> {
          try {
            readers.add(log.read(0, true)); // while the round is in the file
            assertThat(TestRecords.drain(readers.get(0))).isEqualTo(expected);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          throw new RejectedExecutionException("injected");
        };
    assertThat(TestRecords.append(log, TestRecords.next(log, 1, 100, 2)))
        .isInstanceOf(AppendOutcome.NotStored.class);
    disk.insteadOfSyncs = null;
    List<LogRecord> next = TestRecords.commit(log, 2, 100, 3);
    assertThat(TestRecords.drain(readers.get(0))).isEqualTo(next);
    expected.addAll(next);
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(expected);
  }

  @Test
  void failedCut_poisonsUntilRestart() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> stored = TestRecords.commit(log, 2, 100, 1);
    disk.files.failWrite(1, 150);
    disk.files.failTruncate(1);

    assertPoisoned(log, TestRecords.next(log, 2, 100, 2));

    assertThat(TestRecords.read(log)).isEqualTo(stored);
    log.close();
    assertThatThrownBy(() -> disk.engine.claim(TestEngine.PARTITION, true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("restart");
    PartitionLog again = disk.restart();
    assertThat(TestRecords.read(again).subList(0, 2)).isEqualTo(stored);
    TestRecords.commit(again, 1, 100, 3);
  }

  @Test
  void failedSync_poisonsThePartitionAlone() throws IOException {
    PartitionLog log = disk.start();
    PartitionLog other = disk.engine.claim(PartitionId.SYSTEM, true);
    List<LogRecord> stored = TestRecords.commit(log, 2, 100, 1);
    List<LogRecord> unknown = TestRecords.next(log, 2, 100, 2);
    disk.files.failSync(1);

    assertPoisoned(log, unknown);

    assertThat(TestRecords.read(log)).as("reads go on").isEqualTo(stored);
    TestRecords.commit(other, 1, 100, 3);

    List<LogRecord> all = new ArrayList<>(stored);
    all.addAll(unknown);
    List<LogItem> found = TestRecords.read(disk.restartAfterKill());
    assertThat(found).as("still in the page cache").isEqualTo(all);
    // The failed sync left those pages clean, but recovery has written them again.
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(all);
  }

  private void assertPoisoned(PartitionLog log, List<LogRecord> records) {
    assertThat(TestRecords.append(log, records)).isInstanceOf(AppendOutcome.Unknown.class);
    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.POISONED);
    int syncs = disk.files.syncs();
    assertThat(TestRecords.append(log, records)).isInstanceOf(AppendOutcome.Unknown.class);
    assertThat(disk.files.syncs()).as("nothing is tried any more").isEqualTo(syncs);
    assertThat(log.endOffset()).isEqualTo(records.get(0).offset());
  }

  @Test
  void failedSyncOfANewSegment_poisons() throws IOException {
    for (int sync = 1; sync <= 2; sync++) { // the file's, the directory's
      TestEngine failing = new TestEngine();
      PartitionLog log = failing.start();
      List<LogRecord> stored = TestRecords.commit(log, 6, 900, 1);
      failing.files.failSync(sync);
      List<LogRecord> unknown = TestRecords.next(log, 1, 900, 2);
      assertThat(TestRecords.append(log, unknown)).isInstanceOf(AppendOutcome.Unknown.class);
      PartitionLog again = failing.restartAfterPowerCut(null);
      assertThat(TestRecords.read(again)).isEqualTo(stored);
      TestRecords.commit(again, 1, 900, 3);
    }
  }

  @Test
  void fullDisk_refusesAppendsUntilThereIsSpace() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> expected = new ArrayList<>(TestRecords.commit(log, 2, 300, 1));
    for (long free = 0; free < 4_000; free += 300) {
      disk.files.free(free);
      AppendOutcome outcome = TestRecords.append(log, TestRecords.next(log, 8, 1_000, 2));
      assertThat(outcome).isInstanceOf(AppendOutcome.NotStored.class);
      assertThat(((AppendOutcome.NotStored) outcome).cause()).isInstanceOf(DiskFullException.class);
      assertThat(TestRecords.read(log)).isEqualTo(expected);
    }
    disk.files.heal();
    expected.addAll(TestRecords.commit(log, 8, 1_000, 2));
    expected.addAll(TestRecords.commit(log, 1, 1_000, 3));
    assertThat(TestRecords.read(log)).isEqualTo(expected);
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(expected);
  }

  @Test
  void stateTooLargeForACheckpoint_isToldAsSuch_andLeavesNoFile() throws IOException {
    PartitionLog log = disk.start();
    byte[] piece = new byte[1 << 20];
    var head = new Checkpoint(log.epoch(), 0, 0, Slice.EMPTY);
    assertThatThrownBy(
            () ->
                log.checkpoint(
                    head,
                    out -> {
                      for (int i = 0; i < 2_048; i++) {
                        out.write(piece);
                      }
                    }))
        .isInstanceOf(CheckpointTooLargeException.class)
        .hasMessageContaining("2147483648 bytes");
    assertThat(disk.files.paths()).noneMatch(path -> path.toString().contains("checkpoint"));
    assertThat(log.poisoned()).isFalse();
  }

  @Test
  void crashWhileASegmentIsMade_leavesAUsableLog() throws IOException {
    for (int torn = 0; torn < 160; torn += 3) {
      TestEngine crashing = new TestEngine();
      PartitionLog log = crashing.start();
      List<LogRecord> expected = new ArrayList<>(TestRecords.commit(log, 6, 900, 1));
      crashing.files.failWrite(1, torn);
      TestRecords.append(log, TestRecords.next(log, 1, 900, 2));
      assertThat(crashing.segments()).hasSize(2);

      PartitionLog again = crashing.restartAfterKill();
      assertThat(TestRecords.read(again)).isEqualTo(expected);
      expected.addAll(TestRecords.commit(again, 2, 900, 3));
      assertThat(TestRecords.read(crashing.restart())).isEqualTo(expected);
    }
  }

  @Test
  void failedRoll_isTriedAgainByTheNextAppend() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> expected = new ArrayList<>(TestRecords.commit(log, 1, 300, 1));
    disk.files.failWrite(1, 10);
    assertThat(TestRecords.append(log, TestRecords.next(log, 6, 900, 2)))
        .isInstanceOf(AppendOutcome.NotStored.class);
    expected.addAll(TestRecords.commit(log, 1, 1, 3)); // would have fitted into the old one
    assertThat(disk.segments()).hasSize(2);
    expected.addAll(TestRecords.commit(log, 6, 900, 4));
    assertThat(TestRecords.read(log)).isEqualTo(expected);
    assertThat(TestRecords.read(disk.restartAfterKill())).isEqualTo(expected);
  }
}
