package dev.weir.service.session;

import dev.weir.service.config.Limits;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Tasks;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.partition.TestTopics;
import dev.weir.service.partition.Topic;
import dev.weir.service.telemetry.Meters;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** What sessions share, over a fake engine, run by the test. Owned by one test. */
final class TestDesk {
  final TestTopics world;
  final TestLoop loop = new TestLoop();
  final Tasks control = new Tasks();
  final Tasks catchUp = new Tasks();
  final Feeds feeds = new Feeds();
  final AtomicInteger sessions = new AtomicInteger();
  final Desk desk;

  TestDesk(Limits limits) {
    this(limits, 1 << 24);
  }

  TestDesk(Limits limits, long tailBytes) {
    this(new TestTopics(limits, tailBytes), limits);
  }

  /** The desk of the next process on what another one stored. */
  TestDesk(TestDesk before) {
    this(before.world, before.desk.limits());
  }

  private TestDesk(TestTopics world, Limits limits) {
    this.world = world;
    Duration retryDelay = Duration.ofMillis(100);
    desk =
        new Desk(
            world.topics(),
            limits,
            new Control(control, retryDelay),
            new Control(catchUp, retryDelay),
            new Fanout(),
            feeds,
            Meters.NONE,
            world::nowNanos,
            new Random(1),
            true,
            sessions);
  }

  Topic topic(String name, int partitions) {
    return world.topic(name, partitions);
  }

  /** Runs everything but timers until nothing is left. */
  void run() {
    boolean moved = true;
    while (moved) {
      moved = loop.runOne() || world.run() || control.runOne() || catchUp.runOne();
    }
  }

  int openReaders(Topic topic) {
    int open = 0;
    for (Partition partition : topic.partitions()) {
      open += world.log(topic, partition.number()).openReaders();
    }
    return open;
  }
}
