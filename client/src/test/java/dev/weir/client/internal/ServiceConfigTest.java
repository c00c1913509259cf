package dev.weir.client.internal;

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
import org.junit.jupiter.api.Test;

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

  @Test
  void publish_isNotRetriedBecauseTheConfigCannotSeeItsSequence() {
    Map<?, ?> publish = configOf(PublishServiceGrpc.getPublishMethod()).orElseThrow();
    assertThat(publish.containsKey("retryPolicy")).isFalse();
    assertThat(publish.get("timeout")).isEqualTo("5s");
  }

  @Test
  void readsAndCatalogue_areRetriedOnUnavailableOnly() {
    for (MethodDescriptor<?, ?> method :
        List.of(
            SubscribeServiceGrpc.getReadMethod(),
            CatalogServiceGrpc.getCreateTopicMethod(),
            AdminServiceGrpc.getGetServerInfoMethod())) {
      Map<?, ?> retry = (Map<?, ?>) configOf(method).orElseThrow().get("retryPolicy");
      assertThat((List<?>) retry.get("retryableStatusCodes"))
          .as(method.getFullMethodName())
          .isEqualTo(List.of("UNAVAILABLE"));
    }
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
    return maps(ServiceConfig.load().get("methodConfig"));
  }

  private static List<Map<?, ?>> maps(Object list) {
    return ((List<?>) list).stream().<Map<?, ?>>map(entry -> (Map<?, ?>) entry).toList();
  }
}
