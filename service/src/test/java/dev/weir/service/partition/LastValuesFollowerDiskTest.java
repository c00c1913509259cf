package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.latest.ExpectedReading;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.topic.TestTopics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Last values over the real engine, started again and again. */
class LastValuesFollowerDiskTest {
  private static final int[] SENSORS = {0, 1, 2, 3, 4, 5, 6, 7};

  @TempDir private Path dir;
  private final Random random = new Random(5);

  private SegmentEngine open() throws IOException {
    return SegmentEngine.open(
        dir,
        new NioDataFiles(),
        SegmentOptions.defaults().withSegmentBytes(1 << 20),
        () -> TestTopics.START_NANOS,
        random,
        Runnable::run,
        event -> {});
  }

  @Test
  void killedOrStopped_theLastValuesAreThoseOfTheLog() throws IOException {
    Limits limits = Limits.defaults().with(Limit.CHECKPOINT_INTERVAL_BYTES, 1 << 20);
    for (int life = 0; life < 6; life++) {
      SegmentEngine engine = open();
      TestTopics world = new TestTopics(engine, limits);
      Partition partition = world.topic("t", 1).partitions().get(0);
      check(world, partition);
      for (int i = 0; i < 40; i++) {
        var payload =
            SampleBatches.named(ExpectedReading.rows(random, 2_000, SENSORS), ExpectedReading.NOW);
        var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
        assertThat(partition.offer(append)).isTrue();
        if (random.nextInt(5) == 0) {
          world.run();
        }
      }
      check(world, partition);
      if (life % 2 == 0) {
        world.stop();
      }
      engine.close(); // otherwise without a checkpoint at the end: the process was killed
    }
  }

  private static void check(TestTopics world, Partition partition) throws IOException {
    world.run();
    CompletableFuture<PositionedCut> asked = partition.latest().cut();
    world.run();
    Map<Integer, ExpectedReading> expected = new TreeMap<>();
    try (LogReader reader = partition.log().read(0, true)) {
      for (LogItem item = reader.next(); item != null; item = reader.next()) {
        LogRecord record = (LogRecord) item;
        if (record.readings() > 0) {
          ExpectedReading.fold(record.batch(), record.offset(), expected);
        }
      }
    }
    assertThat(asked.join().position().offset()).isEqualTo(partition.log().endOffset());
    assertThat(ExpectedReading.of(asked.join().cut())).isEqualTo(expected);
  }
}
