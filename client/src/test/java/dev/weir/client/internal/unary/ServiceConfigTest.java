package dev.weir.client.internal.unary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The published service config against the contract's table of deadlines and retries. */
class ServiceConfigTest {
  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          PublishServiceGrpc.getServiceDescriptor(),
          SubscribeServiceGrpc.getServiceDescriptor(),
          CatalogServiceGrpc.getServiceDescriptor(),
          AdminServiceGrpc.getServiceDescriptor());

  @Test
  void everyMethod_isNamed() {
    for (ServiceDescriptor service : SERVICES) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        assertThat(configOf(method)).as(method.getFullMethodName()).isPresent();
      }
    }
  }

  @Test
  void everyName_isOfAMethodThatExists() {
    List<String> services = SERVICES.stream().map(ServiceDescriptor::getName).toList();
    List<String> methods =
        SERVICES.stream()
            .flatMap(service -> service.getMethods().stream())
            .map(MethodDescriptor::getFullMethodName)
            .toList();
    for (Map<?, ?> config : configs()) {
      for (Map<?, ?> name : maps(config.get("name"))) {
        assertThat(services).contains((String) name.get("service"));
        if (name.containsKey("method")) {
          assertThat(methods).contains(name.get("service") + "/" + name.get("method"));
        }
      }
    }
  }

  @Test
  void streams_haveNeitherDeadlineNorRetry() {
    for (ServiceDescriptor service : SERVICES) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        if (method.getType() != MethodDescriptor.MethodType.UNARY) {
          assertThat(configOf(method).orElseThrow().keySet())
              .as(method.getFullMethodName())
              .isEqualTo(Map.of("name", "").keySet());
        }
      }
    }
  }

  /** The contract's table, row by row: method, deadline, retryable codes. */
  static Stream<Arguments> unaryMethods() {
    List<String> unavailable = List.of("UNAVAILABLE");
    return Stream.of(
            Stream.of(
                Arguments.of(PublishServiceGrpc.getPublishMethod(), "5s", List.of()),
                Arguments.of(SubscribeServiceGrpc.getReadMethod(), "65s", unavailable)),
            Stream.of(
                    SubscribeServiceGrpc.getGetLatestMethod(),
                    SubscribeServiceGrpc.getCommitCursorMethod(),
                    SubscribeServiceGrpc.getGetCursorsMethod(),
                    SubscribeServiceGrpc.getDeleteCursorMethod())
                .map(method -> Arguments.of(method, "5s", unavailable)),
            Stream.of(
                    CatalogServiceGrpc.getServiceDescriptor(),
                    AdminServiceGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .map(method -> Arguments.of(method, "5s", unavailable)))
        .flatMap(rows -> rows);
  }

  @ParameterizedTest
  @MethodSource("unaryMethods")
  void unaryMethod_hasTheDeadlineAndTheRetriesOfTheContract(
      MethodDescriptor<?, ?> method, String timeout, List<String> retryable) {
    Map<?, ?> config = configOf(method).orElseThrow();
    assertThat(config.get("timeout")).isEqualTo(timeout);
    assertThat(config.get("waitForReady")).isEqualTo(true);
    Map<?, ?> retry = (Map<?, ?>) config.get("retryPolicy");
    if (retryable.isEmpty()) {
      // The config cannot see whether a Publish has a sequence.
      assertThat(retry).isNull();
    } else {
      assertThat(retry.get("retryableStatusCodes")).isEqualTo(retryable);
      assertThat(retry.get("maxAttempts")).isEqualTo(4.0);
      assertThat(retry.get("initialBackoff")).isEqualTo("0.1s");
      assertThat(retry.get("maxBackoff")).isEqualTo("2s");
      assertThat(retry.get("backoffMultiplier")).isEqualTo(2.0);
    }
  }

  @Test
  void everyUnaryMethod_isInTheTable() {
    List<Object> table = unaryMethods().map(row -> row.get()[0]).toList();
    for (ServiceDescriptor service : SERVICES) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        if (method.getType() == MethodDescriptor.MethodType.UNARY) {
          assertThat(table).contains(method);
        }
      }
    }
  }

  @Test
  void retries_areThrottled() {
    Map<?, ?> throttling = (Map<?, ?>) ServiceConfig.file().get("retryThrottling");
    assertThat(throttling.get("maxTokens")).isEqualTo(20.0);
    assertThat(throttling.get("tokenRatio")).isEqualTo(0.1);
  }

  private static Optional<Map<?, ?>> configOf(MethodDescriptor<?, ?> method) {
    for (Map<?, ?> config : configs()) {
      for (Map<?, ?> name : maps(config.get("name"))) {
        boolean service = method.getServiceName().equals(name.get("service"));
        Object only = name.get("method");
        if (service && (only == null || only.equals(method.getBareMethodName()))) {
          return Optional.of(config);
        }
      }
    }
    return Optional.empty();
  }

  private static List<Map<?, ?>> configs() {
    return maps(ServiceConfig.file().get("methodConfig"));
  }

  private static List<Map<?, ?>> maps(Object list) {
    return ((List<?>) list).stream().<Map<?, ?>>map(entry -> (Map<?, ?>) entry).toList();
  }
}
