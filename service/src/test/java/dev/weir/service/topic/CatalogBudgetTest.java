package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.TestProducerSession;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Topics and sensors under catalog_budget_bytes. */
class CatalogBudgetTest {
  private static final long TOPIC = SensorCatalog.bytesOfTopic(1);
  private static final long SENSOR = SensorCatalog.SENSOR_BYTES + "x".length();
  private static final long PRODUCER = 250;

  private static final Class<PartitionResult.Opened> OPENED = PartitionResult.Opened.class;
  private static final Class<PartitionResult.Stored> STORED = PartitionResult.Stored.class;

  private TestTopics world;

  private void budget(long bytes) {
    Limits limits = Limits.defaults().with(Limit.CATALOG_BUDGET_BYTES, bytes);
    world = new TestTopics(limits, 1 << 20);
  }

  private PartitionResult define(ServedTopic topic, List<Sensor> sensors) {
    List<PartitionResult> results = new ArrayList<>();
    topic.partitions().get(0).offer(new PartitionRequest.Define(sensors, results::add));
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
    ServedTopic topic = world.topic("t", 1);
    var defined = (PartitionResult.Defined) define(topic, sensors(2_000, "l".repeat(200), true));
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
    assertThat(world.topics().registry().find("t").info().labels()).isEqualTo(labels);
    world.topics().delete("t");
    world.run();
    assertThat(world.catalogBudget().used()).isZero();
  }

  @Test
  void labelsThatManyShare_areChargedOnce() {
    budget(TOPIC + 100_000);
    ServedTopic topic = world.topic("t", 1);
    List<Sensor> many = sensors(1_000, "l".repeat(255), false);
    assertThat(((PartitionResult.Defined) define(topic, many)).bindings()).hasSize(1_000);
    long used = world.catalogBudget().used();
    assertThat(used).isBetween(TOPIC + 60_000, TOPIC + 65_000);
    assertThat(((PartitionResult.Defined) define(topic, many)).bindings()).hasSize(1_000);
    assertThat(world.catalogBudget().used()).as("nothing new").isEqualTo(used);
  }

  @Test
  void failedRound_givesItsBytesBack() {
    budget(1L << 20);
    ServedTopic topic = world.topic("t", 1);
    long before = world.catalogBudget().used();
    world.log(topic, 0).end(FakeLog.End.NOT_STORED);
    define(topic, sensors(1, "l", false));
    assertThat(world.catalogBudget().used()).isEqualTo(before);
  }

  @Test
  void fenceOfAProducerOfAnotherPartition_isCharged_likeTheProducer() {
    budget(1L << 20);
    ServedTopic topic = world.topic("t", 2);
    new TestProducerSession(topic.partitions().get(0), "p", 5).open().append(1, "x", 1);
    world.run();
    long before = world.catalogBudget().used();
    world.restart();
    assertThat(world.catalogBudget().used()).isEqualTo(before + 250);
  }

  /** One partition with a sensor x, and room for so many producers. */
  private Partition roomForProducers(int count) {
    budget(TOPIC + SENSOR + count * PRODUCER);
    Partition partition = world.topic("t", 1).partitions().get(0);
    new TestProducerSession(partition, "", 0).define(Kind.KIND_INTEGER, "x");
    world.run();
    return partition;
  }

  private void assertFull(PartitionResult result) {
    assertThat(result).isInstanceOf(PartitionResult.Rejected.class);
    Fault fault = ((PartitionResult.Rejected) result).fault();
    assertThat(fault.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
    assertThat(fault.message())
        .contains("catalog_budget_bytes (" + world.catalogBudget().max() + ")", "one more producer")
        .contains("delete topics, or ask the operator to raise the limit.");
    assertThat(world.catalogBudget().used()).isLessThanOrEqualTo(world.catalogBudget().max());
  }

  @Test
  void producersBeyondTheBudget_areRefusedByItsName_andKnownOnesGoOn() {
    Partition partition = roomForProducers(10);
    List<TestProducerSession> opened = new ArrayList<>();
    List<TestProducerSession> unary = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      opened.add(new TestProducerSession(partition, "opened" + i, 1).open());
      unary.add(new TestProducerSession(partition, "unary" + i, 0).single(0, 1, "x", i));
    }
    TestProducerSession late = new TestProducerSession(partition, "late", 1).open();
    TestProducerSession lateUnary =
        new TestProducerSession(partition, "later", 0).single(0, 1, "x", 1);
    TestProducerSession madeUp = new TestProducerSession(partition, "~0000000000000001", 1);
    partition.offer(new PartitionRequest.Open(madeUp, false, madeUp.results::add));
    madeUp.append(1, "x", 1);
    world.run(); // all in one round
    assertThat(opened).allSatisfy(each -> assertThat(each.last()).isInstanceOf(OPENED));
    assertThat(unary).allSatisfy(each -> assertThat(each.last()).isInstanceOf(STORED));
    assertFull(late.last());
    assertFull(lateUnary.last());
    assertThat(madeUp.results.get(0)).isInstanceOf(OPENED);
    assertFull(madeUp.last());
    assertThat(((PartitionResult.Rejected) lateUnary.last()).expectedSequence()).isEqualTo(1);
    assertThat(world.catalogBudget().refusals()).isGreaterThanOrEqualTo(2);

    late.append(1, "x", 1);
    world.run();
    assertThat(((PartitionResult.Rejected) late.last()).fault().code())
        .as("it has no session")
        .isEqualTo(ErrorCode.REPLACED);
    opened.forEach(each -> each.append(1, "x", 1).append(1, "x", 1));
    unary.forEach(each -> each.single(0, 2, "x", 1).single(0, 2, "x", 1));
    opened.get(0).open();
    new TestProducerSession(partition, "opened0", 2).open();
    lateUnary.single(0, 1, "x", 1);
    world.run();
    for (TestProducerSession each : unary) {
      assertThat(((PartitionResult.Stored) each.results.get(1)).duplicate()).isFalse();
      assertThat(((PartitionResult.Stored) each.last()).duplicate()).isTrue();
    }
    assertThat(((PartitionResult.Stored) opened.get(1).last()).duplicate()).isTrue();
    assertFull(lateUnary.last());
    world.topics().delete("t");
    world.run();
    assertThat(world.catalogBudget().used()).isZero();
  }

