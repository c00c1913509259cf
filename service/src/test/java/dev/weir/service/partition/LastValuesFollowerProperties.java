package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.latest.ExpectedReading;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Whenever tasks run, checkpoints are written, retention deletes and the server restarts: the last
 * values are those of everything ever stored.
 */
class LastValuesFollowerProperties {
  private static final int[] SENSORS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

  @Property(tries = 150)
  void lastValues_areThoseOfEverythingStored(@ForAll long seed) {
    Random random = new Random(seed);
    TestTopics world = new TestTopics(Limits.defaults(), random.nextBoolean() ? 1 : 1 << 20);
    for (int life = 0; life < 4; life++) {
      ServedTopic topic = world.topic("t", 1);
      live(world, topic, random);
      if (random.nextBoolean()) {
        world.stop();
      }
      world.restart();
    }
    ServedTopic topic = world.topic("t", 1);
    CompletableFuture<PositionedCut> asked = topic.partitions().get(0).latest().cut();
    world.run();
    check(world, topic, asked.join());
  }

  private static void live(TestTopics world, ServedTopic topic, Random random) {
    Partition partition = topic.partitions().get(0);
    for (int step = random.nextInt(40); step > 0; step--) {
      switch (random.nextInt(10)) {
        case 0 -> partition.requestCheckpoint();
        case 1 -> world.log(topic, 0).retain(new PartitionLog.Retention(Long.MAX_VALUE, 0));
        case 2 -> world.run();
        case 3 -> world.views.runOne();
        case 4 -> world.background.runOne();
        case 5 -> {
          long head = partition.tail().head().offset();
          partition
              .latest()
              .cut()
              .thenAccept(
                  at -> {
                    assertThat(at.position().offset()).isGreaterThanOrEqualTo(head);
                    check(world, topic, at);
                  });
        }
        default -> {
          append(partition, random);
          world.writer.runOne();
        }
      }
    }
  }

  private static void append(Partition partition, Random random) {
    var batch = ExpectedReading.rows(random, 1 + random.nextInt(12), SENSORS);
    var payload = SampleBatches.named(batch, ExpectedReading.NOW);
    assertThat(partition.offer(new PartitionRequest.Append(null, "", 0, 0, payload, result -> {})))
        .isTrue();
  }

  private static void check(TestTopics world, ServedTopic topic, PositionedCut at) {
    Map<Integer, ExpectedReading> expected = new TreeMap<>();
    for (LogRecord record : world.log(topic, 0).records()) {
      if (record.readings() > 0 && record.offset() < at.position().offset()) {
        ExpectedReading.fold(record.batch(), record.offset(), expected);
      }
    }
    assertThat(ExpectedReading.of(at.cut())).isEqualTo(expected);
  }
}
