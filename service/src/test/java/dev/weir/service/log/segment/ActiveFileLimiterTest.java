package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFiles;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.CountedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** The files that partitions append to: when they are made, opened and closed, and by whom. */
final class ActiveFileLimiterTest {
  private static final int PARTITIONS = 10;

  private final TestEngine disk = new TestEngine();

  /** Refuses what the operating system would refuse without a descriptor left. */
  static final class Scarce extends ForwardingDataFiles {
    private final IntPredicate refused; // by the number of the attempt
    private int attempts;

    Scarce(DataFiles disk, IntPredicate refused) {
      super(disk);
      this.refused = refused;
    }

    private void attempt(Path path) throws IOException {
      if (refused.test(++attempts)) {
        throw new TooManyFilesException(path + ": injected", null);
      }
    }

    @Override
    public DataFile open(Path path) throws IOException {
      attempt(path);
      return disk.open(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      attempt(directory);
      disk.syncDirectory(directory);
    }
  }

  static PartitionId id(int number) {
    return new PartitionId("00000000000000cd", number);
  }

  @Test
  void rollOpenAndCut_areDoneByTheSyncPool() throws IOException {
    PartitionLog log = disk.start();
    TestRecords.commit(log, 6, 900, 1);
    disk.holdSyncs = true;
    List<AppendOutcome> outcomes = new ArrayList<>();
    int syncs = disk.files.syncs();
    log.append(TestRecords.next(log, 1, 900, 2), outcomes::add);
    assertThat(disk.segments()).as("the writer makes no file").hasSize(1);
    disk.heldSyncs.remove().run();
    assertThat(disk.segments()).hasSize(2);
    disk.files.failWrite(1, 0);
    log.append(TestRecords.next(log, 1, 100, 3), outcomes::add);
    assertThat(outcomes).as("the writer does not wait for the cut").hasSize(1);
    assertThat(disk.files.syncs()).as("header, directory, round").isEqualTo(syncs + 3);
    disk.heldSyncs.remove().run();
    assertThat(outcomes.get(1)).isInstanceOf(AppendOutcome.NotStored.class);

    PartitionLog again = disk.restart();
    disk.holdSyncs = true;
    int before = disk.files.syncs();
    again.append(TestRecords.next(again, 1, 100, 4), outcomes::add);
    assertThat(disk.files.syncs()).isEqualTo(before);
    disk.heldSyncs.remove().run();
    assertThat(disk.files.syncs()).as("directory, round").isEqualTo(before + 2);
    assertThat(outcomes).hasSize(3);
  }

  @Test
  void startAfterACleanEnd_syncsOnceForEachPartition_andLosesNothingToAPowerCut()
      throws IOException {
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(disk.start(), 3, 100, 1));
    disk.engine.claim(id(0), true);
    PartitionLog log = disk.restart();
    int before = disk.files.syncs();
    disk.engine.claim(id(0), false);
    assertThat(disk.files.syncs()).as("the watermark's").isEqualTo(before + 1);
    records.addAll(TestRecords.commit(log, 2, 100, 2));
    assertThat(TestRecords.read(disk.restartAfterPowerCut(null))).isEqualTo(records);
    assertThat(TestRecords.read(disk.engine.claim(id(0), false))).isEmpty();
  }

  @Test
  void tooManyFilesWhileASegmentRolls_isNotStored_andTheNextAppendIs() throws IOException {
    for (int attempt = 1; attempt <= 2; attempt++) { // the file's, the directory's
      TestEngine scarce = new TestEngine();
      int[] refuseAt = {Integer.MAX_VALUE};
      Scarce[] made = new Scarce[1];
      scarce.through = files -> made[0] = new Scarce(files, at -> at == refuseAt[0]);
      PartitionLog log = scarce.start();
      List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 6, 900, 1));
      refuseAt[0] = made[0].attempts + attempt;

      AppendOutcome outcome = TestRecords.append(log, TestRecords.next(log, 1, 900, 2));

