package dev.weir.service.latest;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.wire.columns.ColumnsReader;
import dev.weir.service.wire.columns.NumberChunk;
import dev.weir.v1.Kind;
import java.util.Arrays;

/**
 * The last value of every sensor of a partition: the reading with the greatest event time, among
 * equals the one later in the log. Owned by one view thread; cuts of it may go anywhere.
 */
@OwnedBy("view thread")
public final class LastValuesFold {
  /** Room of a partition that has few sensors, of which there are many. */
  private static final int SENSORS_LEAST = 4;

  /** Bytes charged for a TEXT or BLOB besides its own. */
  static final long VALUE_OVERHEAD_BYTES = 24;

  private final int partition;
  private final int partitionCount;
  private final int valueBytesMax;
  private final Budget budget;
  private LastValuesChunk[] chunks = new LastValuesChunk[0];

  /** Chunks that cuts hold too: to be copied before they are changed. */
  private boolean[] shared = new boolean[0];

  private int ordinals;

  /** The cuts that are open. */
  private final HeldCuts held = new HeldCuts();

  /** True if no chunk was changed since the last cut that was held was made. */
  private boolean unchanged;

  /**
   * @param partition number of the partition
   * @param partitionCount of the topic
   * @param valueBytesMax the largest TEXT or BLOB value that is kept; of a larger one, and of one
   *     that does not fit the budget, only that it was too large
   * @param budget bounds the bytes of such values; cuts may keep replaced ones a while longer
   */
  public LastValuesFold(int partition, int partitionCount, int valueBytesMax, Budget budget) {
    this.partition = partition;
    this.partitionCount = partitionCount;
    this.valueBytesMax = valueBytesMax;
    this.budget = budget;
  }

  /**
   * Folds a record's readings in; records come in the order of the log.
   *
   * @param batch its canonical batch
   * @param offset its offset
   */
  public void fold(Slice batch, long offset) {
    var at = new ColumnsReader(batch);
    while (at.nextRun()) {
      if (at.kind() >= Kind.KIND_TEXT_VALUE) {
        foldTexts(at, offset);
      } else {
        foldNumbers(at, offset);
      }
    }
  }

  private void foldNumbers(ColumnsReader at, long offset) {
    NumberChunk block = NumberChunk.forRun(at);
    int kind = at.kind();
    int number = -1;
    LastValuesChunk chunk = null;
    boolean owned = false;
    while (at.nextBlock(block)) {
      for (int i = 0; i < block.count(); i++) {
        int ordinal = ordinalOf(block.sensorId(i));
        if (ordinal / LastValuesChunk.SENSORS != number) {
          number = ordinal / LastValuesChunk.SENSORS;
          chunk = number < chunks.length ? chunks[number] : null;
          owned = false;
        }
        long time = block.timeNanos(i);
        int index = ordinal % LastValuesChunk.SENSORS;
        if (chunk == null || chunk.takes(index, time)) {
          if (!owned || ordinal >= ordinals) {
            chunk = own(ordinal);
            owned = true;
          }
          chunk.set(index, kind, time, block.bits(i), offset, block.firstRow() + i);
        }
      }
    }
  }

  private int ordinalOf(int sensorId) {
    return partitionCount == 1 ? sensorId : sensorId / partitionCount; // dividing is slow
  }

  private void foldTexts(ColumnsReader at, long offset) {
    while (at.nextReading()) {
      int ordinal = ordinalOf(at.sensorId());
      if (takes(ordinal, at.timeNanos())) {
        setText(at, ordinal, offset, at.row());
      }
    }
  }

  /**
   * Makes the reading at which a reader stands the one of a sensor, whatever its event time.
   *
   * @param ordinal the sensor's
   * @param offset of the reading's record
   * @param row in that record
   */
  public void put(ColumnsReader at, int ordinal, long offset, int row) {
    if (at.kind() >= Kind.KIND_TEXT_VALUE) {
      setText(at, ordinal, offset, row);
    } else {
      setNumber(at, ordinal, offset, row);
    }
  }

  private void setNumber(ColumnsReader at, int ordinal, long offset, int row) {
    long bits =
        switch (at.kind()) {
          case Kind.KIND_DOUBLE_VALUE -> at.doubleBits();
          case Kind.KIND_INTEGER_VALUE -> at.integerValue();
          default -> at.booleanValue() ? 1 : 0;
        };
    set(ordinal, at.kind(), at.timeNanos(), bits, offset, row);
  }

  private void setText(ColumnsReader at, int ordinal, long offset, int row) {
    Slice value = at.bytesValue();
    set(ordinal, at.kind(), at.timeNanos(), 0, offset, row);
    keepText(ordinal, value);
  }

  /** Keeps the bytes of the value just set, or that they are too large. */
  void keepText(int ordinal, Slice value) {
    boolean kept = value.length() <= valueBytesMax && takeRoom(value.length());
    chunks[ordinal / LastValuesChunk.SENSORS].setText(
        ordinal % LastValuesChunk.SENSORS, kept ? value.toBytes() : null);
  }

