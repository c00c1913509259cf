package dev.weir.service.wire.check;

import dev.weir.service.core.fault.Fault;
import java.util.List;

/**
 * A batch that must not be stored. Immutable.
 *
 * @param fault what is wrong
 * @param rows indexes of the wrong readings, ascending, at most {@link #ROWS_MAX}; empty where the
 *     batch as a whole is wrong
 */
public record InvalidBatch(Fault fault, List<Integer> rows)
    implements BatchCheckResult, RecodeResult {
  /** Most row indexes that are reported. */
  public static final int ROWS_MAX = 100;

  public InvalidBatch {
    rows = List.copyOf(rows);
  }

  /** A batch that is wrong as a whole. */
  static InvalidBatch whole(Fault fault) {
    return new InvalidBatch(fault, List.of());
  }

  /**
   * Returns whether the verdict depends on more than the bytes (bound ids, kinds, configured
   * sizes), so that it counts only after the duplicate check.
   */
  public boolean dependsOnState() {
    return switch (fault.code()) {
      case UNKNOWN_SENSOR_ID, KIND_MISMATCH, TOO_LARGE -> true;
      default -> false;
    };
  }
}
