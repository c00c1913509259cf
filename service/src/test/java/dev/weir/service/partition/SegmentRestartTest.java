package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.config.Limits;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions on the real engine, started again and again. */
class SegmentRestartTest {
  @TempDir private Path dir;
  private final List<SegmentEvent> events = new ArrayList<>();
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
            SegmentOptions.defaults(),
            () -> TestTopics.START_NANOS,
            random,
            Runnable::run,
            events::add);
    world = new TestTopics(engine, Limits.defaults());
    topic = world.topic("t", 1);
    partition = topic.partitions().get(0);
  }

  private void stop() throws IOException {
    world.stop();
    engine.close();
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
  }

  @Test
  void startsWithoutAppends_keepTheCheckpoint() throws IOException {
    start();
    TestProducerSession a = new TestProducerSession(partition, "a", 1).open().append(1, "x", 1);
    world.run();
    assertThat(a.last()).isInstanceOf(PartitionResult.Stored.class);
    stop();
    for (int i = 0; i < 3; i++) {
      start();
      assertThat(partition.log().checkpoint().orElseThrow().offset()).isEqualTo(2);
      stop();
    }
    assertThat(events).as("no checkpoint is of another history").isEmpty();
    start();
    assertThat(topic.sensors().byName("x").id()).isZero();
    TestProducerSession again = new TestProducerSession(partition, "a", 1).open();
    world.run();
    assertThat(again.last()).isEqualTo(new PartitionResult.Opened(1));
  }

  @Test
  void killedAgainAndAgain_replaysNoMoreEachTime() throws IOException {
    for (int kill = 0; kill < 3; kill++) {
      start();
      TestProducerSession a = new TestProducerSession(partition, "a", kill + 1).open();
      a.append(kill + 1, "x", 1);
      world.run();
      assertThat(a.last()).isInstanceOf(PartitionResult.Stored.class);
      engine.close(); // no checkpoint at the end: the process was killed
    }
    start();
    assertThat(partition.log().endOffset() - partition.log().checkpoint().orElseThrow().offset())
        .as("records to replay, of two for each start")
        .isLessThanOrEqualTo(2);
  }

  @Test
  void damagedCheckpoints_areMadeAgainFromTheOtherOne_orFromTheLogAlone() throws IOException {
    for (int life = 1; life <= 3; life++) {
      start();
      TestProducerSession a = new TestProducerSession(partition, "a", 1).open();
      a.append(life, "x" + life, life);
      world.run();
      assertThat(a.last()).isInstanceOf(PartitionResult.Stored.class);
      stop();
    }
    for (int damaged = 1; damaged <= 2; damaged++) {
      List<Path> checkpoints = checkpoints();
      for (Path path : checkpoints.subList(checkpoints.size() - damaged, checkpoints.size())) {
        byte[] bytes = Files.readAllBytes(path);
        bytes[bytes.length - 1] ^= 1;
        Files.write(path, bytes);
      }
      events.clear();
      start();
      assertThat(events)
          .extracting(SegmentEvent::kind)
          .as("told, each of them")
          .containsExactlyElementsOf(
              Collections.nCopies(damaged, SegmentEvent.Kind.CHECKPOINT_DISCARDED));
      for (int life = 1; life <= 3; life++) {
        assertThat(topic.sensors().byName("x" + life).id()).isEqualTo(life - 1);
      }
      TestProducerSession again = new TestProducerSession(partition, "a", 1).open();
      world.run();
      assertThat(again.last()).isEqualTo(new PartitionResult.Opened(3));
      stop();
    }
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

  @Test
  void damagedDefinition_neverGivesItsIdToAnother() throws IOException {
    start();
    TestProducerSession a = new TestProducerSession(partition, "a", 1).open().append(1, "kept", 1);
    a.append(2, "lost-sensor", 2);
    world.run();
    a.append(3, SampleBatches.encoded(1, 3), a.results::add);
    world.run();
    engine.close(); // no checkpoint: the process was killed
    flip("lost-sensor");

    start();
    assertThat(topic.sensors().byName("lost-sensor")).isNull();
    assertThat(topic.sensors().byId(1)).isNull();
    TestProducerSession b =
        new TestProducerSession(partition, "b", 1).define(Kind.KIND_INTEGER, "new");
    world.run();
    assertThat(((PartitionResult.Defined) b.last()).bindings())
        .as("id 1 has readings stored")
        .extracting(DefinedSensor::id)
        .containsExactly(2);
    stop();

    start();
    new TestProducerSession(partition, "b", 1).define(Kind.KIND_INTEGER, "lost-sensor");
    world.run();
    assertThat(topic.sensors().byId(1)).as("also by a checkpoint").isNull();
    assertThat(topic.sensors().byName("lost-sensor").id()).isEqualTo(3);
    assertThat(topic.sensors().page(0, 10))
        .extracting(DefinedSensor::name)
        .containsExactly("kept", "new", "lost-sensor");
  }

  @Test
  void lastIdsKeptOnlyByACheckpoint_areNotGivenAgain() throws IOException {
    start();
    TestProducerSession a =
        new TestProducerSession(partition, "a", 1).open().append(1, "lost-sensor", 2);
    world.run();
    a.append(2, SampleBatches.encoded(0, 3), a.results::add);
    world.run();
    engine.close();
    flip("lost-sensor");
    start();
    assertThat(topic.sensors().count(0)).isEqualTo(1);
    stop();
    start();
    assertThat(topic.sensors().count(0)).isEqualTo(1);
    assertThat(topic.sensors().byId(0)).isNull();
  }

  /** Damages the record that holds a text. */
  private void flip(String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    try (var files = Files.walk(dir)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".log")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
          if (java.util.Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
            bytes[i] ^= 1;
            Files.write(file, bytes);
            return;
          }
        }
      }
    }
    throw new AssertionError(text + " is nowhere");
  }
}
