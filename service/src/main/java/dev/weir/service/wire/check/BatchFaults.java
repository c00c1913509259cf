package dev.weir.service.wire.check;

import dev.weir.service.core.NanoTimeRange;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Kind;
import java.util.Optional;

/** The texts about wrong batches, the same for canonical and other ones. */
final class BatchFaults {
  private BatchFaults() {}

  /** Returns the first problem: of the bytes alone, then of the size, then of ids and kinds. */
  static Optional<InvalidBatch> verdict(RowProblems problems, long readings, BatchLimits limits) {
    Optional<InvalidBatch> worst = problems == null ? Optional.empty() : problems.worst();
    boolean tooMany = readings > limits.batchReadingsMax();
    if (tooMany && worst.map(InvalidBatch::dependsOnState).orElse(true)) {
      return Optional.of(tooLarge("batch", "readings", readings, limits.batchReadingsMax()));
    }
    return worst;
  }

  static InvalidBatch tooLarge(String field, String what, long count, int countMax) {
    String text =
        String.format(
            "has %d %s, more than batch_%s_max (%d); split the batch", count, what, what, countMax);
    return InvalidBatch.whole(Fault.field(ErrorCode.TOO_LARGE, field, text));
  }

  static void wrongId(
      RowProblems problems, int row, int run, int index, int id, int kind, int runKind) {
    String field = "batch.columns[" + run + "].sensor_ids[" + index + "]";
    if (kind == 0) {
      String text = "id " + Integer.toUnsignedString(id) + " is not bound here; define it first";
      problems.add(ErrorCode.UNKNOWN_SENSOR_ID, row, field, text);
    } else {
      String sensor = "sensor " + Integer.toUnsignedString(id);
      problems.add(ErrorCode.KIND_MISMATCH, row, field, mismatch(sensor, kind, runKind));
    }
  }

  static String mismatch(String sensor, int kind, int usedKind) {
    return sensor + " is " + kindName(kind) + ", but these values are " + kindName(usedKind);
  }

  static void timeOutOfRange(
      RowProblems problems, int row, int run, int index, boolean hasOffsets) {
    String field = "batch.columns[" + run + (hasOffsets ? "].time_offsets[" + index + "]" : "]");
    problems.add(
        ErrorCode.TIME_OUT_OF_RANGE,
        row,
        field,
        "time_base + "
            + index
            + " * time_step + time_offset * time_unit must be from "
            + NanoTimeRange.SECONDS);
  }

  static void badText(RowProblems problems, int row, int run, int index) {
    String field = "batch.columns[" + run + "].texts[" + index + "]";
    problems.add(ErrorCode.BAD_UTF8, row, field, "is not valid UTF-8; send such bytes as a blob");
  }

  static String kindName(int kind) {
    Kind known = Kind.forNumber(kind);
    return known == null ? "kind " + kind : known.name().substring("KIND_".length());
  }
}