  /** Marks the value just set as too large. */
  void keepNoText(int ordinal) {
    chunks[ordinal / LastValuesChunk.SENSORS].setText(ordinal % LastValuesChunk.SENSORS, null);
  }

  /** Sets everything but a TEXT's or BLOB's bytes, and gives up those it had. */
  void set(int ordinal, int kind, long timeNanos, long bits, long offset, int row) {
    int index = ordinal % LastValuesChunk.SENSORS;
    LastValuesChunk chunk = own(ordinal);
    byte[] before = chunk.text(index);
    if (before != null) {
      giveRoomBack(before.length);
      held.replaced(ordinal, before);
    }
    chunk.set(index, kind, timeNanos, bits, offset, row);
  }

  private boolean takes(int ordinal, long timeNanos) {
    int number = ordinal / LastValuesChunk.SENSORS;
    return number >= chunks.length
        || chunks[number] == null
        || chunks[number].takes(ordinal % LastValuesChunk.SENSORS, timeNanos);
  }

  /** The chunk of a sensor that gets a value, not shared. */
  private LastValuesChunk own(int ordinal) {
    int number = ordinal / LastValuesChunk.SENSORS;
    if (ordinal >= ordinals) {
      ordinals = ordinal + 1;
      if (number >= chunks.length) {
        int length = Math.max(number + 1, 2 * chunks.length);
        chunks = Arrays.copyOf(chunks, length);
        shared = Arrays.copyOf(shared, length);
      }
      if (chunks[0] != null && chunks[0].room() < roomOfFirst()) {
        replace(0, chunks[0].withRoom(roomOfFirst()));
      }
    }
    if (chunks[number] == null) {
      replace(number, new LastValuesChunk(number == 0 ? roomOfFirst() : LastValuesChunk.SENSORS));
    } else if (shared[number]) {
      replace(number, chunks[number].copy());
    }
    return chunks[number];
  }

  /** Goes on with a chunk that no cut has; those that have the one before keep it. */
  private void replace(int number, LastValuesChunk by) {
    LastValuesChunk before = chunks[number];
    boolean cutsHaveIt = shared[number] && before != null;
    chunks[number] = by;
    shared[number] = false;
    unchanged = false;
    if (cutsHaveIt) {
      held.replaced(number, before);
    }
  }

  /** Room of the first chunk for all ordinals that there are: it grows with them. */
  private int roomOfFirst() {
    int most = Math.min(ordinals, LastValuesChunk.SENSORS);
    return Math.max(SENSORS_LEAST, Integer.highestOneBit(2 * most - 1));
  }

  /**
   * The values as they are now. Costs one array copy; what changes later is copied then. Nobody is
   * charged for it, so that it must not be kept for a peer.
   */
  public LastValuesCut cut() {
    Arrays.fill(shared, true);
    return new LastValuesCut(partition, partitionCount, chunks.clone(), ordinals);
  }

  /** The same for one who holds it, and is charged what it keeps in memory. */
  public HeldCut cut(CutHolder holder) {
    LastValuesCut same = unchanged ? held.last() : null;
    unchanged = true;
    return held.hold(same == null ? cut() : same, holder);
  }

  /**
   * Makes the value that a cut of the same partition has of a sensor the one here, sharing its
   * bytes; only that it is too large where these do not fit the budget.
   */
  public void copy(LastValuesCut from, int ordinal) {
    int kind = from.kind(ordinal);
    set(
        ordinal,
        kind,
        from.timeNanos(ordinal),
        from.bits(ordinal),
        from.offset(ordinal),
        from.row(ordinal));
    if (kind >= Kind.KIND_TEXT_VALUE) {
      byte[] text = from.text(ordinal);
      boolean kept = text != null && takeRoom(text.length);
      chunks[ordinal / LastValuesChunk.SENSORS].setText(
          ordinal % LastValuesChunk.SENSORS, kept ? text : null);
    }
  }

  private boolean takeRoom(int valueBytes) {
    return budget.tryTake(valueBytes + VALUE_OVERHEAD_BYTES);
  }

  private void giveRoomBack(int valueBytes) {
    budget.giveBack(valueBytes + VALUE_OVERHEAD_BYTES);
  }

  /** Forgets everything and gives back what it has of the budget. */
  public void close() {
    for (int number = 0; number < chunks.length; number++) {
      LastValuesChunk chunk = chunks[number];
      for (int i = 0; chunk != null && chunk.hasTexts() && i < chunk.room(); i++) {
        if (chunk.text(i) != null) {
          giveRoomBack(chunk.text(i).length);
          held.replaced(number * LastValuesChunk.SENSORS + i, chunk.text(i));
        }
      }
      if (chunk != null) {
        held.replaced(number, chunk);
      }
    }
    unchanged = false;
    chunks = new LastValuesChunk[0];
    shared = new boolean[0];
    ordinals = 0;
  }
}
