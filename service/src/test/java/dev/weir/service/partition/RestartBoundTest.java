package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.DataFiles;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.topic.OpeningStats;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A3: what a start reads stays within its bound, whatever the log's size and the end before it. */
class RestartBoundTest {
  private static final long INTERVAL = 65_536;
  private static final long ROUND = 4_096;
  private static final Limits LIMITS =
      Limits.defaults()
          .with(Limit.CHECKPOINT_INTERVAL_BYTES, INTERVAL)
          .with(Limit.SEGMENT_BYTES, INTERVAL);
  private static final SegmentOptions OPTIONS =
      SegmentOptions.defaults().withSegmentBytes(INTERVAL);
  private static final int KILLS = 12;
  private static final long SEED = Long.getLong("weir.seed", 20_261_126);

  @TempDir private Path dir;

  private record Started(SegmentEngine engine, TestTopics world) {
    OpeningStats openings() {
      return world.topics().openings();
    }
  }

  private static Started start(Path directory, DataFiles files) throws IOException {
    SegmentEngine engine =
        SegmentEngine.open(
            directory,
            files,
            OPTIONS,
            () -> TestTopics.START_NANOS,
            new Random(SEED),
            Runnable::run,
            event -> {});
    return new Started(engine, new TestTopics(engine, LIMITS));
  }

  /** Publishes, keeps what retention permits, and ends without an orderly end. */
  private static void live(Started started, long bytes, boolean retained) throws IOException {
    ServedTopic topic = started.world.topic("t", 1);
    if (retained) {
      started.world.topics().update("t", before -> before.withMaxBytes(1L << 20));
    }
    Partition partition = topic.partitions().get(0);
    TestProducerSession publisher = new TestProducerSession(partition, "p", 1).open();
    started.world.run();
    long from = partition.log().endReadings();
    int number = 0;
    for (long published = 0; published < bytes; ) {
      long sequence = ++number + from; // one reading each
      publisher.append(sequence, "s" + number % 7, number);
      started.world.run();
      published += 200;
      assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
      if (number % 50 == 0) {
        started.world.topics().retain();
        started.world.run();
      }
    }
  }

  private static void requireBound(Path directory) throws IOException {
    Started again = start(directory, new NioDataFiles());
    OpeningStats openings = again.openings();
    assertThat(openings.bytes())
        .as("replayed of %s", directory)
        .isLessThanOrEqualTo(INTERVAL + ROUND);
    assertThat(again.engine.health().checkedBytes())
        .as("checked of %s, system partition included", directory)
        .isLessThanOrEqualTo(openings.partitions() * (INTERVAL + ROUND) + ROUND);
    again.engine.close();
  }

  @ParameterizedTest
  @CsvSource({"1, false", "4, false", "24, false", "24, true"})
  void killedAtAnyStep_startReadsNoMoreThanItsBound(int intervals, boolean retained)
      throws IOException {
    Path counted = dir.resolve("counted");
    CopiedFiles dry = new CopiedFiles(counted, Set.of());
    Started first = start(counted, dry);
    live(first, intervals * INTERVAL, retained);
    first.engine.close();
    Random random = new Random(SEED + intervals);
    Set<Integer> kills = new TreeSet<>();
    while (kills.size() < KILLS) {
      kills.add(1 + random.nextInt(dry.steps()));
    }

    Path data = dir.resolve("data");
    CopiedFiles files = new CopiedFiles(data, kills);
    Started killed = start(data, files);
    live(killed, intervals * INTERVAL, retained);
    killed.engine.close();

    assertThat(files.copies()).as("kills, seed %s", SEED).hasSize(KILLS);
    for (Path copy : files.copies()) {
      requireBound(copy);
    }
    requireBound(data);
  }
}
