package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFiles;
import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.PartitionEpochs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What retention deletes, what it waits for, and what crashes and failing disks make of it. */
final class SegmentRetentionTest {
  private static final Retention NOTHING = new Retention(Long.MAX_VALUE, 0);

  private final TestEngine disk = new TestEngine();

  private static void checkpoint(PartitionLog log) throws IOException {
    log.checkpoint(
        new Checkpoint(log.epoch(), log.endOffset(), log.endReadings(), Slice.of(new byte[30])));
  }

  /** Rounds of four records, about a segment each, with a checkpoint behind each. */
  private static List<LogRecord> fill(PartitionLog log, int rounds) throws IOException {
    List<LogRecord> records = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      records.addAll(TestRecords.commit(log, 4, 700, log.endOffset()));
      checkpoint(log);
    }
    return records;
  }

  private static long fileBytes(TestEngine of) {
    return of.segments().stream().mapToLong(path -> of.files.bytes(path).length).sum();
  }

  private static List<LogRecord> from(List<LogRecord> records, PartitionLog log) {
    return records.subList((int) log.startOffset(), records.size());
  }

  @Test
  void missingCheckpoints_holdRetentionUpAndItSaysSo() throws IOException {
    PartitionLog log = disk.start();
    for (int round = 0; round < 8; round++) {
      TestRecords.commit(log, 4, 700, round * 10L);
      if (round == 2) {
        assertThat(log.retain(NOTHING)).as("no checkpoint").isTrue();
        checkpoint(log);
        assertThat(log.retain(NOTHING)).as("one checkpoint").isTrue();
        assertThat(log.startOffset()).isZero();
      }
    }
    checkpoint(log); // the older is now at offset 12
    assertThat(log.retain(NOTHING)).as("two checkpoints, and more to delete").isTrue();
    assertThat(log.startOffset()).isBetween(1L, 12L);
    assertThat(disk.segments().get(1).toString()).as("the next one ends behind").endsWith(".log");
    long next = disk.segments().get(1).getFileName().toString().compareTo(name(12));
    assertThat(next).isPositive();

    TestRecords.commit(log, 1, 700, 99);
    checkpoint(log);

    assertThat(log.retain(NOTHING)).as("all but the active one").isFalse();
    assertThat(disk.segments()).hasSize(1);
    assertThat(log.startOffset()).isBetween(13L, 32L);
  }

  private static String name(long offset) {
    return String.format("%020d.log", offset);
  }

  @Test
  void checkpointsOfAnEarlierStart_count() throws IOException {
    fill(disk.start(), 10);
    PartitionLog log = disk.restart();
    assertThat(log.retain(NOTHING)).isFalse();
    assertThat(disk.segments()).hasSize(1);
  }

  @Test
  void bytes_areThoseOfTheFiles() throws IOException {
    PartitionLog log = disk.start();
    for (int round = 0; round < 30; round++) {
      fill(log, 1);
      assertThat(log.bytes()).isEqualTo(fileBytes(disk));
      if (round % 5 == 4) {
        log.retain(new Retention(Long.MIN_VALUE, 6_000));
        assertThat(log.bytes()).isEqualTo(fileBytes(disk)).isBetween(6_000L, 9_000L);
      }
      if (round % 7 == 6) {
        log = disk.restart();
        assertThat(log.bytes()).isEqualTo(fileBytes(disk));
      }
    }
  }

  /** Does something when a round is written and not synced. */
  private static DataFiles beforeSyncs(DataFiles files, Runnable task) {
    return new ForwardingDataFiles(files) {
      @Override
      public DataFile open(Path path) throws IOException {
        DataFile file = disk.open(path);
        return (DataFile)
            Proxy.newProxyInstance(
                DataFile.class.getClassLoader(),
                new Class<?>[] {DataFile.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("sync") && arguments[0].equals(false)) {
                    task.run();
                  }
                  return method.invoke(file, arguments);
                });
      }
    };
  }

  @Test
  void commitAndRollUnderWay_loseNothingToRetention() throws IOException {
    List<Runnable> hooks = new ArrayList<>();
    disk.through = files -> beforeSyncs(files, () -> hooks.forEach(Runnable::run));
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log, 10);
    int segments = disk.segments().size();
    List<LogRecord> underWay = TestRecords.next(log, 6, 900, 7); // makes it roll
    List<AppendOutcome> outcomes = new ArrayList<>();
    disk.holdSyncs = true;
    log.append(underWay, outcomes::add);
    assertThat(log.retain(NOTHING)).as("nothing is sealed before the roll").isFalse();
    assertThat(disk.segments()).hasSize(1);
    hooks.add(
        () -> {
          assertThat(disk.segments()).as("rolled").hasSize(2);
          assertThat(retain(log)).as("the last one sealed is behind a checkpoint").isTrue();
          assertThat(log.startOffset()).isBetween(30L, 39L);
          assertThat(log.endOffset()).isEqualTo(40);
        });
    disk.heldSyncs.remove().run();
    disk.holdSyncs = false;
    hooks.clear();

    assertThat(segments).isGreaterThan(2);
    assertThat(outcomes).containsExactly(new AppendOutcome.Committed());
    records.addAll(underWay);
    assertThat(TestRecords.read(log)).isNotEmpty().isEqualTo(from(records, log));
    assertThat(log.bytes()).isEqualTo(fileBytes(disk));
    records.addAll(fill(log, 3));
    assertThat(TestRecords.read(disk.restart())).isEqualTo(from(records, log));
  }

  private static boolean retain(PartitionLog log) {
    try {
      return log.retain(NOTHING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void powerCutAtEveryStep_leavesAllThatFollowsTheBeginning() throws IOException {
    for (int step = 0; step < 24; step++) {
      for (int seed = 0; seed < 5; seed++) {
        TestEngine crashing = new TestEngine();
        PartitionLog log = crashing.start();
        List<LogRecord> records = fill(log, 10);
        List<PartitionLog.EpochStart> epochs = log.epochs();
        if (step % 2 == 0) {
          crashing.files.failSync(1 + step / 2);
        } else {
          crashing.files.failDelete(1 + step / 2);
        }
        retainThoughItFails(log, new Retention(Long.MIN_VALUE, 3_000));

        PartitionLog again = crashing.restartAfterPowerCut(survivors(step, seed));

        List<LogItem> found = TestRecords.read(again);
        assertThat(found).as("step %d, seed %d", step, seed).isNotEmpty();
        assertThat(found).isEqualTo(from(records, again));
        assertThat(again.startReadings())
            .isEqualTo(records.get((int) again.startOffset()).readingsBefore());
        assertThat(again.epochs()).isEqualTo(epochs);
        assertThat(again.checkpoint()).isPresent();
        assertThat(again.bytes()).isEqualTo(fileBytes(crashing));
        assertThat(again.retain(new Retention(Long.MIN_VALUE, 3_000))).isFalse();
        assertThat(again.bytes()).isBetween(3_000L, 6_000L);
        records.addAll(fill(again, 2));
        assertThat(TestRecords.read(again)).isEqualTo(from(records, again));
      }
    }
  }

  /** Seeds that are near to each other begin alike; so they are spread. */
  private static Random survivors(int step, int seed) {
    return seed == 0 ? null : new Random((step * 100L + seed) * 0x9E37_79B9_7F4A_7C15L);
  }

  private static void retainThoughItFails(PartitionLog log, Retention terms) {
    try {
      log.retain(terms);
    } catch (IOException expected) {
      assertThat(expected).hasStackTraceContaining("injected");
    }
  }

  @Test
  void failedDelete_isTriedAgainBeforeTheNextOne() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log, 10);
    List<Path> before = disk.segments();
    for (int attempt = 0; attempt < 3; attempt++) {
      disk.files.failDelete(1);
      assertThatThrownBy(() -> log.retain(NOTHING)).hasMessageContaining("injected");
      assertThat(disk.segments()).as("nothing goes before the oldest").isEqualTo(before);
      assertThat(TestRecords.read(log)).isEqualTo(from(records, log));
    }
    assertThat(log.retain(NOTHING)).isFalse();
    assertThat(disk.segments()).hasSize(1);
    assertThat(disk.files.paths()).noneMatch(path -> path.equals(before.get(0)));
  }

  @Test
  void fullDisk_doesNotStopRetention() throws IOException {
    PartitionLog log = disk.start();
    fill(log, 10);
    disk.files.free(0);
    assertThat(log.retain(NOTHING)).isFalse();
    assertThat(disk.segments()).hasSize(1);
  }

  @Test
  void damagedSegments_areDeletedLikeOthers() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log, 12);
    List<Path> segments = disk.segments();
    for (int segment = 0; segment < 6; segment++) {
      byte[] bytes = disk.files.bytes(segments.get(segment));
      int from = segment % 3 == 1 ? 0 : 140; // with its header
      for (int at = from; segment % 3 > 0 && at < bytes.length; at++) {
        bytes[at] = 1;
      }
      bytes[5] ^= (byte) (segment % 3 == 0 ? 1 : 0); // the header alone
      disk.files.replace(segments.get(segment), bytes);
    }
    Path kept = segments.get(7);
    long keptOffset = Long.parseLong(kept.getFileName().toString().substring(0, 20));

    assertThat(log.retain(new Retention(nanosOf(records, keptOffset), Long.MAX_VALUE))).isFalse();

    assertThat(disk.segments().get(0)).isEqualTo(kept);
    assertThat(log.startReadings()).isEqualTo(records.get((int) keptOffset).readingsBefore());
    assertThat(TestRecords.read(log)).isEqualTo(from(records, log));
  }

  @Test
  void damagedBeginning_countsAtLeastTheReadingsKnown() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log, 12);
    Path damaged = disk.segments().get(3);
    long offset = Long.parseLong(damaged.getFileName().toString().substring(0, 20));
    byte[] bytes = disk.files.bytes(damaged);
    Arrays.fill(bytes, 0, 200, (byte) 1); // its header and its first record's
    disk.files.replace(damaged, bytes);

    log.retain(new Retention(nanosOf(records, offset + 2), Long.MAX_VALUE));

    assertThat(log.startOffset()).isEqualTo(offset);
    assertThat(log.startReadings())
        .isPositive()
        .isLessThanOrEqualTo(records.get((int) offset).readingsBefore());
    List<LogItem> found = TestRecords.read(log);
    assertThat(found.get(0)).isInstanceOf(DamagedRange.class);
    assertThat(disk.restart().startOffset()).isEqualTo(offset);
  }

  private static long nanosOf(List<LogRecord> records, long offset) {
    return records.get((int) offset).appendTimeNanos();
  }

  @Test
  void openFileOfAnOvertakenReader_isReadToItsEnd() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log, 10);
    try (LogReader reader = log.read(0, true)) {
      String second = disk.segments().get(1).getFileName().toString();
      long end = Long.parseLong(second.substring(0, 20));
      log.retain(NOTHING);
      for (int offset = 0; offset < end; offset++) {
        assertThat(reader.next()).isEqualTo(records.get(offset));
      }
      assertThatThrownBy(reader::next).hasMessageContaining("offset " + end + " was deleted");
    }
  }

  @Test
  void closedLog_deletesNothing() throws IOException {
    PartitionLog log = disk.start();
    fill(log, 10);
    List<Path> before = disk.segments();
    log.close();
    assertThat(log.retain(NOTHING)).isFalse();
    assertThat(disk.segments()).isEqualTo(before);
  }

  @Test
  void deletionCutAtEveryStep_leavesAllOrNothing() throws IOException {
    int whole = 0;
    int gone = 0;
    for (int step = 0; step < 36; step++) {
      for (int seed = 0; seed < 4; seed++) {
        TestEngine crashing = new TestEngine();
        PartitionLog log = crashing.start();
        List<LogRecord> records = fill(log, 5);
        log.close();
        switch (step % 3) {
          case 0 -> crashing.files.failSync(1 + step / 3);
          case 1 -> crashing.files.failDelete(1 + step / 3);
          default -> crashing.files.failRename(1 + step / 3);
        }
        try {
          crashing.engine.delete(TestEngine.PARTITION);
        } catch (IOException expected) {
          assertThat(expected).hasStackTraceContaining("injected");
        }

        PartitionLog again = crashing.restartAfterPowerCut(survivors(step, seed));

        List<LogItem> found = TestRecords.read(again);
        assertThat(crashing.events).as("step %d, seed %d", step, seed).isEmpty();
        assertThat(crashing.files.paths()).noneMatch(path -> path.toString().contains(".deleted"));
        if (found.isEmpty()) {
          gone++;
          assertThat(again.checkpoint()).isEmpty();
          assertThat(again.epochs()).isEmpty();
        } else {
          whole++;
          assertThat(found).isEqualTo(records);
          assertThat(again.checkpoint()).isPresent();
        }
      }
    }
    assertThat(whole).isPositive();
    assertThat(gone).isPositive();
  }

  @Test
  void deletionThatFailed_isTriedAgainInTheSameStart() throws IOException {
    PartitionLog log = disk.start();
    fill(log, 5);
    log.close();
    disk.files.failDelete(2);
    assertThatThrownBy(() -> disk.engine.delete(TestEngine.PARTITION))
        .isInstanceOf(IOException.class);
    List<LogRecord> records = fill(disk.engine.claim(TestEngine.PARTITION, true), 2);
    assertThat(TestRecords.read(disk.restart())).as("and none of the old").isEqualTo(records);
    disk.engine.close();
    PartitionLog second = disk.start();
    second.close();
    disk.engine.delete(TestEngine.PARTITION);
    assertThat(disk.files.paths())
        .noneMatch(path -> path.startsWith(TestEngine.DIRECTORY.getParent()));
  }

  @Test
  void poisonedPartition_canBeDeletedAndClaimed() throws IOException {
    PartitionLog log = disk.start();
    disk.files.failSync(1);
    TestRecords.append(log, TestRecords.next(log, 1, 100, 1));
    log.close();
    assertThatThrownBy(() -> disk.engine.claim(TestEngine.PARTITION, true))
        .isInstanceOf(IOException.class);
    disk.engine.delete(TestEngine.PARTITION);
    fill(disk.engine.claim(TestEngine.PARTITION, true), 1);
  }

  @Test
  void inspection_beginsWhereTheLogBegins_alsoWhileItIsDeleted() throws IOException {
    PartitionLog log = disk.start();
    List<LogRecord> records = fill(log, 20);
    log.retain(new Retention(Long.MIN_VALUE, 12_000));
    long start = log.startOffset();
    assertThat(inspect(() -> {})).isEqualTo(from(records, log));

    List<LogRecord> found = inspect(() -> log.retain(new Retention(Long.MIN_VALUE, 4_000)));

    assertThat(log.startOffset()).isGreaterThan(start + 4);
    assertThat(found).isSubsetOf(records).containsAll(from(records, log));
    assertThat(found).hasSizeLessThan(records.size() - (int) start);
    assertThat(found.get(0)).isEqualTo(records.get((int) start));
  }

  private interface Step {
    void run() throws IOException;
  }

  private List<LogRecord> inspect(Step afterTheFirst) throws IOException {
    List<LogRecord> found = new ArrayList<>();
    InspectedPartition partition = disk.inspected();
    partition.forEach(
        item -> {
          found.add(((InspectedItem.Stored) item).record());
          if (found.size() == 1) {
            try {
              afterTheFirst.run();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
        });
    return found;
  }

  @Test
  void epochsForOtherEngines_growOverClaimsAndRestarts() throws IOException {
    disk.start();
    PartitionId elsewhere = new PartitionId("00000000000000cd", 1);
    long first = disk.engine.newEpoch(elsewhere);
    long second = disk.engine.newEpoch(elsewhere);
    disk.restart();
    long third = disk.engine.newEpoch(elsewhere);
    assertThat(PartitionEpochs.startNumber(second))
        .isGreaterThan(PartitionEpochs.startNumber(first));
    assertThat(PartitionEpochs.startNumber(third))
        .isGreaterThan(PartitionEpochs.startNumber(second));
  }

  @Test
  void headerThatNeverReachedTheDisk_isProvenBeforeAllBeforeItIsDeleted() throws IOException {
    for (int nth = 1; nth <= 5; nth++) {
      TestEngine cut = new TestEngine();
      PartitionLog log = cut.start();
      fill(log, 3);
      long end = log.endOffset();
      cut.files.failSync(nth);
      TestRecords.append(log, TestRecords.next(log, 4, 700, 1)); // begins a segment, or fails to
      long least = log.endOffset();
      cut.files.heal();
      log = cut.restartAfterKill();
      checkpoint(log);
      checkpoint(log);
      log.retain(NOTHING);
      log = cut.restartAfterPowerCut(null);
      assertThat(log.endOffset()).as("sync %d failed", nth).isGreaterThanOrEqualTo(least);
      assertThat(least).isGreaterThanOrEqualTo(end);
    }
  }
}
