package dev.weir.service.wire.check;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The problems of single readings of a batch, gathered so that one answer names them all. Owned by
 * the call that made it.
 */
@OwnedBy("its caller")
final class RowProblems {
  /** Codes that the bytes alone show come before those that depend on state. */
  private static final List<ErrorCode> ORDER =
      List.of(
          ErrorCode.INVALID_ARGUMENT,
          ErrorCode.BAD_UTF8,
          ErrorCode.TIME_OUT_OF_RANGE,
          ErrorCode.UNKNOWN_SENSOR_ID,
          ErrorCode.KIND_MISMATCH);

  private static final int VIOLATIONS_MAX = 10;

  private record Problem(ErrorCode code, int row, Fault.Violation violation) {}

  private final List<List<Problem>> problemsByCode = new ArrayList<>();

  RowProblems() {
    ORDER.forEach(code -> problemsByCode.add(new ArrayList<>()));
  }

  boolean isEmpty() {
    return problemsByCode.stream().allMatch(List::isEmpty);
  }

  /** Returns whether more problems with this reason would not be reported anyway. */
  boolean isFull(ErrorCode code) {
    return problemsByCode.get(ORDER.indexOf(code)).size() >= InvalidBatch.ROWS_MAX;
  }

  void add(ErrorCode code, int row, String field, String description) {
    if (!isFull(code)) {
      var violation = new Fault.Violation(field, description);
      problemsByCode.get(ORDER.indexOf(code)).add(new Problem(code, row, violation));
    }
  }

  /** The answer for the first reason in order. */
  Optional<InvalidBatch> worst() {
    return problemsByCode.stream()
        .filter(list -> !list.isEmpty())
        .findFirst()
        .map(RowProblems::bad);
  }

  private static InvalidBatch bad(List<Problem> problems) {
    Problem first = problems.get(0);
    List<Integer> rows = problems.stream().map(Problem::row).distinct().sorted().toList();
    String howMany =
        problems.size() >= InvalidBatch.ROWS_MAX
            ? "At least " + InvalidBatch.ROWS_MAX + " readings are wrong. The first is "
            : problems.size() > 1 ? problems.size() + " readings are wrong. The first is " : "";
    String message =
        howMany + first.violation().field() + ": " + first.violation().description() + ".";
    var violations = problems.stream().limit(VIOLATIONS_MAX).map(Problem::violation).toList();
    return new InvalidBatch(
        new Fault(first.code(), message, Optional.empty(), Map.of(), violations), rows);
  }
}
