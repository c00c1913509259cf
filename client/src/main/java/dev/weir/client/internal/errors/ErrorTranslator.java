package dev.weir.client.internal.errors;

import com.google.common.primitives.Ints;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.weir.client.WeirException;
import dev.weir.v1.FieldViolation;
import dev.weir.v1.Problem;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;

/**
 * Translates statuses and problems of the server to {@link WeirException}, and is the only class
 * that does. Stateless.
 */
public final class ErrorTranslator {
  private static final Metadata.Key<String> PUSH_BACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private ErrorTranslator() {}

  /** A problem inside a stream. */
  public static WeirException of(Problem problem) {
    List<String> wrong = new ArrayList<>();
    for (FieldViolation violation : problem.getFieldViolationsList()) {
      wrong.add(violation.getField() + ": " + violation.getDescription());
    }
    return new WeirException(
        problem.getReason().isEmpty() ? nameOf(problem.getCode()) : problem.getReason(),
        problem.getCode(),
        withDetails(problem.getMessage(), wrong),
        problem.hasRetryDelay() ? Optional.of(toJava(problem.getRetryDelay())) : Optional.empty(),
        problem.getMetadataMap(),
        List.of(),
        null);
  }

  /** The status of a unary call. */
  public static WeirException of(StatusRuntimeException failure) {
    return of(failure.getStatus(), failure.getTrailers());
  }

  /** Returns the exception for which the future of one of our calls failed. */
  public static WeirException ofCall(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof WeirException known
        ? known
        : defect(new IllegalStateException("a call failed without a status", failure));
  }

