package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;

/** One partition over a fake log, its writer run by the test. Owned by one test. */
abstract class PartitionFixture {
  Limits limits = Limits.defaults();
  TestTopics world = new TestTopics(limits, 1 << 24);
  Topic topic = world.topic("t", 1);
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

  TestPublisher publisher(String producer, long epoch) {
    return new TestPublisher(partition, producer, epoch);
  }

  TestPublisher opened(String producer, long epoch) {
    TestPublisher made = publisher(producer, epoch).open();
    world.run();
    assertThat(made.last()).isInstanceOf(Result.Opened.class);
    return made;
  }

  static ErrorCode code(Result result) {
    return ((Result.Rejected) result).fault().code();
  }

  static long expected(Result result) {
    return ((Result.Rejected) result).expectedSequence();
  }

  static Result.Stored stored(Result result) {
    return (Result.Stored) result;
  }
}
