package dev.weir.service.session;

import com.google.protobuf.Duration;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.FieldViolation;
import dev.weir.v1.Problem;

/** Faults as the contract's messages. Stateless. */
public final class Problems {
  private Problems() {}

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
        .ifPresent(
            delay ->
                problem.setRetryDelay(
                    Duration.newBuilder()
                        .setSeconds(delay.getSeconds())
                        .setNanos(delay.getNano())));
    for (Fault.Violation violation : fault.violations()) {
      problem.addFieldViolations(
          FieldViolation.newBuilder()
              .setField(violation.field())
              .setDescription(violation.description()));
    }
    return problem.build();
  }
}
