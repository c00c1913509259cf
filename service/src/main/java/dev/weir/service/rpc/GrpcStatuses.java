package dev.weir.service.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.util.Optional;

/** Faults as gRPC statuses with their details. Stateless. */
final class GrpcStatuses {
  private static final String DOMAIN = "weir.dev";
  private static final Metadata.Key<String> PUSH_BACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** The key under which gRPC's libraries look for the details of a status. */
  private static final Metadata.Key<com.google.rpc.Status> DETAILS =
      Metadata.Key.of(
          "grpc-status-details-bin",
          ProtoUtils.metadataMarshaller(com.google.rpc.Status.getDefaultInstance()));

  private GrpcStatuses() {}

  /**
   * Ends a call with a fault. Makes no exception: refusing must cost less than asking, and most of
   * what an exception costs is its stack.
   */
  static void close(ServerCall<?, ?> call, Fault fault) {
    Status status = Status.fromCodeValue(fault.code().status().number());
    call.close(status.withDescription(fault.message()), trailers(fault));
  }

  /** Returns the trailers that end a call beside its status. */
  static Metadata trailers(Fault fault) {
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, details(fault));
    pushBack(fault).ifPresent(millis -> trailers.put(PUSH_BACK, millis));
    return trailers;
  }

  private static com.google.rpc.Status details(Fault fault) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(fault.code().status().number())
            .setMessage(fault.message())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(fault.code().name())
                        .setDomain(DOMAIN)
                        .putAllMetadata(fault.metadata())
                        .build()));
    fault
        .retryDelay()
        .ifPresent(
            delay ->
                status.addDetails(
                    Any.pack(
                        RetryInfo.newBuilder()
                            .setRetryDelay(Durations.fromNanos(delay.toNanos()))
                            .build())));
    if (!fault.violations().isEmpty()) {
      BadRequest.Builder bad = BadRequest.newBuilder();
      for (Fault.Violation violation : fault.violations()) {
        bad.addFieldViolations(
            BadRequest.FieldViolation.newBuilder()
                .setField(violation.field())
                .setDescription(violation.description()));
      }
      status.addDetails(Any.pack(bad.build()));
    }
    return status.build();
  }

  /**
   * Returns the delay for the retries of a gRPC library in milliseconds; negative if a retry does
   * not help although the status looks like it.
   */
  private static Optional<String> pushBack(Fault fault) {
    if (fault.retryDelay().isPresent()) {
      // Rounded up: a retry is not to come before the delay.
      return Optional.of(Long.toString(fault.retryDelay().get().plusNanos(999_999).toMillis()));
    }
    boolean misleading =
        !fault.code().retryable() && fault.code().status() == ErrorCode.Status.UNAVAILABLE;
    return misleading ? Optional.of("-1") : Optional.empty();
  }

  /** Returns the status for a defect; the details are in the log. */
  static Status defect() {
    return Status.INTERNAL.withDescription(
        "A defect of the server ended the call. The server's log has the stack.");
  }
}
