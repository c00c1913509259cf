package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.PartitionId;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.partition.TestProducerSession;
import dev.weir.service.tail.PartitionTail;
import dev.weir.v1.Durability;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What topics hold in memory, and what they give back. */
class TopicMemoryTest {
  private TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);

  private static TopicSettings memory(long maxBytes) {
    return new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, maxBytes, Map.of());
  }

  private void publish(ServedTopic topic, int batches) {
    TestProducerSession publisher = new TestProducerSession(topic.partitions().get(0), "", 0);
    for (int i = 1; i <= batches; i++) {
      publisher.single(0, 0, "x", i);
      world.run();
      assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
    }
  }

  private static int held(ServedTopic topic) {
    PartitionTail tail = topic.partitions().get(0).tail();
    int held = 0;
    for (long offset = 0; offset < tail.head().offset(); offset++) {
      held += tail.get(offset) == null ? 0 : 1;
    }
    return held;
  }

  private static int stored(ServedTopic topic) {
    Partition partition = topic.partitions().get(0);
    return (int) (partition.log().endOffset() - partition.log().startOffset());
  }

  @Test
  void deletedTopic_givesItsTailBack() {
    ServedTopic topic = world.topic("t", 1);
    publish(topic, 10);
    assertThat(world.tails().bytes()).isPositive();
    world.topics().delete("t");
    world.run();
    assertThat(world.tails().bytes()).isZero();
    assertThat(held(topic)).isZero();
  }

  @Test
  void smallRecordsInMemory_areHeldNoLongerThanTheLogHoldsThem() {
    ServedTopic topic = world.topics().create("m", memory(5_000), "");
    for (int i = 0; i < 100; i++) {
      publish(topic, 1);
      assertThat(held(topic)).isEqualTo(stored(topic));
    }
    assertThat(stored(topic)).isBetween(2, 50);
  }

  @Test
  void memoryBoundMadeSmaller_holdsForTheTailToo() {
    ServedTopic topic = world.topics().create("m", memory(100_000), "");
    publish(topic, 50);
    assertThat(held(topic)).isEqualTo(50);
    world.topics().update("m", settings -> settings.withMaxBytes(2_000));
    world.run();
    assertThat(stored(topic)).isLessThan(20);
    assertThat(held(topic)).isEqualTo(stored(topic));
  }

  @Test
  void memoryTopicThatMakesRoomForOthers_isHeldNoLongerThanItsLogHoldsIt() {
    world = new TestTopics(Limits.defaults().with(Limit.MEMORY_LOG_BYTES, 20_000), 1 << 24);
    ServedTopic idle = world.topics().create("idle", memory(100_000), "");
    publish(idle, 50);
    ServedTopic busy = world.topics().create("busy", memory(100_000), "");
    publish(busy, 100);
    assertThat(stored(idle)).isBetween(1, 49);
    assertThat(held(idle)).isEqualTo(stored(idle));
    assertThat(held(busy)).isEqualTo(stored(busy));
  }

  @Test
  void smallBatch_isStoredByWhoBringsIt_andALargeOneByTheWriter() {
    world = new TestTopics(Limits.defaults().with(Limit.INLINE_CHECK_BYTES_MAX, 1_024), 1 << 20);
    ServedTopic topic = world.topics().create("m", memory(1 << 20), "");
    publish(topic, 1);
    Partition partition = topic.partitions().get(0);
    List<PartitionResult> results = new ArrayList<>();
    partition.offer(append(results, 1, 2));
    assertThat(results).hasSize(1);
    assertThat(results.get(0)).isInstanceOf(PartitionResult.Stored.class);
    partition.offer(append(results, new long[1_100]));
    assertThat(results).hasSize(1);
    world.run();
    assertThat(results).hasSize(2);
    assertThat(results.get(1)).isInstanceOf(PartitionResult.Stored.class);
  }

  /** Ten sensors that a partition's log keeps as a record of a megabyte. */
  private static List<Sensor> megabyte(int partition, int partitions, int from) {
    List<Sensor> sensors = new ArrayList<>();
    for (int i = from; i < from + 10; i++) {
      sensors.add(
          SampleBatches.sensor(SampleBatches.name(i, partition, partitions), Kind.KIND_DOUBLE)
              .toBuilder()
              .putLabels("l", i + "v".repeat(100_000))
              .build());
    }
    return sensors;
  }

  private PartitionResult define(Partition partition, List<Sensor> sensors) {
    List<PartitionResult> results = new ArrayList<>();
    partition.offer(new PartitionRequest.Define(sensors, results::add));
    world.run();
    assertThat(world.memoryBudget().used()).isLessThanOrEqualTo(world.memoryBudget().max());
    return results.get(0);
  }

  @Test
  void definitionsBeyondTheMemoryOfAll_areRefusedByItsName_andLeaveNothing() {
    world = new TestTopics(Limits.defaults().with(Limit.MEMORY_LOG_BYTES, 4 << 20), 1 << 24);
    TopicSettings eight = new TopicSettings(8, Durability.DURABILITY_MEMORY, 0, 64 << 20, Map.of());
    ServedTopic topic = world.topics().create("m", eight, "");
    for (Partition partition : topic.partitions()) {
      long catalog = world.catalogBudget().used();
      PartitionResult result = define(partition, megabyte(partition.number(), 8, 0));
      if (partition.number() < 4) {
        assertThat(((PartitionResult.Defined) result).bindings()).hasSize(10);
      } else {
        Fault fault = ((PartitionResult.Rejected) result).fault();
        assertThat(fault.code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(fault.message()).contains("memory_log_bytes");
        assertThat(fault.retryDelay()).isPresent();
        assertThat(topic.sensors().count(partition.number())).isZero();
        assertThat(world.catalogBudget().used()).isEqualTo(catalog);
      }
    }
    Partition first = topic.partitions().get(0);
    long held = world.memoryBudget().used();
    assertThat(((PartitionResult.Defined) define(first, megabyte(0, 8, 0))).bindings())
        .as("nothing new")
        .hasSize(10);
    assertThat(world.memoryBudget().used()).isEqualTo(held);
    List<Sensor> others = megabyte(0, 8, 10).subList(0, 9);
    assertThat(((PartitionResult.Defined) define(first, others)).bindings())
        .as("in the place of its own")
        .hasSize(9);
    world.topics().delete("m");
    world.run();
    assertThat(world.memoryBudget().used()).isZero();
    assertThat(world.catalogBudget().used()).isZero();
  }

  @Test
  void definitionsForWhomOthersCanMakeRoom_areTaken() {
    world = new TestTopics(Limits.defaults().with(Limit.MEMORY_LOG_BYTES, 4 << 20), 1 << 24);
    ServedTopic old = world.topics().create("old", memory(64 << 20), "");
    for (int i = 0; i < 3; i++) {
      define(old.partitions().get(0), megabyte(0, 1, 10 * i));
    }
    ServedTopic late = world.topics().create("late", memory(64 << 20), "");
    for (int i = 0; i < 3; i++) {
      PartitionResult result = define(late.partitions().get(0), megabyte(0, 1, 10 * i));
      assertThat(result).isInstanceOf(PartitionResult.Defined.class);
    }
    assertThat(stored(old)).isLessThan(3);
  }

  private static PartitionRequest append(List<PartitionResult> results, long... values) {
    return new PartitionRequest.Append(
        null, "", 0, 0, SampleBatches.encoded(0, values), results::add);
  }

  @Test
  void memoryBoundMadeLarger_holdsForTheTailToo() {
    ServedTopic topic = world.topics().create("m", memory(2_000), "");
    world.topics().update("m", settings -> settings.withMaxBytes(1 << 20));
    world.run();
    publish(topic, 50);
    assertThat(held(topic)).isEqualTo(stored(topic)).isEqualTo(50);
  }

  @Test
  void topicThatCouldNotBeOpened_keepsItsSettings() {
    PartitionId second = world.topic("t", 2).info().partition(1);
    world.engine.failClaim(second);
    world.restart();
    assertThat(world.topics().registry().find("t")).isNull();
    assertThat(refused(1)).as("the name has two partitions").isEqualTo(ErrorCode.TOPIC_EXISTS);
    assertThat(world.topic("t", 2).partitions()).hasSize(2);
  }

  private ErrorCode refused(int partitions) {
    return catchThrowableOfType(
            FaultException.class, () -> world.topics().create("t", partitions, Map.of(), ""))
        .fault()
        .code();
  }
}
