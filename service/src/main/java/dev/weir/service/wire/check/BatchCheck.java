package dev.weir.service.wire.check;

import com.google.common.base.Utf8;
import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.wire.columns.EventTimeArithmetic;
import dev.weir.service.wire.columns.NumberChunk;
import dev.weir.service.wire.columns.RunHeader;
import dev.weir.service.wire.columns.TraceparentField;
import dev.weir.v1.Kind;
import java.util.Optional;

/**
 * Checks the bytes of one batch without materialising a value: the gate of the hot path. One
 * instance per batch, owned by the call to {@link #check}.
 */
@OwnedBy("its caller")
public final class BatchCheck {
  private static final BatchCheckResult RECODE = new BatchCheckResult.Recode();

  /** Entries that are decoded before they are looked at. */
  private static final int BLOCK = NumberChunk.SIZE_MAX;

  /** Ids that are looked up one by one where the next ones are not known to be alike. */
  private static final int FEW = 16;

  private final byte[] array;
  private final SensorKinds kinds;
  private final RunHeader run;
  private final ProtobufReader column;

  private int runIndex;
  private long readings;
  private long eventMinNanos = Long.MAX_VALUE;
  private long eventMaxNanos = Long.MIN_VALUE;
  private RowProblems problems;

  private BatchCheck(byte[] array, SensorKinds kinds) {
    this.array = array;
    this.kinds = kinds;
    run = new RunHeader(array);
    column = new ProtobufReader(array, 0, 0);
  }

  /**
   * Returns whether a batch is canonical (docs/formats-batch.md) and may be stored as it is. Never
   * throws, whatever the bytes are.
   */
  public static BatchCheckResult check(Slice batch, SensorKinds kinds, BatchLimits limits) {
    return new BatchCheck(batch.array(), kinds).check(batch, limits);
  }

  private BatchCheckResult check(Slice batch, BatchLimits limits) {
    var in = new ProtobufReader(array, batch.offset(), batch.end());
    while (in.left() > 0 && array[in.at()] == FieldTags.BATCH_COLUMNS) {
      if (!run.read(in)) {
        return RECODE;
      }
      // Values first: only they prove that `count` is no greater than the bytes.
      checkValues();
      if (!column.failed()) {
        checkIds();
        checkTimes();
      }
      if (column.failed()) {
        return RECODE;
      }
      readings += run.count;
      runIndex++;
    }
    String traceparent = in.left() == 0 ? "" : TraceparentField.read(in, array);
    if (readings == 0 || traceparent == null || in.left() > 0 || in.failed()) {
      return RECODE;
    }
    Optional<InvalidBatch> bad = BatchFaults.verdict(problems, readings, limits);
    return bad.isPresent()
        ? bad.get()
        : new BatchCheckResult.Canonical((int) readings, eventMinNanos, eventMaxNanos, traceparent);
  }

  private void checkIds() {
    if (run.oneId) {
      int kind = kinds.kindOf(run.firstId);
      for (int i = 0; i < run.count && kind != run.kind && !enough(kind); i++) {
        wrongId(i, run.firstId, kind);
      }
      return;
    }
    column.range(run.idsFrom, run.idsEnd);
    SensorKinds.Range alike = kinds.alike();
    int end = alike.kind() == run.kind ? alike.end() : alike.from();
    long[] ids = new long[FEW];
    for (int checked = 0; checked < run.count && !column.failed(); ) {
      checked += column.varintsWithin(alike.from(), end, run.count - checked);
      int count = Math.min(run.count - checked, FEW);
      column.uint32s(ids, count);
      for (int i = 0; i < count; i++) {
        int id = (int) ids[i];
        int kind = kinds.kindOf(id);
        if (kind != run.kind && !column.failed()) {
          wrongId(checked + i, id, kind);
        }
      }
      checked += count;
    }
    endColumn();
  }

