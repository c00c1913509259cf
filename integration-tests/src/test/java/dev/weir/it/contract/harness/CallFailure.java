package dev.weir.it.contract.harness;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * The failure of a call, with the details of the contract.
 *
 * @param code the status code
 * @param message for people
 * @param reason of the ErrorInfo; empty without one
 * @param domain of the ErrorInfo; empty without one
 * @param metadata of the ErrorInfo
 * @param fields wrong fields, of the BadRequest
 * @param retryNanos of the RetryInfo; 0 without one
 */
public record CallFailure(
    Status.Code code,
    String message,
    String reason,
    String domain,
    Map<String, String> metadata,
    List<String> fields,
    long retryNanos) {

  /** Returns the details of a failed call. */
  public static CallFailure of(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    com.google.rpc.Status details = StatusProto.fromThrowable(failure);
    ErrorInfo info = ErrorInfo.getDefaultInstance();
    BadRequest bad = BadRequest.getDefaultInstance();
    RetryInfo retry = RetryInfo.getDefaultInstance();
    try {
      for (Any any : details == null ? List.<Any>of() : details.getDetailsList()) {
        if (any.is(ErrorInfo.class)) {
          info = any.unpack(ErrorInfo.class);
        } else if (any.is(BadRequest.class)) {
          bad = any.unpack(BadRequest.class);
        } else if (any.is(RetryInfo.class)) {
          retry = any.unpack(RetryInfo.class);
        }
      }
    } catch (InvalidProtocolBufferException malformed) {
      throw new AssertionError("details of " + status, malformed);
    }
    return new CallFailure(
        status.getCode(),
        String.valueOf(status.getDescription()),
        info.getReason(),
        info.getDomain(),
        info.getMetadataMap(),
        bad.getFieldViolationsList().stream().map(BadRequest.FieldViolation::getField).toList(),
        retry.getRetryDelay().getSeconds() * 1_000_000_000L + retry.getRetryDelay().getNanos());
  }

  /** Returns the details of a call that must fail. */
  public static CallFailure by(ThrowingCallable call) {
    Throwable failure = Assertions.catchThrowable(call);
    Assertions.assertThat(failure).as("the call must be refused").isNotNull();
    return of(failure);
  }
}
