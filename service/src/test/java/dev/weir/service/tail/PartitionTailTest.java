package dev.weir.service.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.LazyValue;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionTailTest {
  static final long EPOCH = 7;

  /** Bytes that a record with a batch of 10 bytes holds. */
  private static final int HELD = 171;

  /** A record of one reading whose bytes say its offset. */
  static TailRecord record(long offset, int batchBytes) {
    byte[] batch = new byte[batchBytes];
    return new TailRecord(
        new LogRecord(
            offset,
            EPOCH,
            offset,
            RecordType.BATCH,
            "",
            0,
            0,
            offset,
            1,
            0,
            0,
            Slice.EMPTY,
            Slice.of(batch)),
        Slice.of(new byte[3]),
        new LazyValue<>(() -> new int[0]),
        0);
  }

  static List<TailRecord> records(long from, int count, int batchBytes) {
    List<TailRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(record(from + i, batchBytes));
    }
    return records;
  }

  static PartitionTail tail(long start, int recordsMax, TailBudget budget) {
    return new PartitionTail(new Position(EPOCH, start, start, 0), recordsMax, budget);
  }

  @Test
  void head_isBehindWhatWasAppended() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 1 << 20));
    PartitionTail tail = tail(100, 16, budget);
    assertThat(tail.get(100)).isNull();
    tail.append(records(100, 3, 10));
    assertThat(tail.head()).isEqualTo(new Position(EPOCH, 103, 103, 0));
    assertThat(tail.get(102).record().offset()).isEqualTo(102);
    assertThat(tail.get(103)).isNull();
    assertThat(tail.get(99)).isNull();
    assertThat(tail.get(100 + 16)).as("the same slot, another record").isNull();
  }

  @Test
  void ring_keepsTheNewest() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 1 << 20));
    PartitionTail tail = tail(0, 16, budget);
    tail.append(records(0, 40, 10));
    assertThat(tail.get(23)).isNull();
    for (long offset = 24; offset < 40; offset++) {
      assertThat(tail.get(offset).record().offset()).isEqualTo(offset);
    }
    assertThat(budget.bytes()).isEqualTo(16 * HELD);
  }

  @Test
  void placesForRecords_followWhatThereIs() {
    PartitionTail tail = tail(5, 8_192, new TailBudget(new Budget("tail_bytes", 1 << 30)));
    assertThat(tail.slots()).isEqualTo(16);
    tail.append(records(5, 3_000, 1));
    assertThat(tail.slots()).isEqualTo(4_096);
    assertThat(tail.get(5)).isNotNull();
    tail.append(records(3_005, 9_000, 1));
    assertThat(tail.slots()).isEqualTo(8_192);
    assertThat(tail.get(12_005 - 8_192)).isNotNull();
    tail.dropBefore(12_000);
    assertThat(tail.slots()).isEqualTo(32);
    assertThat(tail.get(12_000)).isNotNull();
    assertThat(tail.get(12_004)).isNotNull();
    tail.append(records(12_005, 40, 1));
    assertThat(tail.get(12_000)).isNotNull();
  }

  @Test
  void ringThatIsNoPowerOfTwo_isRefused() {
    assertThatThrownBy(() -> tail(0, 12, new TailBudget(new Budget("tail_bytes", 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("recordsMax: 12");
  }

  @Test
  void budget_evictsWhatWasReadLeastRecently() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 40 * HELD));
    PartitionTail read = tail(0, 64, budget);
    PartitionTail unread = tail(0, 64, budget);
    read.append(records(0, 20, 10));
    unread.append(records(0, 20, 10));
    read.touch();
    read.append(records(20, 10, 10));
    assertThat(read.get(0)).isNotNull();
    assertThat(unread.get(0)).isNull();
    assertThat(unread.get(19)).as("the newer half stays").isNotNull();
    assertThat(budget.bytes()).isEqualTo(40 * HELD);
  }

  @Test
  void tailWhereSomebodyWaits_isReadNow() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 40 * HELD));
    PartitionTail awaited = tail(0, 64, budget);
    PartitionTail read = tail(0, 64, budget);
    awaited.watch(
        new CommitWatcher() {
          @Override
          public void committed() {}

          @Override
          public boolean waiting() {
            return true;
          }
        });
    awaited.append(records(0, 1, 10));
    read.append(records(0, 30, 10));
    read.touch();
    read.append(records(30, 10, 10));
    assertThat(awaited.get(0)).isNotNull();
    assertThat(read.get(0)).isNull();
  }

  @Test
  void tailsReadAtTheSameTime_giveFromTheLargest() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 40 * HELD));
    PartitionTail small = tail(0, 64, budget);
    PartitionTail large = tail(0, 64, budget);
    small.append(records(0, 10, 10));
    large.append(records(0, 30, 10));
    small.touch();
    large.touch();
    large.append(records(30, 1, 10));
    assertThat(small.get(0)).isNotNull();
    assertThat(large.get(0)).isNull();
    assertThat(small.heldBytes() + large.heldBytes()).isEqualTo(budget.bytes());
  }

  @Test
  void recordsOfAnEarlierProcess_haveNotLeftAsFarAsTheyWouldFit() {
    PartitionTail tail = tail(100, 16, new TailBudget(new Budget("tail_bytes", 1 << 20)));
    assertThat(tail.hasLeft(84)).isFalse();
    assertThat(tail.hasLeft(83)).isTrue();
    tail.append(records(100, 2, 10));
    assertThat(tail.hasLeft(86)).isFalse();
    assertThat(tail.hasLeft(85)).isTrue();
    assertThat(tail.hasLeft(100)).isFalse();
    tail.dropBefore(101);
    assertThat(tail.hasLeft(100)).isTrue();
  }

  @Test
  void budgetSmallerThanARecord_keepsNothingAndEnds() {
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 0));
    PartitionTail tail = tail(0, 16, budget);
    tail.append(records(0, 5, 1_000));
    assertThat(tail.get(4)).isNull();
    assertThat(tail.isEmpty()).isTrue();
    assertThat(budget.bytes()).isZero();
    tail.append(records(5, 1, 1_000));
    assertThat(tail.head().offset()).isEqualTo(6);
    assertThat(budget.bytes()).isZero();
  }

  @Test
  void definitions_countAgainstTheBudget() {
    TailRecord plain = record(0, 10);
    LogRecord record = plain.record();
    var defining =
        new TailRecord(
            new LogRecord(
                0,
                EPOCH,
                0,
                RecordType.DEFINITIONS,
                "",
                0,
                0,
                0,
                0,
                0,
                0,
                Slice.of(new byte[5_000]),
                record.batch()),
            plain.prefix(),
            plain.sensors(),
            7);
    assertThat(defining.bytesAfter()).isEqualTo(7 + 5_000 + 10);
    assertThat(defining.heldBytes()).isEqualTo(plain.heldBytes() + 5_000);
    assertThat(defining.entryBytes()).as("nothing to deliver").isZero();
    assertThat(plain.entryBytes()).isEqualTo(13);
  }

  @Test
  void watchers_areToldOnceTheHeadHasMoved() {
    PartitionTail tail = tail(0, 16, new TailBudget(new Budget("tail_bytes", 1 << 20)));
    List<Long> heads = new ArrayList<>();
    tail.watch(() -> heads.add(tail.head().offset()));
    tail.append(records(0, 2, 1));
    tail.append(records(2, 1, 1));
    assertThat(heads).containsExactly(2L, 3L);
  }
}
