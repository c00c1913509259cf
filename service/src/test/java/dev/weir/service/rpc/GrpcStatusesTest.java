package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import io.grpc.Metadata;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a refused call is told about trying again. */
class GrpcStatusesTest {
  private static final Metadata.Key<String> PUSH_BACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  @ParameterizedTest
  @CsvSource({"PT0.5S, 500", "PT0.0000001S, 1", "PT0S, 0", "PT1M, 60000", "PT1.0015S, 1002"})
  void retryDelay_isToldInRetryInfoAndToTheRetriesOfTheLibrary(Duration delay, String millis)
      throws Exception {
    Metadata told = GrpcStatuses.trailers(Fault.of(ErrorCode.OVERLOADED, "full").retryAfter(delay));
    assertThat(told.get(PUSH_BACK)).isEqualTo(millis);
    Status status = StatusProto.fromStatusAndTrailers(io.grpc.Status.RESOURCE_EXHAUSTED, told);
    RetryInfo info = status.getDetails(1).unpack(RetryInfo.class);
    assertThat(
            Duration.ofSeconds(info.getRetryDelay().getSeconds(), info.getRetryDelay().getNanos()))
        .isEqualTo(delay);
  }

  @ParameterizedTest
  @EnumSource
  void withoutDelay_theLibraryIsHeldBackOnlyWhereTheStatusWouldMakeItRetryInVain(ErrorCode code) {
    String pushBack = GrpcStatuses.trailers(Fault.of(code, "no")).get(PUSH_BACK);
    boolean retriedInVain = code.status() == ErrorCode.Status.UNAVAILABLE && !code.retryable();
    assertThat(pushBack).isEqualTo(retriedInVain ? "-1" : null);
  }

  @Test
  void partitionThatStopped_isNotRetriedByTheLibrary() {
    Fault stopped = Fault.of(ErrorCode.PARTITION_UNAVAILABLE, "stopped");
    assertThat(GrpcStatuses.trailers(stopped).get(PUSH_BACK)).isEqualTo("-1");
  }
}
