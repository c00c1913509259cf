package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.EpochStart;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.PartitionEpochs;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.recovery.PartitionScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a claim makes of the files that it finds. */
final class SegmentRecoveryTest {
  private static final Path START = TestEngine.DATA.resolve("start");

  @Test
  void unsyncedTailCutAtEveryByte_isAPrefixOfWholeRecords() throws IOException {
    SegmentOptions options = new SegmentOptions(1 << 20, 8_192, 2, 4_096, 4_096, 1 << 20, 9);
    TestEngine disk = new TestEngine(new SimulatedDisk(), options);
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 3, 900, 1));
    int committed = (int) log.endOffset();
    disk.holdSyncs = true;
    List<LogRecord> underWay = TestRecords.next(log, 110, 1_000, 2);
    log.append(underWay, outcome -> {});
    records.addAll(underWay);
    Path file = disk.segments().get(0);
    byte[] bytes = disk.files.bytes(file);
    assertThat(bytes.length).isGreaterThan(1 << 16);
    SimulatedDisk files = disk.files.copy();
    int[] ends = ends(bytes, records);

    for (int cut = bytes.length; cut > bytes.length - (1 << 16); cut--) {
      TestEngine torn = new TestEngine(files.copy(), options);
      torn.files.replace(file, Arrays.copyOf(bytes, cut));
      int whole = committed;
      while (whole < records.size() && ends[whole] <= cut) {
        whole++;
      }
      PartitionDirectory directory =
          PartitionDirectory.of(torn.files, TestEngine.DATA, TestEngine.PARTITION);
      PartitionScan findings =
          PartitionScan.of(directory, PartitionScan.watermark(directory), options);
      assertThat(findings.verdict().end().offset()).isEqualTo(whole);
      assertThat(findings.verdict().keptBytes()).isEqualTo(ends[whole - 1]);
      assertThat(findings.verdict().losses()).isEmpty();
      if (cut % 17 == 0) { // the same, done
        assertThat(TestRecords.read(torn.start())).isEqualTo(records.subList(0, whole));
        assertThat(torn.files.bytes(file)).hasSize(ends[whole - 1]);
        boolean rest = cut > ends[whole - 1];
        assertThat(torn.eventKinds())
            .isEqualTo(rest ? List.of(SegmentEvent.Kind.TORN_TAIL) : List.of());
      }
    }
  }

  private static int[] ends(byte[] bytes, List<LogRecord> records) {
    int[] ends = new int[records.size()];
    int at = bytes.length;
    for (int i = ends.length - 1; i >= 0; i--) {
      ends[i] = at;
      LogRecord record = records.get(i);
      at -= RecordHeader.BYTES + record.definitions().length() + record.batch().length();
      at -= record.producer().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }
    return ends;
  }

  @Test
  void recordBehindTornBytes_isCutToo() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    List<LogRecord> stored = TestRecords.commit(log, 1, 100, 1);
    int synced = disk.files.bytes(disk.segments().get(0)).length;
    disk.holdSyncs = true;
    log.append(TestRecords.next(log, 3, 100, 2), outcome -> {});
    disk.files.flip(disk.segments().get(0), synced + 30);

    PartitionLog again = disk.restartAfterKill();

    assertThat(TestRecords.read(again)).isEqualTo(stored);
    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.TORN_TAIL);
    assertThat(disk.events.get(0).text()).contains("whole records among them 2");
    TestRecords.commit(again, 1, 100, 3);
  }

  @Test
  void laterRecord_provesThatDamageBeforeItWasSynced() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start(); // never ticks, so the watermark knows of nothing
    TestRecords.commit(log, 2, 100, 1);
    List<LogRecord> last = TestRecords.commit(log, 1, 100, 2);
    int header = SegmentHeader.read(disk.files.openForReading(disk.segments().get(0))).bytes();
    disk.files.flip(disk.segments().get(0), header);

    List<LogItem> found = TestRecords.read(disk.restartAfterKill());

    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.DATA_LOSS);
    assertThat(found).hasSize(3).endsWith(last.get(0));
    assertThat(((DamagedRange) found.get(0)).nextOffset()).isEqualTo(1);
  }

  @Test
  void headerOfARecordCutShort_provesItToo() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    List<LogRecord> first = TestRecords.commit(log, 1, 100, 1);
    Path file = disk.segments().get(0);
    int second = disk.files.bytes(file).length;
    TestRecords.commit(log, 1, 100, 2);
    TestRecords.commit(log, 1, 100, 3);
    byte[] bytes = disk.files.bytes(file);
    disk.files.replace(file, Arrays.copyOf(bytes, bytes.length - 1));
    disk.files.flip(file, second);

    List<LogItem> found = TestRecords.read(disk.restartAfterKill());

    assertThat(found).hasSize(2).startsWith(first.get(0));
    assertThat(((DamagedRange) found.get(1)).nextOffset()).isEqualTo(2);
  }

  @Test
  void crashAtEveryStepOfRecovery_forgetsNoLoss() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 4, 100, 1));
    disk.holdSyncs = true;
    log.append(TestRecords.next(log, 3, 100, 2), outcome -> {}); // proves that four are synced
    Path file = disk.segments().get(0);
    byte[] bytes = disk.files.bytes(file);
    int[] ends = ends(bytes, concat(records, TestRecords.next(log, 3, 100, 2)));
    Arrays.fill(bytes, ends[1], ends[4], (byte) 0); // 2, 3 and the unsynced 4; 5 and 6 are whole
    disk.files.replace(file, bytes);
    long lost = records.get(3).readingsAfter() - records.get(1).readingsAfter();

    for (int step = 1; step < 20; step++) {
      TestEngine crashing = disk.copy();
      crashing.files.failSync(step);
      try {
        crashing.start();
      } catch (IOException expected) {
        assertThat(expected).hasStackTraceContaining("injected");
      }
      List<LogItem> found = TestRecords.read(crashing.restartAfterPowerCut(null));
      assertThat(found).as("crash at sync %d", step).hasSize(3);
      assertThat(found.subList(0, 2)).isEqualTo(records.subList(0, 2));
      DamagedRange range = (DamagedRange) found.get(2);
      assertThat(range.fromOffset()).isEqualTo(2);
      assertThat(range.nextOffset()).isEqualTo(4);
      assertThat(range.readings()).isEqualTo(lost);
    }
  }

  private static List<LogRecord> concat(List<LogRecord> one, List<LogRecord> two) {
    List<LogRecord> both = new ArrayList<>(one);
    both.addAll(two);
    return both;
  }

  @Test
  void crashWhileRecoveryDropsAnEmptySegment_forgetsNoLoss() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 1, 100, 1);
    int firstEnds = disk.files.bytes(disk.segments().get(0)).length;
    TestRecords.commit(log, 1, 100, 2);
    disk.files.kill();
    Path empty =
        TestEngine.DIRECTORY.resolve("00000000000000000002.log"); // a roll: all before is synced
    disk.files.open(empty);
    disk.files.syncDirectory(TestEngine.DIRECTORY);
    disk.files.flip(disk.segments().get(0), firstEnds + 10);

    disk.files.failWrite(2, 0); // the start number is the first
    assertThatThrownBy(disk::start).isInstanceOf(IOException.class);
    PartitionLog recovered = disk.restartAfterKill();

    assertThat(disk.eventKinds()).contains(SegmentEvent.Kind.DATA_LOSS);
    assertThat(recovered.endOffset()).isEqualTo(2);
  }

  @Test
  void tick_provesWhatNoRecordDoes() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    List<LogRecord> records = TestRecords.commit(log, 2, 100, 1);
    disk.engine.tick();
    Path file = disk.segments().get(0);
    disk.files.replace(file, Arrays.copyOf(disk.files.bytes(file), 200));

    List<LogItem> found = TestRecords.read(disk.restartAfterKill());

    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.DATA_LOSS);
    assertThat(found).hasSize(1);
    DamagedRange lost = (DamagedRange) found.get(0);
    assertThat(lost.fromOffset()).isZero();
    assertThat(lost.nextOffset()).isEqualTo(2);
    assertThat(lost.readings()).isEqualTo(records.get(1).readingsAfter());
  }

  @Test
  void checkpoint_provesWhatNoRecordDoes() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 2, 100, 1);
    log.checkpoint(checkpoint(log)); // and no tick
    Path file = disk.segments().get(0);
    disk.files.replace(file, Arrays.copyOf(disk.files.bytes(file), 200));

    List<LogItem> found = TestRecords.read(disk.restartAfterKill());

    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.DATA_LOSS);
    assertThat(((DamagedRange) found.get(0)).nextOffset()).isEqualTo(2);
  }

  @Test
  void failedTick_isToldAndTriedAgain() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 2, 100, 1);
    disk.files.failSync(1);
    disk.engine.tick();
    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.WATERMARK_FAILED);
    disk.engine.tick();
    assertThat(disk.events).hasSize(1);
    int syncs = disk.files.syncs();
    disk.engine.tick();
    assertThat(disk.files.syncs()).as("nothing new, nothing written").isEqualTo(syncs);
    TestRecords.commit(log, 1, 100, 1);
  }

  @Test
  void damagedHeaderOfTheLastSegment_startsANewOne() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 2, 100, 1));
    List<EpochStart> epochs = log.epochs();
    disk.engine.close();
    disk.files.flip(disk.segments().get(0), 50);

    PartitionLog again = disk.start();

    assertThat(disk.eventKinds()).containsExactly(SegmentEvent.Kind.HEADER_DAMAGED);
    assertThat(again.epochs()).isEqualTo(epochs);
    assertThat(disk.segments()).hasSize(2);
    records.addAll(TestRecords.commit(again, 1, 100, 2));
    PartitionLog third = disk.restart();
    assertThat(disk.events).isEmpty();
    assertThat(TestRecords.read(third)).isEqualTo(records);
    assertThat(third.epochs()).hasSize(2);
  }

  @Test
  void onlyTheNewestEpochsAreRemembered() throws IOException {
    SegmentOptions few = new SegmentOptions(2_048, 512, 2, 1_024, 1_024, 1 << 20, 3);
    TestEngine disk = new TestEngine(new SimulatedDisk(), few);
    PartitionLog log = disk.start();
    List<EpochStart> all = new ArrayList<>();
    for (int start = 0; start < 12; start++) {
      all.add(new EpochStart(log.epoch(), log.endOffset(), log.endReadings()));
      TestRecords.commit(log, 1, 900, start);
      log = disk.restart();
    }
    assertThat(log.epochs()).isEqualTo(all.subList(9, 12));
  }

  @Test
  void startNumber_growsAndSurvivesOneDamagedCopy() throws IOException {
    TestEngine disk = new TestEngine();
    long epoch = disk.start().epoch();
    for (int at : new int[] {20, 4, 530}) {
      disk.engine.close();
      disk.files.flip(START, at);
      long next = disk.start().epoch();
      assertThat(PartitionEpochs.startNumber(next))
          .isEqualTo(PartitionEpochs.startNumber(epoch) + 1);
      epoch = next;
    }
    disk.engine.close();
    disk.files.flip(START, 20);
    disk.files.flip(START, 530);
    assertThatThrownBy(disk::start)
        .isInstanceOf(DataLossException.class)
        .hasMessageContaining(START.toString());
    disk.files.delete(START);
    assertThatThrownBy(disk::start)
        .isInstanceOf(DataLossException.class)
        .hasMessageContaining(START.toString());
  }

  @Test
  void startNumberOlderThanTheLog_isRaisedAboveIt() throws IOException {
    TestEngine disk = new TestEngine();
    disk.start();
    disk.engine.close();
    byte[] old = disk.files.bytes(START);
    long epoch = 0;
    for (int start = 0; start < 5; start++) {
      epoch = disk.start().epoch();
      disk.engine.close();
    }
    disk.files.replace(START, old);
    assertThat(PartitionEpochs.startNumber(disk.start().epoch()))
        .isGreaterThan(PartitionEpochs.startNumber(epoch));
  }

  @Test
  void directoryInUse_isRefusedWithWhatToDo() throws IOException {
    TestEngine disk = new TestEngine();
    disk.start();
    assertThatThrownBy(() -> new TestEngine(disk.files, disk.options).start())
        .isInstanceOf(DirectoryInUseException.class)
        .hasMessageContaining("--data")
        .hasMessageContaining(TestEngine.DATA.toString());
    disk.engine.close();
    new TestEngine(disk.files, disk.options).start();
  }

  @Test
  void checkpointAheadOfTheLog_isDiscarded() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 1, 100, 1);
    Checkpoint older = checkpoint(log);
    log.checkpoint(older);
    SimulatedDisk before = disk.files.copy();
    TestRecords.commit(log, 1, 100, 2);
    log.checkpoint(checkpoint(log));
    byte[] ahead = disk.files.bytes(checkpointPath(2));

    TestEngine behind = new TestEngine(before, disk.options);
    before.open(checkpointPath(2));
    before.replace(checkpointPath(2), ahead);

    assertThat(behind.start().checkpoint()).contains(older);
    assertThat(behind.eventKinds()).containsExactly(SegmentEvent.Kind.CHECKPOINT_DISCARDED);
    assertThat(before.paths()).doesNotContain(checkpointPath(2)).contains(checkpointPath(1));
  }

  @Test
  void checkpointOfAnotherHistory_isDiscarded() throws IOException {
    TestEngine one = new TestEngine();
    PartitionLog log = one.start();
    TestRecords.commit(log, 2, 100, 1);
    log.checkpoint(checkpoint(log));
    TestEngine two = new TestEngine();
    two.random.setSeed(9);
    PartitionLog other = two.start();
    TestRecords.commit(other, 2, 100, 1);
    two.files.open(checkpointPath(2));
    two.files.replace(checkpointPath(2), one.files.bytes(checkpointPath(2)));

    assertThat(other.checkpoint()).isEmpty();
    assertThat(two.eventKinds()).containsExactly(SegmentEvent.Kind.CHECKPOINT_DISCARDED);
  }

  @Test
  void twoNewestCheckpoints_areKept_alsoOverAPowerCut() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    List<Checkpoint> all = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      TestRecords.commit(log, 1, 100, round);
      all.add(checkpoint(log));
      log.checkpoint(all.get(round));
    }
    log = disk.restartAfterPowerCut(null);
    assertThat(log.checkpoint()).contains(all.get(3));
    disk.files.flip(checkpointPath(4), 48);
    assertThat(log.checkpoint()).contains(all.get(2));
    assertThat(log.checkpoint()).contains(all.get(2));
    disk.files.flip(checkpointPath(3), 4);
    assertThat(log.checkpoint()).isEmpty();
  }

  @Test
  void checkpointThatCannotBeWritten_takesNoSpace() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 1, 100, 1);
    disk.files.failWrite(1, 20);

    assertThatThrownBy(() -> log.checkpoint(checkpoint(log))).isInstanceOf(IOException.class);

    assertThat(disk.files.paths()).noneMatch(path -> path.toString().endsWith(".tmp"));
  }

  @Test
  void checkpointThatCannotBeWritten_leavesTheOldOne() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 1, 100, 1);
    Checkpoint older = checkpoint(log);
    log.checkpoint(older);
    TestRecords.commit(log, 1, 100, 2);
    Checkpoint newer = checkpoint(log);
    disk.files.failWrite(1, 20);
    assertThatThrownBy(() -> log.checkpoint(newer)).isInstanceOf(IOException.class);
    assertThat(log.checkpoint()).contains(older);
    assertThat(disk.restart().checkpoint()).contains(older);
    assertThat(disk.files.paths()).noneMatch(path -> path.toString().endsWith(".tmp"));
  }

  @Test
  void largeCheckpoint_isWrittenInPieces_andTheOldOneStaysWhicheverFails() throws IOException {
    TestEngine disk = new TestEngine();
    PartitionLog log = disk.start();
    TestRecords.commit(log, 1, 100, 1);
    Checkpoint older = checkpoint(log);
    log.checkpoint(older);
    TestRecords.commit(log, 1, 100, 2);
    byte[] state = new byte[200_000];
    new Random(7).nextBytes(state);
    Checkpoint large =
        new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.of(state));
    for (int piece = 1; piece <= 4; piece++) {
      disk.files.failWrite(piece, 20);
      assertThatThrownBy(() -> log.checkpoint(large)).isInstanceOf(IOException.class);
      assertThat(log.checkpoint()).contains(older);
    }
    log.checkpoint(large);
    assertThat(log.checkpoint()).contains(large);
    assertThat(disk.restart().checkpoint()).contains(large);
  }

  private static Checkpoint checkpoint(PartitionLog log) {
    return new Checkpoint(
        log.epoch(), log.endOffset(), log.endReadings(), Slice.of(new byte[] {1, 2, 3}));
  }

  private static Path checkpointPath(long offset) {
    return TestEngine.DIRECTORY.resolve(String.format("checkpoint-%020d", offset));
  }
}