      assertThat(outcome).isInstanceOf(AppendOutcome.NotStored.class);
      assertThat(((AppendOutcome.NotStored) outcome).cause())
          .isInstanceOf(TooManyFilesException.class);
      assertThat(log.poisoned()).isFalse();
      assertThat(TestRecords.read(log)).isEqualTo(records);
      records.addAll(TestRecords.commit(log, 3, 900, 3));
      assertThat(scarce.segments().size()).isGreaterThan(1);
      assertThat(TestRecords.read(scarce.restartAfterPowerCut(null))).isEqualTo(records);
    }
  }

  @Test
  void partitionThatFoundAFileMissingWhileItWasMade_isDurableOnceItIsClaimed() throws IOException {
    for (int attempt = 1; attempt <= 8; attempt++) {
      TestEngine scarce = new TestEngine();
      int[] refuseAt = {Integer.MAX_VALUE};
      Scarce[] made = new Scarce[1];
      scarce.through = files -> made[0] = new Scarce(files, at -> at == refuseAt[0]);
      TestRecords.commit(scarce.start(), 1, 100, 1); // it closes its file for the other
      refuseAt[0] = made[0].attempts + attempt;
      scarce.engine.claim(id(0), true);
      refuseAt[0] = Integer.MAX_VALUE;

      scarce.restartAfterPowerCut(null);

      assertThat(TestRecords.read(scarce.engine.claim(id(0), false)))
          .as("attempt %d", attempt)
          .isEmpty();
    }
  }

  @Test
  void budgetOfFiles_isNamedWhereItIsUsedUp_andAllIsGivenBack() throws IOException {
    Budget files = new Budget("open_files_max", "files", () -> 3);
    disk.through = real -> new CountedFiles(real, files);
    PartitionLog log = disk.start();
    List<LogRecord> records = new ArrayList<>(TestRecords.commit(log, 6, 900, 1));
    files.take(2); // connections
    AppendOutcome outcome = TestRecords.append(log, TestRecords.next(log, 1, 900, 2));
    assertThat(((AppendOutcome.NotStored) outcome).cause())
        .hasMessageContaining("open_files_max (3)");
    assertThat(log.poisoned()).isFalse();
    files.giveBack(2);
    records.addAll(TestRecords.commit(log, 1, 900, 3));
    assertThat(TestRecords.read(log)).isEqualTo(records);
    log.close();
    assertThat(files.used()).isZero();
    assertThat(files.refusals()).isEqualTo(1);
  }

  @Test
  void moreActiveFilesThanPermitted_areClosedAndOpenedAgain() throws IOException {
    Budget files = new Budget("open_files_max", "files", () -> 1_000);
    TestEngine few = new TestEngine(new SimulatedDisk(), TestEngine.SMALL.withActiveFilesMax(3));
    few.through = real -> new CountedFiles(real, files);
    few.start();
    Map<Integer, PartitionLog> logs = new HashMap<>();
    Map<Integer, List<LogRecord>> records = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      logs.put(i, few.engine.claim(id(i), true));
      records.put(i, new ArrayList<>());
      assertThat(files.used()).isLessThanOrEqualTo(3);
    }
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      int number = random.nextInt(PARTITIONS);
      records.get(number).addAll(TestRecords.commit(logs.get(number), 1, 700, round));
      assertThat(files.used()).isLessThanOrEqualTo(3);
      if (round % 50 == 49) {
        few.engine.tick();
      }
    }
    for (int i = 0; i < PARTITIONS; i++) {
      assertThat(TestRecords.read(logs.get(i))).isEqualTo(records.get(i));
    }
    few.restartAfterPowerCut(null);
    for (int i = 0; i < PARTITIONS; i++) {
      assertThat(TestRecords.read(few.engine.claim(id(i), false))).isEqualTo(records.get(i));
    }
  }

  @Test
  void claimsWatermarksAndCheckpoints_withoutAFileLeft_haveAnotherPartitionCloseItsFile()
      throws IOException {
    Budget files = new Budget("open_files_max", "files", () -> 2);
    disk.through = real -> new CountedFiles(real, files);
    PartitionLog first = disk.start();
    TestRecords.commit(first, 1, 100, 1);

    PartitionLog second = disk.engine.claim(id(0), true); // its segment and its watermark
    TestRecords.commit(first, 1, 100, 2);
    TestRecords.commit(second, 1, 100, 2);
    assertThat(files.used()).isEqualTo(2);
    second.checkpoint(new Checkpoint(second.epoch(), 0, 0, new Slice(new byte[0], 0, 0)));
    assertThat(files.used()).isEqualTo(1);
    TestRecords.commit(first, 1, 100, 3);
    TestRecords.commit(second, 1, 100, 3);
    assertThat(files.used()).isEqualTo(2);
    disk.engine.tick();

    assertThat(disk.events).isEmpty();
    disk.engine.close();
    assertThat(files.used()).isZero();
  }

  @Test
  void fewFilesLeft_leavesAsManyOpenAsThereAre() {
    Budget files = new Budget("open_files_max", "files", () -> 100);
    ActiveFileLimiter all = new ActiveFileLimiter(new CountedFiles(new SimulatedDisk(), files), 50);
    for (int i = 0; i < 20; i++) {
      all.enter(new Idle());
    }
    files.take(95); // connections
    for (int i = 0; i < 5; i++) {
      all.enter(new Idle());
      assertThat(all.count()).isEqualTo(20);
    }
  }

  private static final class Idle implements ActiveFileLimiter.Holder {
    @Override
    public boolean usedSinceAsked() {
      return false;
    }

    @Override
    public boolean tryShut() {
      return true;
    }
  }

  @Test
  void segmentThatSomebodyElseHasCut_takesNothingMore() throws IOException {
    PartitionLog log = disk.start();
    TestRecords.commit(log, 3, 100, 1);
    PartitionLog again = disk.restart();
    disk.files.replace(disk.segments().get(0), new byte[10]);
    AppendOutcome outcome = TestRecords.append(again, TestRecords.next(again, 1, 100, 2));
    assertThat(((AppendOutcome.NotStored) outcome).cause()).hasMessageContaining("10 bytes");
  }

  @Test
  void appendThatWaitsWhileItsLogIsClosed_opensNoFile() throws IOException {
    Budget files = new Budget("open_files_max", "files", () -> 10);
    disk.through = real -> new CountedFiles(real, files);
    TestRecords.commit(disk.start(), 1, 100, 1);
    PartitionLog log = disk.restart();
    disk.holdSyncs = true;
    List<AppendOutcome> outcomes = new ArrayList<>();
    log.append(TestRecords.next(log, 1, 100, 2), outcomes::add);
    log.close();
    disk.heldSyncs.remove().run();
    assertThat(outcomes).singleElement().isInstanceOf(AppendOutcome.NotStored.class);
    assertThat(files.used()).isZero();
  }

  @Test
  void closedLog_isNoHolderAnyMore() throws IOException {
    PartitionLog log = disk.start();
    log.close();
    assertThat(((SegmentLog) log).tryShut()).isTrue();
    assertThatThrownBy(() -> log.append(TestRecords.next(log, 1, 1, 1), outcome -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void holderThatLeavesWhileItIsAsked_isCountedNoMore() {
    ActiveFileLimiter all = new ActiveFileLimiter(new SimulatedDisk(), 4);
    ActiveFileLimiter.Holder leaving =
        new ActiveFileLimiter.Holder() {
          @Override
          public boolean usedSinceAsked() {
            all.leave(this);
            return true;
          }

          @Override
          public boolean tryShut() {
            return false;
          }
        };
    all.enter(leaving);
    assertThat(all.count()).isEqualTo(1);
    assertThat(all.shutOne()).isFalse();
    assertThat(all.count()).isZero();
  }

  @Test
  void holderThatOpensItsFileAgain_asSoonAsItIsClosed_isAskedAgain() {
    ActiveFileLimiter all = new ActiveFileLimiter(new SimulatedDisk(), 4);
    int[] closed = new int[1];
    ActiveFileLimiter.Holder busy =
        new ActiveFileLimiter.Holder() {
          @Override
          public boolean usedSinceAsked() {
            return false;
          }

          @Override
          public boolean tryShut() {
            if (++closed[0] == 1) {
              all.enter(this); // an append came before it is known to be closed
            }
            return true;
          }
        };
    all.enter(busy);
    assertThat(all.shutOne()).isTrue();
    assertThat(all.count()).as("its file is open again").isEqualTo(1);
    assertThat(all.shutOne()).isTrue();
    assertThat(closed[0]).isEqualTo(2);
    assertThat(all.count()).isZero();
  }
}
