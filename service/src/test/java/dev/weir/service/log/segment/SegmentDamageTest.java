package dev.weir.service.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.file.RecordHeader;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage is found and told with its exact range, and the rest reads back identical (D4). */
final class SegmentDamageTest {
  private final TestEngine disk = new TestEngine();
  private final List<LogRecord> records = new ArrayList<>();
  private List<Extent> extents;

  /** Where a record's bytes are. */
  private record Extent(Path path, int from, int to, long offset) {}

  @BeforeEach
  void storeAndStop() throws IOException {
    PartitionLog log = disk.start();
    for (int round = 0; round < 5; round++) {
      records.addAll(TestRecords.commit(log, 1 + round % 3, 400, round * 10L));
      log.checkpoint(
          new Checkpoint(
              log.epoch(), log.endOffset(), log.endReadings(), Slice.of(new byte[] {1, 2, 3})));
    }
    log = disk.restart();
    records.addAll(TestRecords.commit(log, 4, 400, 99));
    disk.engine.close();
    extents = extents();
    assertThat(extents).hasSameSizeAs(records);
    assertThat(disk.segments()).hasSizeGreaterThan(2);
  }

  private List<Extent> extents() throws IOException {
    List<Extent> found = new ArrayList<>();
    List<Path> segments = disk.segments();
    int next = 0;
    for (LogRecord record : records) {
      while (next < segments.size() && firstOffset(segments.get(next)) <= record.offset()) {
        next++;
      }
      Path path = segments.get(next - 1);
      int from =
          firstOffset(path) == record.offset()
              ? headerBytes(path)
              : found.get(found.size() - 1).to();
      found.add(new Extent(path, from, from + bytes(record), record.offset()));
    }
    return found;
  }

  private static long firstOffset(Path segment) {
    return Long.parseLong(segment.getFileName().toString().substring(0, 20));
  }

  private int headerBytes(Path segment) throws IOException {
    return SegmentHeader.read(disk.files.openForReading(segment)).bytes();
  }

  private static int bytes(LogRecord record) {
    return RecordHeader.BYTES
        + record.producer().getBytes(java.nio.charset.StandardCharsets.UTF_8).length
        + record.definitions().length()
        + record.batch().length();
  }

  @Test
  void byteFlippedAnywhere_costsAtMostTheRecordItIsIn() throws IOException {
    for (Path path : disk.files.paths()) {
      int size = disk.files.bytes(path).length;
      for (int at = 0; at < size; at++) {
        TestEngine flipped = disk.copy();
        flipped.files.flip(path, at);
        PartitionLog log = flipped.start();
        assertThat(TestRecords.read(log))
            .as("%s byte %d", path, at)
            .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
            .isEqualTo(expected(path, at, at + 1));
        assertThat(log.endOffset()).isEqualTo(records.size());
        assertThat(log.checkpoint()).isPresent();
      }
    }
  }

  @Test
  void damageWhileItRuns_movesNoTimeBackBehindIt() throws IOException {
    for (Extent damaged : extents) {
      TestEngine flipped = disk.copy();
      PartitionLog log = flipped.start();
      for (LogRecord record : records) {
        log.offsetAt(record.appendTimeNanos()); // makes the indexes
      }
      flipped.files.flip(damaged.path(), damaged.from() + 40);
      for (LogRecord record : records) {
        assertThat(log.offsetAt(record.appendTimeNanos() + 1))
            .as("behind offset %d, damage at %d", record.offset(), damaged.offset())
            .isBetween(
                record.offset() + (record.offset() == damaged.offset() ? 0 : 1),
                record.offset() + (record.offset() + 1 == damaged.offset() ? 2 : 1));
      }
    }
  }

  @Test
  void bytesZeroedAcrossRecords_areOneExactRange() throws IOException {
    for (Path path : disk.segments()) {
      int size = disk.files.bytes(path).length;
      for (int length : new int[] {200, 700}) {
        for (int from = 0; from + length <= size; from += 61) {
          TestEngine zeroed = disk.copy();
          byte[] bytes = zeroed.files.bytes(path);
          Arrays.fill(bytes, from, from + length, (byte) 0);
          zeroed.files.replace(path, bytes);
          PartitionLog log = zeroed.start();
          List<LogItem> expected = expected(path, from, from + length);

          assertThat(merged(TestRecords.read(log)))
              .as("%s bytes %d to %d", path, from, from + length)
              .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
              .isEqualTo(merged(expected));

          List<LogRecord> more = TestRecords.commit(log, 2, 400, 77);
          assertThat(log.endOffset()).isEqualTo(records.size() + 2);
          expected.addAll(more);
          assertThat(merged(TestRecords.read(zeroed.restart())))
              .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
              .isEqualTo(merged(expected));
        }
      }
    }
  }

  @Test
  void lastSegmentCutBelowTheWatermark_isLossOfTheEnd() throws IOException {
    Path last = disk.segments().get(disk.segments().size() - 1);
    byte[] bytes = disk.files.bytes(last);
    for (int size = 0; size < bytes.length; size++) {
      TestEngine cut = disk.copy();
      cut.files.replace(last, Arrays.copyOf(bytes, size));
      PartitionLog log = cut.start();
      List<LogItem> expected = merged(expected(last, size, bytes.length));
      assertThat(merged(TestRecords.read(log)))
          .as("cut at %d", size)
          .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
          .isEqualTo(expected);
      assertThat(cut.eventKinds()).contains(SegmentEvent.Kind.DATA_LOSS);
      expected.addAll(TestRecords.commit(log, 1, 400, 77));
      assertThat(merged(TestRecords.read(cut.restart())))
          .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
          .isEqualTo(expected);
    }
  }

