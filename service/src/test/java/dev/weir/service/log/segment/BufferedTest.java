package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.CursorResolver;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.cursor.ResolvedPosition;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a partition that commits before its sync promises, and what it does not (BUFFERED). */
final class BufferedTest {
  private final TestEngine disk = TestEngine.buffered(TestEngine.SMALL);

  private static List<LogRecord> plain(PartitionLog log, int count, int bytes, long seed) {
    return TestRecords.next(log, count, bytes, seed).stream().map(TestRecords::plain).toList();
  }

  private static List<LogRecord> commit(PartitionLog log, int count, int bytes, long seed) {
    List<LogRecord> records = plain(log, count, bytes, seed);
    assertThat(TestRecords.append(log, records)).isEqualTo(new AppendOutcome.Committed());
    return records;
  }

  @Test
  void append_isCommittedBeforeItsSync_andSyncedWhenAsked() throws IOException {
    PartitionLog log = disk.start();
    int syncs = disk.files.syncs();
    List<LogRecord> records = commit(log, 3, 100, 1);

    assertThat(disk.files.syncs()).isEqualTo(syncs);
    assertThat(TestRecords.read(log)).isEqualTo(records);

    disk.engine.syncBuffered();
    disk.engine.syncBuffered();
    assertThat(disk.files.syncs()).as("once, as nothing came behind").isEqualTo(syncs + 1);
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(records);
  }

