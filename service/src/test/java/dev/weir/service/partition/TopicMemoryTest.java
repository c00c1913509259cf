package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.PartitionId;
import dev.weir.service.tail.Tail;
import dev.weir.v1.Durability;
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

  private void publish(Topic topic, int batches) {
    TestPublisher publisher = new TestPublisher(topic.partitions().get(0), "", 0);
    for (int i = 1; i <= batches; i++) {
      publisher.single(0, 0, "x", i);
      world.run();
      assertThat(publisher.last()).isInstanceOf(Result.Stored.class);
    }
  }

  private static int held(Topic topic) {
    Tail tail = topic.partitions().get(0).tail();
    int held = 0;
    for (long offset = 0; offset < tail.head().offset(); offset++) {
      held += tail.get(offset) == null ? 0 : 1;
    }
    return held;
  }

  private static int stored(Topic topic) {
    Partition partition = topic.partitions().get(0);
    return (int) (partition.log().endOffset() - partition.log().startOffset());
  }

  @Test
  void deletedTopic_givesItsTailBack() {
    Topic topic = world.topic("t", 1);
    publish(topic, 10);
    assertThat(world.tails().bytes()).isPositive();
    world.topics().delete("t");
    world.run();
    assertThat(world.tails().bytes()).isZero();
    assertThat(held(topic)).isZero();
  }

  @Test
  void smallRecordsInMemory_areHeldNoLongerThanTheLogHoldsThem() {
    Topic topic = world.topics().create("m", memory(5_000), "");
    for (int i = 0; i < 100; i++) {
      publish(topic, 1);
      assertThat(held(topic)).isEqualTo(stored(topic));
    }
    assertThat(stored(topic)).isBetween(2, 50);
  }

  @Test
  void memoryBoundMadeSmaller_holdsForTheTailToo() {
    Topic topic = world.topics().create("m", memory(100_000), "");
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
    Topic idle = world.topics().create("idle", memory(100_000), "");
    publish(idle, 50);
    Topic busy = world.topics().create("busy", memory(100_000), "");
    publish(busy, 100);
    assertThat(stored(idle)).isBetween(1, 49);
    assertThat(held(idle)).isEqualTo(stored(idle));
    assertThat(held(busy)).isEqualTo(stored(busy));
  }

  @Test
  void smallBatch_isStoredByWhoBringsIt_andALargeOneByTheWriter() {
    world = new TestTopics(Limits.defaults().with(Limit.INLINE_CHECK_BYTES_MAX, 1_024), 1 << 20);
    Topic topic = world.topics().create("m", memory(1 << 20), "");
    publish(topic, 1);
    Partition partition = topic.partitions().get(0);
    List<Result> results = new ArrayList<>();
    partition.offer(append(results, 1, 2));
    assertThat(results).hasSize(1);
    assertThat(results.get(0)).isInstanceOf(Result.Stored.class);
    partition.offer(append(results, new long[1_100]));
    assertThat(results).hasSize(1);
    world.run();
    assertThat(results).hasSize(2);
    assertThat(results.get(1)).isInstanceOf(Result.Stored.class);
  }

  private static Request append(List<Result> results, long... values) {
    return new Request.Append(null, "", 0, 0, TestBatches.encoded(0, values), results::add);
  }

  @Test
  void memoryBoundMadeLarger_holdsForTheTailToo() {
    Topic topic = world.topics().create("m", memory(2_000), "");
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
    assertThat(world.topics().find("t")).isNull();
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
