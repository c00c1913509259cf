package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Topics and sensors under catalog_budget_bytes. */
class CatalogBudgetTest {
  private static final long TOPIC = SensorCatalog.bytesOfTopic(1);

  private TestTopics world;

  private void budget(long bytes) {
    Limits limits = Limits.defaults().with(Limit.CATALOG_BUDGET_BYTES, bytes);
    world = new TestTopics(limits, 1 << 20);
  }

  private Result define(Topic topic, List<Sensor> sensors) {
    List<Result> results = new ArrayList<>();
    topic.partitions().get(0).offer(new Request.Define(sensors, results::add));
    world.run();
    return results.get(0);
  }

  private static List<Sensor> sensors(int count, String label, boolean own) {
    List<Sensor> sensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sensors.add(
          Sensor.newBuilder()
              .setName(String.format("sensor%04d", i))
              .setKind(Kind.KIND_DOUBLE)
              .putLabels("label", own ? label + i : label)
              .build());
    }
    return sensors;
  }

  @Test
  void sensorsBeyondTheBudget_areRefusedByItsName_andTheTopicGivesAllBack() {
    budget(1L << 18);
    Topic topic = world.topic("t", 1);
    var defined = (Result.Defined) define(topic, sensors(2_000, "l".repeat(200), true));
    assertThat(defined.bindings()).hasSizeBetween(500, 1_500);
    assertThat(defined.faults().values())
        .allSatisfy(
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
              assertThat(fault.toString()).contains("catalog_budget_bytes (262144)");
            });
    assertThat(world.catalogBudget().used()).isBetween(250_000L, 1L << 18);
    world.topics().delete("t");
    world.run();
    assertThat(world.catalogBudget().used()).isZero();
  }

  @Test
  void labelsOfATopic_areChargedUntilItGoes() {
    budget(2 * TOPIC + 10_000);
    Map<String, String> labels = Map.of("l", "v".repeat(4_000));
    world.topics().create("t", 1, labels, "");
    assertThat(world.catalogBudget().used()).isBetween(TOPIC + 4_000, TOPIC + 4_400);
    world.topics().update("t", settings -> settings.withLabels(Map.of()));
    assertThat(world.catalogBudget().used()).isEqualTo(TOPIC);
    world.topics().update("t", settings -> settings.withLabels(labels));
    world.restart();
    assertThat(world.catalogBudget().used()).as("after a start").isGreaterThan(TOPIC + 4_000);

    Map<String, String> many = Map.of("l", "v".repeat(20_000));
    FaultException refused =
        catchThrowableOfType(FaultException.class, () -> world.topics().create("u", 1, many, ""));
    assertThat(refused.fault().code()).isEqualTo(ErrorCode.LIMIT_REACHED);
    refused =
        catchThrowableOfType(
            FaultException.class,
            () -> world.topics().update("t", settings -> settings.withLabels(many)));
    assertThat(refused.fault().message()).contains("catalog_budget_bytes", "more labels");
    assertThat(world.topics().find("t").info().labels()).isEqualTo(labels);
    world.topics().delete("t");
    world.run();
    assertThat(world.catalogBudget().used()).isZero();
  }

  @Test
  void labelsThatManyShare_areChargedOnce() {
    budget(TOPIC + 100_000);
    Topic topic = world.topic("t", 1);
    List<Sensor> many = sensors(1_000, "l".repeat(255), false);
    assertThat(((Result.Defined) define(topic, many)).bindings()).hasSize(1_000);
    long used = world.catalogBudget().used();
    assertThat(used).isBetween(TOPIC + 60_000, TOPIC + 65_000);
    assertThat(((Result.Defined) define(topic, many)).bindings()).hasSize(1_000);
    assertThat(world.catalogBudget().used()).as("nothing new").isEqualTo(used);
  }

  @Test
  void failedRound_givesItsBytesBack() {
    budget(1L << 20);
    Topic topic = world.topic("t", 1);
    long before = world.catalogBudget().used();
    world.log(topic, 0).end(FakeLog.End.NOT_STORED);
    define(topic, sensors(1, "l", false));
    assertThat(world.catalogBudget().used()).isEqualTo(before);
  }

  @Test
  void fenceOfAProducerOfAnotherPartition_isCharged_likeTheProducer() {
    budget(1L << 20);
    Topic topic = world.topic("t", 2);
    new TestPublisher(topic.partitions().get(0), "p", 5).open().append(1, "x", 1);
    world.run();
    long before = world.catalogBudget().used();
    world.restart();
    assertThat(world.catalogBudget().used()).isEqualTo(before + 250);
  }

  @Test
  void topicsBeyondTheBudget_areRefusedByItsName() {
    budget(2 * TOPIC + 100);
    world.topic("a", 1);
    world.topic("b", 1);
    var refused = catchThrowableOfType(FaultException.class, () -> world.topic("c", 1));
    assertThat(refused.fault().code()).isEqualTo(ErrorCode.LIMIT_REACHED);
    assertThat(refused.fault().toString()).contains("catalog_budget_bytes");
    world.topics().delete("a");
    world.run();
    assertThat(world.topic("c", 1)).isNotNull();
  }
}
