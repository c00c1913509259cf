package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;

/** One partition over a fake log, its writer run by the test. Owned by one test. */
abstract class PartitionFixture {
  Limits limits = Limits.defaults();
  TestTopics world = new TestTopics(limits, 1 << 24);
  ServedTopic topic = world.topic("t", 1);
  Partition partition = topic.partitions().get(0);
  FakeLog log = world.log(topic, 0);

  void with(Limit limit, long value) {
    limits = limits.with(limit, value);
    world = new TestTopics(limits, 1 << 24);
    reopen(false);
  }

  void reopen(boolean orderly) {
    if (orderly) {
      world.stop();
    }
    world.restart();
    topic = world.topic("t", 1);
    partition = topic.partitions().get(0);
    log = world.log(topic, 0);
  }

  TestProducerSession publisher(String producer, long epoch) {
    return new TestProducerSession(partition, producer, epoch);
  }

  TestProducerSession opened(String producer, long epoch) {
    TestProducerSession made = publisher(producer, epoch).open();
    world.run();
    assertThat(made.last()).isInstanceOf(PartitionResult.Opened.class);
    return made;
  }

  static ErrorCode code(PartitionResult result) {
    return ((PartitionResult.Rejected) result).fault().code();
  }

  static long expected(PartitionResult result) {
    return ((PartitionResult.Rejected) result).expectedSequence();
  }

  static PartitionResult.Stored stored(PartitionResult result) {
    return (PartitionResult.Stored) result;
  }
}
