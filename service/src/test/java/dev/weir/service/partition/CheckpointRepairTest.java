package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.config.Limits;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of a partition to which nothing comes, one of which is lost. */
class CheckpointRepairTest {
  private static final int SEGMENT_BYTES = 1 << 16;

  @TempDir private Path dir;
  private final Random random = new Random(11);
  private SegmentEngine engine;
  private TestTopics world;
  private ServedTopic topic;
  private Partition partition;

  private void start() throws IOException {
    engine =
        SegmentEngine.open(
            dir,
            new NioDataFiles(),
            SegmentOptions.defaults().withSegmentBytes(SEGMENT_BYTES),
            () -> TestTopics.START_NANOS,
            random,
            Runnable::run,
            event -> {});
    world = new TestTopics(engine, Limits.defaults());
    topic = world.topic("t", 1);
    partition = topic.partitions().get(0);
  }

  private void stop() throws IOException {
    world.stop();
    engine.close();
  }

  @BeforeEach
  void twoCheckpointsOfOneOffset() throws IOException {
    start();
    TestProducerSession a = new TestProducerSession(partition, "a", 1).open();
    long[] values = random.longs(2_000).toArray();
    for (int sequence = 1; sequence <= 16; sequence++) {
      a.append(sequence, "x", values);
      world.run();
      assertThat(a.last()).isInstanceOf(PartitionResult.Stored.class);
    }
    checkpoint();
    checkpoint();
    assertThat(checkpoints()).hasSize(2);
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
  }

  private void checkpoint() {
    partition.requestCheckpoint();
    world.run();
  }

  private void retain() {
    world.topics().retain();
    world.run();
  }

  /** Those of the topic, the newest last. */
  private List<Path> checkpoints() throws IOException {
    try (var files = Files.walk(dir.resolve("topics"))) {
      return files
          .filter(path -> path.getFileName().toString().startsWith("checkpoint-"))
          .sorted()
          .toList();
    }
  }

  private void damageTheNewest() throws IOException {
    Path newest = checkpoints().get(1);
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length - 1] ^= 1;
    Files.write(newest, bytes);
  }

  @Test
  void damagedOne_isWrittenAgainWithTheNextCheckOfRetention_once() throws IOException {
    stop();
    damageTheNewest();
    start();
    assertThat(checkpoints()).hasSize(1);
    retain();
    List<Path> repaired = checkpoints();
    assertThat(repaired).hasSize(2);
    var times = List.of(Files.getLastModifiedTime(repaired.get(0)), modified(repaired.get(1)));
    retain();
    stop();
    assertThat(checkpoints()).isEqualTo(repaired);
    assertThat(List.of(modified(repaired.get(0)), modified(repaired.get(1)))).isEqualTo(times);
    Files.delete(repaired.get(0));
    start();
    assertThat(partition.log().checkpoint().orElseThrow().offset())
        .isEqualTo(partition.log().endOffset());
  }

  private static java.nio.file.attribute.FileTime modified(Path path) throws IOException {
    return Files.getLastModifiedTime(path);
  }

  @Test
  void damagedOne_isWrittenAgainAtTheStop() throws IOException {
    stop();
    damageTheNewest();
    start();
    stop();
    assertThat(checkpoints()).hasSize(2);
  }

  @Test
  void missingOne_isWrittenAgain_whereTheLogDoesNotReachBackToItsStart() throws IOException {
    world.topics().update("t", settings -> settings.withMaxBytes(SEGMENT_BYTES));
    retain();
    assertThat(topic.range(0).startOffset()).isPositive();
    for (int lost = 0; lost < 2; lost++) {
      stop();
      Files.delete(checkpoints().get(lost));
      start();
      retain();
      assertThat(checkpoints()).as("the other one is lost next").hasSize(2);
    }
  }

  @Test
  void missingOne_isNotWrittenAgain_whereTheLogHasAll() throws IOException {
    stop();
    Files.delete(checkpoints().get(1));
    start();
    retain();
    stop();
    assertThat(checkpoints()).as("the log alone would do").hasSize(1);
  }
}
