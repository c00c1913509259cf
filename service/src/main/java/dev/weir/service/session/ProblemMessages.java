package dev.weir.service.session;

import com.google.protobuf.util.Durations;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.FieldViolation;
import dev.weir.v1.Problem;
import dev.weir.v1.SensorProblem;

/** Faults as the contract's messages. Stateless. */
public final class ProblemMessages {
  /** Problems of one message that are told with their reasons. */
  private static final int WHOLE_MAX = 100;

  private ProblemMessages() {}

  /**
   * The problem of one of many sensors: the first are told whole, of the others only what it is.
   *
   * @param told how many were told before
   */
  public static SensorProblem ofSensor(int told, int index, Fault fault) {
    Problem whole = of(fault);
    return SensorProblem.newBuilder()
        .setIndex(index)
        .setProblem(
            told < WHOLE_MAX
                ? whole
                : whole.toBuilder().clearMessage().clearMetadata().clearFieldViolations().build())
        .build();
  }

  /** The fault as a message inside a stream. */
  public static Problem of(Fault fault) {
    Problem.Builder problem =
        Problem.newBuilder()
            .setCode(fault.code().status().number())
            .setReason(fault.code().name())
            .setMessage(fault.message())
            .putAllMetadata(fault.metadata());
    fault
        .retryDelay()
        .ifPresent(delay -> problem.setRetryDelay(Durations.fromNanos(delay.toNanos())));
    for (Fault.Violation violation : fault.violations()) {
      problem.addFieldViolations(
          FieldViolation.newBuilder()
              .setField(violation.field())
              .setDescription(violation.description()));
    }
    return problem.build();
  }
}