  private void checkTimes() {
    long step = run.timeStep;
    if (!run.hasOffsets()) {
      long last = run.timeBase + (run.count - 1) * step;
      if (!EventTimeArithmetic.surelyFits(run.timeBase, run.count, step, 0, 0)) {
        checkTimesExactly();
      }
      eventMinNanos = Math.min(eventMinNanos, Math.min(run.timeBase, last));
      eventMaxNanos = Math.max(eventMaxNanos, Math.max(run.timeBase, last));
      return;
    }
    column.range(run.offsetsFrom, run.offsetsEnd);
    long stepped = run.timeBase;
    long unit = run.timeUnit;
    long min = eventMinNanos;
    long max = eventMaxNanos;
    long magnitude = 0;
    long[] offsets = new long[Math.min(run.count, BLOCK)];
    for (int from = 0; from < run.count && !column.failed(); from += BLOCK) {
      int count = Math.min(run.count - from, BLOCK);
      column.zigzags(offsets, count);
      for (int i = 0; i < count; i++) {
        long offset = offsets[i];
        long time = stepped + offset * unit;
        magnitude |= offset ^ offset >> 63;
        min = Math.min(min, time);
        max = Math.max(max, time);
        stepped += step;
      }
    }
    endColumn();
    eventMinNanos = min;
    eventMaxNanos = max;
    if (!column.failed()
        && !EventTimeArithmetic.surelyFits(run.timeBase, run.count, step, magnitude, unit)) {
      checkTimesExactly();
    }
  }

  private void checkTimesExactly() {
    column.range(run.offsetsFrom, run.offsetsEnd);
    for (int i = 0; i < run.count; i++) {
      long offset = run.hasOffsets() ? column.zigzag() : 0;
      if (!EventTimeArithmetic.fits(run.timeBase, i, run.timeStep, offset, run.timeUnit)) {
        if (problem(ErrorCode.TIME_OUT_OF_RANGE)) {
          BatchFaults.timeOutOfRange(problems, (int) readings + i, runIndex, i, run.hasOffsets());
        } else {
          return;
        }
      }
    }
  }

  private void checkValues() {
    column.range(run.valuesFrom, run.valuesEnd);
    switch (run.kind) {
      case Kind.KIND_DOUBLE_VALUE -> column.skip(column.left());
      case Kind.KIND_INTEGER_VALUE -> column.skipVarints(run.count);
      case Kind.KIND_BOOLEAN_VALUE -> checkBooleans();
      default -> checkTexts();
    }
    endColumn();
  }

  private void checkBooleans() {
    int bits = 0;
    for (int i = run.valuesFrom; i < run.valuesEnd; i++) {
      bits |= array[i];
    }
    if ((bits & ~1) != 0) {
      column.fail();
    }
    column.skip(column.left());
  }

  private void checkTexts() {
    int tag = FieldTags.values(run.kind);
    boolean utf8 = run.kind == Kind.KIND_TEXT_VALUE;
    for (int i = 0; i < run.count; i++) {
      if (!column.tag(tag)) {
        column.fail();
        return;
      }
      int length = column.length();
      if (utf8 && !Utf8.isWellFormed(array, column.at(), length) && problem(ErrorCode.BAD_UTF8)) {
        BatchFaults.badText(problems, (int) readings + i, runIndex, i);
      }
      column.skip(length);
    }
  }

  /** A column holds exactly the readings of the run. */
  private void endColumn() {
    if (column.left() > 0) {
      column.fail();
    }
  }

  private void wrongId(int index, int id, int kind) {
    if (problem(kind == 0 ? ErrorCode.UNKNOWN_SENSOR_ID : ErrorCode.KIND_MISMATCH)) {
      int idIndex = run.oneId ? 0 : index;
      BatchFaults.wrongId(problems, (int) readings + index, runIndex, idIndex, id, kind, run.kind);
    }
  }

  private boolean enough(int kind) {
    var code = kind == 0 ? ErrorCode.UNKNOWN_SENSOR_ID : ErrorCode.KIND_MISMATCH;
    return problems != null && problems.isFull(code);
  }

  private boolean problem(ErrorCode code) {
    if (problems == null) {
      problems = new RowProblems();
    }
    return !problems.isFull(code);
  }
}
