package dev.weir.service.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.TestRecords;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.topic.TestTopics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommittedRecordReaderTest extends PartitionFixture {
  @TempDir private Path directory;
  private final Budget sessions = new Budget("session_budget_bytes", 1 << 20);

  private CommittedRecordReader records() {
    return new CommittedRecordReader(partition);
  }

  private void fill(boolean tail, int count) {
    world = new TestTopics(limits, tail ? 1 << 24 : 1);
    reopen(false);
    for (int i = 0; i < count; i++) {
      var append =
          new PartitionRequest.Append(null, "", 0, 0, SampleBatches.named("x", i, i), result -> {});
      assertThat(partition.offer(append)).isTrue();
      world.run();
    }
  }

  @Test
  void recordsOfTheTail_openNoFile() throws IOException {
    fill(true, 2);
    CommittedRecordReader records = records();
    assertThat(records.at(1)).isEqualTo(log.records().get(1));
    assertThat(records.at(0)).isEqualTo(log.records().get(0));
    assertThat(log.openReaders()).isZero();
  }

  @Test
  void recordsOfTheLog_shareOneReaderForward() throws IOException {
    fill(false, 4);
    CommittedRecordReader records = records();
    for (int offset = 0; offset < 3; offset++) {
      assertThat(records.at(offset)).isEqualTo(log.records().get(offset));
      assertThat(log.openReaders()).isEqualTo(1);
    }
    assertThat(records.at(0)).as("also back").isEqualTo(log.records().get(0));
    assertThat(log.openReaders()).isEqualTo(1);
    records.close();
    assertThat(log.openReaders()).isZero();
    assertThat(records.at(3)).as("and again").isEqualTo(log.records().get(3));
    records.close();
  }

  @Test
  void keptRecord_isFoundNext() throws IOException {
    fill(false, 3);
    CommittedRecordReader records = records();
    LogItem first = records.at(0);
    records.keep(first, 0);
    assertThat(records.at(0)).isSameAs(first);
    assertThat(records.at(1)).isEqualTo(log.records().get(1));
    records.keep(first, 0);
    assertThat(records.at(2)).as("elsewhere").isEqualTo(log.records().get(2));
    records.close();
  }

  @Test
  void damagedRange_endsBeforeTheReadingsOfWhatFollows() throws IOException {
    fill(false, 4);
    log.damage(1);
    log.damage(2);
    CommittedRecordReader records = records();
    Position at = new Position(log.epoch(), 1, 2, 0);
    DamagedRange damaged = (DamagedRange) records.at(1);
    assertThat(records.behind(at, damaged)).isEqualTo(new Position(log.epoch(), 3, 6, 0));
    assertThat(records.at(3)).isEqualTo(log.records().get(3));
    records.close();
  }

  @Test
  void damageUpToTheHead_endsThere() throws IOException {
    fill(false, 2);
    log.damage(1);
    CommittedRecordReader records = records();
    DamagedRange damaged = (DamagedRange) records.at(1);
    assertThat(records.behind(new Position(log.epoch(), 1, 2, 0), damaged))
        .isEqualTo(partition.tail().head());
    records.close();
  }

  @Test
  void recordsRead_areCountedOneByOne_andGivenBackWhenItRests() throws IOException {
    PartitionLog stored = segments(3);
    Budget budget = new Budget("catchup_block_bytes", 1 << 20);
    CommittedRecordReader records =
        new CommittedRecordReader(partition.tail(), stored, new ReadMemory(budget, sessions));
    LogRecord first = (LogRecord) records.at(0);
    assertThat(budget.used()).isEqualTo(bytes(first));
    LogRecord second = (LogRecord) records.at(1);
    assertThat(budget.used()).as("the first is done").isEqualTo(bytes(second));
    records.rest();
    assertThat(budget.used()).isZero();
    assertThat(sessions.used()).as("its place in the log").isEqualTo(ReadMemory.PLACE_BYTES);
    records.keep(records.at(2), 2);
    records.rest();
    assertThat(budget.used()).as("put back, and kept").isPositive();
    records.close();
    assertThat(budget.used()).isZero();
    assertThat(sessions.used()).isZero();
  }

  @Test
  void recordPutBack_isReadAgainWhereThereIsNoRoomToKeepIt() throws IOException {
    PartitionLog stored = segments(3);
    Budget budget = new Budget("catchup_block_bytes", 10); // so each is the one that may exceed it
    ReadMemory room = new ReadMemory(budget, sessions);
    CommittedRecordReader records = new CommittedRecordReader(partition.tail(), stored, room);
    for (int offset = 0; offset < 3; offset++) {
      LogItem item = records.at(offset);
      records.keep(item, offset);
      records.rest();
      assertThat(budget.used()).isZero();
      assertThat(records.at(offset)).isEqualTo(item).isNotSameAs(item);
    }
    CommittedRecordReader other = new CommittedRecordReader(partition.tail(), stored, room);
    assertThatThrownBy(() -> other.at(0)).isInstanceOf(NoReadMemoryException.class);
    records.rest();
    assertThat(other.at(0)).as("its turn has come").isNotNull();
    other.close();
    records.close();
    assertThat(budget.used()).isZero();
  }

  private static long bytes(LogRecord record) {
    return (long) record.producer().getBytes(UTF_8).length
        + record.definitions().length()
        + record.batch().length();
  }

  /** A log on disk with some records, none of them in the tail of the partition. */
  private PartitionLog segments(int count) throws IOException {
    fill(false, 1);
    var engine =
        SegmentEngine.open(
            directory,
            new NioDataFiles(),
            SegmentOptions.defaults(),
            () -> 7,
            new Random(1),
            Runnable::run,
            event -> {});
    PartitionLog stored = engine.claim(new PartitionId("00000000000000ab", 0), true);
    TestRecords.commit(stored, count, 5_000, 1);
    return stored;
  }

  @Test
  void expiredRecord_isTold() throws IOException {
    fill(false, 3);
    log.checkpoint(new Checkpoint(log.epoch(), 3, 6, Slice.EMPTY));
    log.retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
    CommittedRecordReader records = records();
    assertThatThrownBy(() -> records.at(0)).isInstanceOf(ExpiredException.class);
    assertThat(records.at(2)).isEqualTo(log.records().get(2));
    records.close();
  }
}