  @Test
  void producersOfAFailedRound_giveTheirBytesBack() {
    Partition partition = roomForProducers(2);
    long before = world.catalogBudget().used();
    world.log(world.topic("t", 1), 0).end(FakeLog.End.NOT_STORED);
    new TestProducerSession(partition, "a", 1).open();
    new TestProducerSession(partition, "b", 0).single(0, 1, "x", 1);
    world.run();
    assertThat(world.catalogBudget().used()).isEqualTo(before);
    world.log(world.topic("t", 1), 0).end(FakeLog.End.COMMIT);
    TestProducerSession a = new TestProducerSession(partition, "a", 1).open();
    TestProducerSession b = new TestProducerSession(partition, "b", 0).single(0, 1, "x", 1);
    world.run();
    assertThat(a.last()).isInstanceOf(OPENED);
    assertThat(b.last()).isInstanceOf(STORED);
    assertThat(world.catalogBudget().used()).isEqualTo(before + 2 * PRODUCER);
  }

  @Test
  void producerForWhomAnotherIsForgotten_needsNoRoom() {
    Limits limits = Limits.defaults().with(Limit.PRODUCERS_PER_TOPIC_MAX, 2);
    world =
        new TestTopics(
            limits.with(Limit.CATALOG_BUDGET_BYTES, TOPIC + SENSOR + 3 * PRODUCER), 1 << 20);
    Partition partition = world.topic("t", 1).partitions().get(0);
    new TestProducerSession(partition, "", 0).define(Kind.KIND_INTEGER, "x");
    List<TestProducerSession> unary = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      unary.add(new TestProducerSession(partition, "unary" + i, 0).single(0, 1, "x", i));
      world.run();
    }
    assertThat(unary).allSatisfy(each -> assertThat(each.last()).isInstanceOf(STORED));
    assertThat(world.catalogBudget().used()).isEqualTo(TOPIC + SENSOR + 2 * PRODUCER);
    TestProducerSession a = new TestProducerSession(partition, "a", 1).open();
    TestProducerSession b = new TestProducerSession(partition, "b", 1).open();
    TestProducerSession c = new TestProducerSession(partition, "c", 1).open();
    TestProducerSession d = new TestProducerSession(partition, "d", 1).open();
    world.run(); // open ones are never forgotten
    for (TestProducerSession each : List.of(a, b, c)) {
      assertThat(each.last()).isInstanceOf(OPENED);
    }
    assertFull(d.last());
    a.leave();
    world.run();
    d.open();
    world.run();
    assertThat(d.last()).as("instead of the one that left").isInstanceOf(OPENED);
    assertThat(world.catalogBudget().used()).isLessThanOrEqualTo(world.catalogBudget().max());
  }

  @Test
  void batchThatIsNotStored_keepsNoRoomForItsProducer() {
    Partition partition = roomForProducers(1);
    long before = world.catalogBudget().used();
    TestProducerSession a =
        new TestProducerSession(partition, "a", 0).single(0, 1, "y", 1); // a new sensor
    world.run();
    assertThat(((PartitionResult.Rejected) a.last()).fault().message()).contains("new sensors");
    assertThat(world.catalogBudget().used()).isEqualTo(before);
    TestProducerSession b = new TestProducerSession(partition, "b", 0).single(0, 1, "x", 1);
    world.run();
    assertThat(b.last()).isInstanceOf(STORED);
  }

  @Test
  void moreProducersThanTheBudgetAtAStart_areServed_andNewOnesAreRefused() {
    budget(SensorCatalog.bytesOfTopic(2) + 2 * PRODUCER);
    ServedTopic topic = world.topic("t", 2);
    new TestProducerSession(topic.partitions().get(0), "a", 5).open();
    new TestProducerSession(topic.partitions().get(0), "b", 5).open();
    world.run();
    world.restart(); // with fences in the other partition
    assertThat(world.catalogBudget().used()).isGreaterThan(world.catalogBudget().max());
    Partition other = world.topic("t", 2).partitions().get(1);
    TestProducerSession a = new TestProducerSession(other, "a", 6).open();
    TestProducerSession c = new TestProducerSession(other, "c", 1).open();
    world.run();
    assertThat(a.last()).isInstanceOf(OPENED);
    assertThat(((PartitionResult.Rejected) c.last()).fault().code())
        .isEqualTo(ErrorCode.LIMIT_REACHED);
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
