package dev.weir.it.contract;

import dev.weir.it.contract.harness.TestTopic;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.Sensor;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The catalogue of a topic as clients see it. Stateless. */
final class TestCatalog {
  private TestCatalog() {}

  static List<Sensor> of(TestTopic topic) {
    return CatalogServiceGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
        .listSensors(
            ListSensorsRequest.newBuilder().setTopic(topic.name()).setPageSize(1_000).build())
        .getSensorsList();
  }

  static List<String> names(TestTopic topic) {
    return of(topic).stream().map(Sensor::getName).toList();
  }
}
