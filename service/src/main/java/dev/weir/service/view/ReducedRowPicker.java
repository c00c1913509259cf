package dev.weir.service.view;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.mode.Mode;
import dev.weir.service.core.mode.ModeState;
import dev.weir.service.latest.CutHolder;
import dev.weir.service.latest.HeldCut;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.log.LogRecord;
import dev.weir.service.wire.columns.ColumnsReader;
import dev.weir.service.wire.columns.RowSet;
import dev.weir.v1.Kind;
import java.util.function.IntPredicate;

/**
 * A reduced mode: remembers, for each sensor of one partition, what was sent last. Owned by the
 * view or the fetch that asks it.
 */
@OwnedBy("view thread or catch-up fetch")
public final class ReducedRowPicker implements RowPicker {
  private final IntPredicate ids;
  private final EventTimeRange times;
  private final int partitionCount;
  private final Mode mode;
  private ModeState state;
  private LastValuesFold sent;

  // of the record under way
  private LogRecord record;

  /**
   * A memory that holds nothing.
   *
   * @param ids the selected sensors
   * @param times the range of event times
   * @param mode what is sent
   * @param partitionCount of the topic
   */
  public ReducedRowPicker(IntPredicate ids, EventTimeRange times, Mode mode, int partitionCount) {
    this.ids = ids;
    this.times = times;
    this.partitionCount = partitionCount;
    this.mode = mode;
    this.state = new ModeState(mode);
  }

  /**
   * Counts the last values that match as sent, and nothing else, and keeps from now on what is, in
   * values that hold nothing yet.
   */
  void seed(LastValuesCut cut, LastValuesFold values) {
    state = new ModeState(mode);
    sent = values;
    for (int ordinal = 0; ordinal < cut.ordinals(); ordinal++) {
      if (cut.has(ordinal)
          && times.has(cut.timeNanos(ordinal))
          && ids.test(cut.sensorId(ordinal))) {
        values.copy(cut, ordinal);
        if (!cut.tooLarge(ordinal)) {
          seed(cut, ordinal, state);
        }
      }
    }
  }

  private static void seed(LastValuesCut cut, int ordinal, ModeState state) {
    switch (cut.kind(ordinal)) {
      case Kind.KIND_DOUBLE_VALUE ->
          state.seedDouble(ordinal, Double.longBitsToDouble(cut.bits(ordinal)));
      case Kind.KIND_INTEGER_VALUE -> state.seedInteger(ordinal, cut.bits(ordinal));
      case Kind.KIND_BOOLEAN_VALUE -> state.seedBoolean(ordinal, cut.bits(ordinal) != 0);
      default -> {
        Slice bytes = cut.bytes(ordinal);
        state.seedBytes(ordinal, bytes.array(), bytes.offset(), bytes.length());
      }
    }
  }

  /** Returns the value sent last of each sensor, or its last value where none was sent. */
  HeldCut sent(CutHolder holder) {
    return sent.cut(holder);
  }

  /** Gives back what it keeps; it may be seeded again. */
  void close() {
    if (sent != null) {
      sent.close();
      sent = null;
    }
  }

  @Override
  public Picked pick(LogRecord of, int fromRow) {
    if (of.readings() == 0 || times.hasNone(of)) {
      return new Picked(RowSet.none(), RowSet.none());
    }
    record = of;
    RowSet matched =
        RowSet.of(of.batch(), fromRow, at -> ids.test(at.sensorId()) && times.has(at.timeNanos()));
    RowSet rows = RowSet.of(of.batch(), fromRow, at -> matched.contains(at.row()) && takes(at));
    return new Picked(rows, matched);
  }

  private boolean takes(ColumnsReader at) {
    int ordinal = at.sensorId() / partitionCount;
    long appended = record.appendTimeNanos();
    boolean takes =
        switch (at.kind()) {
          case Kind.KIND_DOUBLE_VALUE -> state.takesDouble(ordinal, appended, at.doubleValue());
          case Kind.KIND_INTEGER_VALUE -> state.takesInteger(ordinal, appended, at.integerValue());
          case Kind.KIND_BOOLEAN_VALUE -> state.takesBoolean(ordinal, appended, at.booleanValue());
          default ->
              state.takesBytes(
                  ordinal, appended, at.valueArray(), at.valueOffset(), at.valueLength());
        };
    if (takes && sent != null) {
      sent.put(at, ordinal, record.offset(), at.row());
    }
    return takes;
  }
}