  /** The status of any call that did not end with OK. */
  public static WeirException of(Status told, Metadata trailers) {
    Status status = transport(told);
    com.google.rpc.Status rich = StatusProto.fromStatusAndTrailers(status, trailers);
    String reason = status.getCode().name();
    Map<String, String> metadata = new LinkedHashMap<>();
    Optional<Duration> retryDelay = Optional.empty();
    List<String> wrong = new ArrayList<>();
    for (Any detail : rich.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          reason = info.getReason();
          metadata.putAll(info.getMetadataMap());
        } else if (detail.is(RetryInfo.class)) {
          retryDelay = Optional.of(toJava(detail.unpack(RetryInfo.class).getRetryDelay()));
        } else if (detail.is(BadRequest.class)) {
          for (BadRequest.FieldViolation violation :
              detail.unpack(BadRequest.class).getFieldViolationsList()) {
            wrong.add(violation.getField() + ": " + violation.getDescription());
          }
        }
      } catch (InvalidProtocolBufferException e) {
        wrong.add("an unreadable detail of type " + detail.getTypeUrl());
      }
    }
    OptionalLong pushBackMillis = pushBackMillis(trailers);
    if (retryDelay.isEmpty() && pushBackMillis.isPresent() && pushBackMillis.getAsLong() >= 0) {
      retryDelay = Optional.of(Duration.ofMillis(pushBackMillis.getAsLong()));
    }
    return new WeirException(
        reason,
        status.getCode().value(),
        withDetails(rich.getMessage(), wrong),
        retryDelay,
        metadata,
        List.of(),
        status.getCause());
  }

  /**
   * Returns the server's answer to the retries of gRPC libraries: the milliseconds to wait, or,
   * negative, do not retry. A text that is no number counts as negative.
   */
  public static OptionalLong pushBackMillis(Metadata trailers) {
    String told = trailers == null ? null : trailers.get(PUSH_BACK);
    if (told == null) {
      return OptionalLong.empty();
    }
    Integer millis = Ints.tryParse(told);
    return OptionalLong.of(millis == null ? -1 : millis);
  }

  /** Returns whether the server was not even reached, so that it cannot have done anything. */
  public static boolean isUnreached(WeirException failure) {
    return failure.code() == Status.Code.UNAVAILABLE.value()
        && (failure.getCause() instanceof ConnectException
            || failure.getCause() instanceof UnknownHostException);
  }

  /** Returns the failure of every call once its owner is closed. */
  public static WeirException closed(String what) {
    return new WeirException(
        WeirException.CLOSED, Status.Code.CANCELLED.value(), what + " is closed");
  }

  /** The thread that waited for a call was interrupted, and its owner is as good as closed. */
  public static WeirException interrupted() {
    return new WeirException(
        WeirException.CLOSED,
        Status.Code.CANCELLED.value(),
        "The calling thread was interrupted. Whether the server did what it was asked is unknown.");
  }

  /** Returns the end LAGGED as an exception, for callers that learn only of failures. */
  public static WeirException lagged() {
    return new WeirException(
        WeirException.LAGGED,
        Status.Code.RESOURCE_EXHAUSTED.value(),
        "The subscription fell behind: by more than maxLag, or, without maxLag, its next record left"
            + " the server's memory. Subscribe again, raise maxLag, or choose conflate() or"
            + " dropOldest().");
  }

  /** Returns the end TOPIC_DELETED as an exception, for callers that learn only of failures. */
  public static WeirException topicDeleted() {
    return new WeirException(
        WeirException.TOPIC_DELETED, Status.Code.NOT_FOUND.value(), "The topic was deleted.");
  }

  /** The topic's name means another log than when a publisher began. */
  public static WeirException replaced(String topic) {
    return new WeirException(
        WeirException.TOPIC_REPLACED,
        Status.Code.FAILED_PRECONDITION.value(),
        "The name "
            + topic
            + " means another topic than when this publisher began: the topic was deleted and created"
            + " again, or the client came to a server with another data directory. Open a new"
            + " publisher.");
  }

  /** The server broke the contract, or did not answer in time. */
  public static WeirException unavailable(String message) {
    return local(Status.Code.UNAVAILABLE, message);
  }

  /** A defect on either side. */
  public static WeirException internal(String message) {
    return local(Status.Code.INTERNAL, message);
  }

  /** A defect of this client ends a session, never the process. */
  public static WeirException defect(RuntimeException cause) {
    return new WeirException(
        "INTERNAL",
        Status.Code.INTERNAL.value(),
        "A defect of the client ended this. Report it with the stack of the cause.",
        Optional.empty(),
        Map.of(),
        List.of(),
        cause);
  }

  /** Returns the failure of something that is over a bound. */
  public static WeirException tooLarge(String message) {
    return new WeirException(
        WeirException.TOO_LARGE, Status.Code.RESOURCE_EXHAUSTED.value(), message);
  }

  /** Returns the failure where as many things are in use as may be. */
  public static WeirException limitReached(String message) {
    return new WeirException(
        WeirException.LIMIT_REACHED, Status.Code.RESOURCE_EXHAUSTED.value(), message);
  }

  /** The value's type is not the sensor's. */
  public static WeirException kindMismatch(String message) {
    return new WeirException(
        WeirException.KIND_MISMATCH, Status.Code.INVALID_ARGUMENT.value(), message);
  }

  /** Returns whether another session may help after this failure. */
  public static boolean mayReconnect(WeirException failure) {
    if (isTakenOver(failure)) {
      return false;
    }
    if (failure.retryDelay().isPresent()) {
      return true;
    }
    return switch (Status.fromCodeValue(failure.code()).getCode()) {
      case UNAVAILABLE, INTERNAL, UNKNOWN, CANCELLED, ABORTED, DEADLINE_EXCEEDED -> true;
      default -> false;
    };
  }

  /** Returns whether a newer session has this producer's place. */
  public static boolean isTakenOver(WeirException failure) {
    return failure.reason().equals("PRODUCER_FENCED") || failure.reason().equals("REPLACED");
  }

  /** gRPC calls it UNKNOWN where a connection ends while a call is being written. */
  private static Status transport(Status told) {
    boolean closed =
        told.getCode() == Status.Code.UNKNOWN && told.getCause() instanceof ClosedChannelException;
    return closed
        ? Status.UNAVAILABLE.withDescription("the connection ended").withCause(told.getCause())
        : told;
  }

  private static WeirException local(Status.Code code, String message) {
    return new WeirException(code.name(), code.value(), message);
  }

  private static String nameOf(int code) {
    return Status.fromCodeValue(code).getCode().name();
  }

  private static String withDetails(String message, List<String> details) {
    return details.isEmpty() ? message : message + " (" + String.join("; ", details) + ")";
  }

  private static Duration toJava(com.google.protobuf.Duration duration) {
    return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }
}
