package dev.weir.client.internal.errors;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.weir.client.WeirException;
import dev.weir.v1.FieldViolation;
import dev.weir.v1.Problem;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorTranslatorTest {
  @Test
  void statusWithDetails_givesReasonDelayMetadataAndFields() {
    com.google.rpc.Status rich =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
            .setMessage("too much")
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder().setReason("OVERLOADED").putMetadata("k", "v").build()))
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(3))
                        .build()))
            .addDetails(
                Any.pack(
                    BadRequest.newBuilder()
                        .addFieldViolations(
                            BadRequest.FieldViolation.newBuilder()
                                .setField("a.b")
                                .setDescription("is wrong"))
                        .build()))
            .build();

    WeirException exception = ErrorTranslator.of(StatusProto.toStatusRuntimeException(rich));

    assertThat(exception.reason()).isEqualTo("OVERLOADED");
    assertThat(exception.code()).isEqualTo(8);
    assertThat(exception.retryDelay()).contains(Duration.ofSeconds(3));
    assertThat(exception.retryable()).isTrue();
    assertThat(exception.metadata()).containsEntry("k", "v");
    assertThat(exception).hasMessage("OVERLOADED: too much (a.b: is wrong)");
  }

  @Test
  void connectionThatEndsWhileACallIsWritten_isUnavailable() {
    Status closed =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    WeirException exception = ErrorTranslator.of(closed, new Metadata());
    assertThat(exception.code()).isEqualTo(Status.Code.UNAVAILABLE.value());
    assertThat(exception.retryable()).isTrue();
    assertThat(ErrorTranslator.of(Status.UNKNOWN, new Metadata()).reason()).isEqualTo("UNKNOWN");
  }

  @Test
  void bareStatus_givesItsNameAsReason() {
    WeirException exception =
        ErrorTranslator.of(Status.NOT_FOUND.withDescription("gone"), new Metadata());
    assertThat(exception).hasMessage("NOT_FOUND: gone");
    assertThat(exception.retryable()).isFalse();
  }

  @Test
  void problem_givesTheSame() {
    WeirException exception =
        ErrorTranslator.of(
            Problem.newBuilder()
                .setReason("INVALID_ARGUMENT")
                .setCode(3)
                .setMessage("wrong")
                .addFieldViolations(FieldViolation.newBuilder().setField("f").setDescription("no"))
                .build());
    assertThat(exception).hasMessage("INVALID_ARGUMENT: wrong (f: no)");
    assertThat(exception.retryDelay()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, 14, true",
    "INTERNAL, 13, true",
    "CANCELLED, 1, true",
    "REPLACED, 10, false",
    "PRODUCER_FENCED, 9, false",
    "TOPIC_NOT_FOUND, 5, false",
    "CURSOR_INVALID, 3, false",
    "UNIMPLEMENTED, 12, false",
    "DATA_LOSS, 15, false"
  })
  void reconnecting_isTriedOnlyWhereItMayHelp(String reason, int code, boolean expected) {
    assertThat(ErrorTranslator.mayReconnect(new WeirException(reason, code, "x")))
        .isEqualTo(expected);
  }
}