  @Test
  void missingSegment_isLossOfItsRange() throws IOException {
    List<Path> segments = disk.segments();
    for (int missing = 1; missing < segments.size(); missing++) {
      TestEngine without = disk.copy();
      int size = without.files.bytes(segments.get(missing)).length;
      without.files.delete(segments.get(missing));
      assertThat(merged(TestRecords.read(without.start())))
          .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
          .isEqualTo(merged(expected(segments.get(missing), 0, size)));
    }
  }

  @Test
  void readerAtEveryOffset_meetsTheSameDamage() throws IOException {
    Extent hit = extents.get(4);
    disk.files.flip(hit.path(), hit.from() + 3);
    List<LogItem> expected = expected(hit.path(), hit.from(), hit.from() + 1);
    PartitionLog log = disk.start();
    for (int offset = 0; offset < records.size(); offset++) {
      assertThat(TestRecords.read(log, offset))
          .usingElementComparator(SegmentDamageTest::compareIgnoringDetail)
          .isEqualTo(expected.subList(offset, expected.size()));
      assertThat(log.offsetAt(TestRecords.FIRST_NANOS + offset * 10L))
          .as("never behind a record that could be as new")
          .isBetween(offset == 5 ? 4L : offset, (long) offset);
    }
  }

  @Test
  void bytesOfARecordInABatch_areNotTakenForOne() throws IOException {
    TestEngine other = new TestEngine();
    other.random.setSeed(6); // or both partitions had the same salt
    PartitionLog log = other.start();
    Extent foreign = extents.get(extents.size() - 1);
    byte[] forged =
        Arrays.copyOfRange(disk.files.bytes(foreign.path()), foreign.from(), foreign.to());
    LogRecord carrier =
        TestRecords.withBatch(TestRecords.next(log, 1, 0, 1).get(0), Slice.of(forged));
    assertThat(TestRecords.append(log, List.of(carrier))).isEqualTo(new AppendOutcome.Committed());
    List<LogRecord> after = TestRecords.commit(log, 2, 10, 2);
    other.engine.close();
    other.files.flip(other.segments().get(0), headerBytes(disk.segments().get(0)));

    List<LogItem> found = TestRecords.read(other.start());

    assertThat(found).hasSize(3).endsWith(after.toArray(new LogItem[0]));
    assertThat(found.get(0)).isInstanceOf(DamagedRange.class);
  }

  @Test
  void everythingLostAtTheBeginning_isRefusedWithoutACheckpoint() throws IOException {
    for (Path path : disk.files.paths()) {
      if (path.getFileName().toString().startsWith("checkpoint-")) {
        disk.files.flip(path, 40);
      }
    }
    disk.files.delete(disk.segments().get(0));
    PartitionLog log = disk.start();
    assertThat(log.startOffset()).isPositive();
    assertThat(log.startReadings())
        .isEqualTo(records.get((int) log.startOffset()).readingsBefore());
    assertThatThrownBy(log::checkpoint)
        .isInstanceOf(DataLossException.class)
        .hasMessageContaining(TestEngine.DIRECTORY.toString());
  }

  @Test
  void allSegmentsMissing_isRefused() throws IOException {
    for (Path segment : disk.segments()) {
      disk.files.delete(segment);
    }
    assertThatThrownBy(disk::start)
        .isInstanceOf(DataLossException.class)
        .hasMessageContaining("" + records.size());
  }

  /** What should be read when some bytes of a file are damaged. */
  private List<LogItem> expected(Path path, int from, int to) {
    List<LogItem> expected = new ArrayList<>();
    for (Extent extent : extents) {
      LogRecord record = records.get((int) extent.offset());
      boolean hit = extent.path().equals(path) && extent.from() < to && extent.to() > from;
      expected.add(hit ? lost(record) : record);
    }
    return expected;
  }

  private static DamagedRange lost(LogRecord record) {
    return new DamagedRange(
        record.offset(), record.nextOffset(), record.epoch(), record.readings(), "");
  }

  private static List<LogItem> merged(List<LogItem> items) {
    List<LogItem> merged = new ArrayList<>();
    for (LogItem item : items) {
      int last = merged.size() - 1;
      if (item instanceof DamagedRange next
          && last >= 0
          && merged.get(last) instanceof DamagedRange before) {
        merged.set(
            last,
            new DamagedRange(
                before.fromOffset(),
                next.nextOffset(),
                next.epoch(),
                before.readings() + next.readings(),
                ""));
      } else {
        merged.add(item);
      }
    }
    return merged;
  }

  /** The epoch to go on with depends on where the reader noticed; the detail is for people. */
  private static int compareIgnoringDetail(LogItem one, LogItem two) {
    if (one instanceof DamagedRange a && two instanceof DamagedRange b) {
      return a.fromOffset() == b.fromOffset()
              && a.nextOffset() == b.nextOffset()
              && a.readings() == b.readings()
          ? 0
          : 1;
    }
    return one.equals(two) ? 0 : 1;
  }
}