  @Test
  void killedProcess_losesNothing() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      records.addAll(commit(log, 2, 700, round));
    }
    assertThat(TestRecords.read(disk.restartAfterKill())).isEqualTo(records);
    assertThat(disk.events).isEmpty();
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null)))
        .as("recovery has synced what it kept")
        .isEqualTo(records);
  }

  @Test
  void lostPageCache_leavesAPrefixOfWholeRecords_andACursorBehindItIsLost() throws IOException {
    for (int seed = 0; seed < 200; seed++) {
      TestEngine cut = TestEngine.buffered(TestEngine.SMALL.withSegmentBytes(1 << 20));
      PartitionLog log = cut.start();
      List<LogRecord> all = new ArrayList<>(commit(log, 3, 700, seed));
      cut.engine.syncBuffered();
      all.addAll(commit(log, 1 + seed % 5, 700, seed + 10L));
      Position seen = position(log.epoch(), all.get(all.size() - 1));

      PartitionLog again = cut.restartAfterPowerCut(seed % 2 == 0 ? null : new Random(seed));

      List<LogItem> found = TestRecords.read(again);
      assertThat(found).as("seed %d", seed).hasSizeBetween(3, all.size());
      assertThat(found).as("seed %d", seed).isEqualTo(all.subList(0, found.size()));
      assertThat(cut.eventKinds()).isSubsetOf(SegmentEvent.Kind.TORN_TAIL);
      long lost = all.get(all.size() - 1).readingsAfter() - again.endReadings();
      ResolvedPosition resolved = CursorResolver.resolve(seen, again.range());
      if (found.size() == all.size()) {
        assertThat(resolved).isEqualTo(new ResolvedPosition.At(seen));
      } else {
        assertThat(resolved)
            .isEqualTo(new ResolvedPosition.Lost(seen, again.range().latest(), lost));
      }
      // The offsets are used again, under another epoch; the cursor still knows that it lost.
      List<LogRecord> next = commit(again, 9, 10, seed + 100L);
      LogRange range = again.range();
      if (found.size() < all.size()) {
        Position to = range.at(found.size(), next.get(0).readingsBefore());
        assertThat(to.epoch()).isEqualTo(again.epoch()).isNotEqualTo(seen.epoch());
        assertThat(CursorResolver.resolve(seen, range))
            .isEqualTo(new ResolvedPosition.Lost(seen, to, lost));
      }
    }
  }

  private static Position position(long epoch, LogRecord behind) {
    return new Position(epoch, behind.nextOffset(), behind.readingsAfter(), 0);
  }

  @Test
  void moreUnsyncedThanPermitted_waitsForItsSync() throws IOException {
    TestEngine bounded =
        TestEngine.buffered(TestEngine.SMALL.withSegmentBytes(1 << 20).withUnsyncedBytesMax(1_000));
    PartitionLog log = bounded.start();
    List<LogRecord> first = commit(log, 1, 10, 1);
    bounded.holdSyncs = true;
    List<AppendOutcome> outcomes = new ArrayList<>();
    LogRecord large = TestRecords.withBatch(plain(log, 1, 10, 2).get(0), Slice.of(new byte[1_000]));
    log.append(List.of(large), outcomes::add);

    assertThat(outcomes).isEmpty();
    assertThat(TestRecords.read(log)).isEqualTo(first);
    bounded.heldSyncs.remove().run();
    assertThat(outcomes).containsExactly(new AppendOutcome.Committed());
    bounded.holdSyncs = false;
    commit(log, 1, 10, 3);
    assertThat(TestRecords.read(bounded.restartAfterPowerCut(null))).hasSize(2);
  }

  @Test
  void roundThatGivesOutIdentities_isSyncedFirst() throws IOException {
    for (int seed = 0; seed < 40; seed++) {
      TestEngine cut = TestEngine.buffered(TestEngine.SMALL);
      PartitionLog log = cut.start();
      List<LogRecord> all = new ArrayList<>(commit(log, 1, 100, seed));
      List<LogRecord> round = TestRecords.commit(log, 1, 100, seed);
      all.addAll(round);
      boolean identities =
          round.get(0).definitions().length() > 0
              || round.get(0).type() == RecordType.PRODUCER_EPOCH;

      List<LogItem> found = TestRecords.read(cut.restartAfterPowerCut(null));

      assertThat(found).as("seed %d", seed).isEqualTo(identities ? all : List.of());
    }
  }

  @Test
  void checkpoint_isNeverAheadOfWhatIsSynced() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>(commit(log, 2, 300, 1));
    long offset = log.endOffset();
    long readings = log.endReadings();
    records.addAll(
        commit(log, 3, 300, 2)); // the fold of last values may be ahead of the checkpoint
    log.checkpoint(new Checkpoint(log.epoch(), offset, readings, Slice.of(new byte[3])));

    PartitionLog again = disk.restartAfterPowerCut(null);

    assertThat(TestRecords.read(again)).isEqualTo(records);
    assertThat(again.checkpoint()).hasValueSatisfying(c -> assertThat(c.offset()).isEqualTo(2));
    assertThat(disk.events).isEmpty();
  }

  @Test
  void failedBackgroundSync_poisons_andWhatWasCommittedStaysReadable() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> synced = new ArrayList<>(commit(log, 1, 100, 1));
    disk.engine.syncBuffered();
    List<LogRecord> all = new ArrayList<>(synced);
    all.addAll(commit(log, 2, 100, 2));
    disk.files.failSync(1);
    disk.engine.syncBuffered();

    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.POISONED);
    assertThat(TestRecords.append(log, plain(log, 1, 100, 3)))
        .isInstanceOf(AppendOutcome.Unknown.class);
    assertThat(TestRecords.read(log)).isEqualTo(all);
    assertThatThrownBy(
            () ->
                log.checkpoint(
                    new Checkpoint(
                        log.epoch(), log.endOffset(), log.endReadings(), Slice.of(new byte[1]))))
        .isInstanceOf(IOException.class);
    disk.engine.close(); // its watermark says no more than is true
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(synced);
    assertThat(disk.eventKinds()).doesNotContain(SegmentEvent.Kind.DATA_LOSS);
  }

  @Test
  void cleanStop_syncs_andTellsWhereItCannot() throws IOException {
    List<LogRecord> records = commit(disk.start(), 3, 100, 1);
    PartitionLog again = disk.restart();
    assertThat(TestRecords.read(again)).isEqualTo(records);
    commit(again, 1, 100, 2);
    disk.files.failSync(1);
    assertThatThrownBy(again::close).hasMessageContaining("could not be synced");
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(records);
  }

  @Test
  void fullSegment_isSyncedBeforeTheNextBegins() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>();
    while (disk.segments().size() < 3) {
      records.addAll(commit(log, 1, 600, records.size()));
    }
    List<LogItem> found = TestRecords.read(disk.restartAfterPowerCut(null));
    assertThat(found).hasSizeGreaterThanOrEqualTo(records.size() - 1);
    assertThat(found).isEqualTo(records.subList(0, found.size()));
    assertThat(disk.eventKinds()).doesNotContain(SegmentEvent.Kind.DATA_LOSS);
  }
}
