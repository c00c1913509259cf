package dev.weir.service.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.CursorStore;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limits;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.SimulatedDisk;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.TestProducerSession;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a check of a data directory says of what is no damage. */
class VerifiedTopicsTest {
  private static final Path DATA = Path.of("/data");
  private static final int SEGMENT_BYTES = 1_024;

  private final SimulatedDisk files = new SimulatedDisk();
  private final Random random = new Random(5);
  private TestTopics world;

  private void start() throws IOException {
    SegmentEngine engine =
        SegmentEngine.open(
            DATA,
            files,
            SegmentOptions.defaults().withSegmentBytes(SEGMENT_BYTES),
            () -> world == null ? TestTopics.START_NANOS : world.nowNanos(),
            random,
            Runnable::run,
            event -> {});
    world = new TestTopics(engine, Limits.defaults(), random);
  }

  /** Each record is larger than a segment. */
  private void publish(ServedTopic topic, String sensor, int batches) {
    TestProducerSession publisher = new TestProducerSession(topic.partitions().get(0), "", 0);
    for (int i = 0; i < batches; i++) {
      publisher.single(0, 0, sensor, LongStream.range(0, SEGMENT_BYTES).toArray());
      world.run();
      assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
    }
  }

  private void commitAtTheEnd(ServedTopic topic) {
    List<CursorStore.Outcome> outcomes = new ArrayList<>();
    world
        .topics()
        .registry()
        .cursors()
        .commit(topic.info(), "report", topic.headCursor(), outcomes::add);
    world.run();
    assertThat(outcomes).containsExactly(new CursorStore.Outcome.Stored(topic.headCursor()));
  }

  @Test
  void cursorBehindALostBufferedTail_isNoDamage_beforeAndAfterTheNextStart() throws IOException {
    start();
    var buffered = new TopicSettings(1, Durability.DURABILITY_BUFFERED, 0, 0, Map.of());
    ServedTopic topic = world.topics().create("t", buffered, "");
    publish(topic, "x", 1); // synced: it gives out an id
    publish(topic, "x", 1);
    commitAtTheEnd(topic);

    files.powerCut(null);

    assertThat(FoundDamage.in(DATA, files)).isEmpty();
    start();
    assertThat(world.topics().registry().find("t").range(0).endOffset()).isEqualTo(1);
    files.kill();
    assertThat(FoundDamage.in(DATA, files)).isEmpty();
  }

  @Test
  void cursorBehindTheEndOfASyncedPartition_isDamage() throws IOException {
    start();
    ServedTopic topic = world.topic("t", 1);
    publish(topic, "x", 1);
    SimulatedDisk before = files.copy();
    publish(topic, "x", 1);
    commitAtTheEnd(topic);
    files.kill();
    Path partition = DATA.resolve("topics/" + topic.info().partition(0).log() + "/0");
    for (Path path : files.paths()) {
      if (path.startsWith(partition) && before.paths().contains(path)) {
        files.replace(path, before.bytes(path));
      } else if (path.startsWith(partition)) {
        files.delete(path);
      }
    }

    assertThat(FoundDamage.in(DATA, files))
        .extracting(Flaw::kind)
        .containsExactly(Flaw.Kind.CURSOR);
  }

  @Test
  void readingsWhoseDefinitionRetentionTook_afterItWasDamaged_areNoDamage() throws IOException {
    start();
    ServedTopic topic = world.topic("t", 1);
    publish(topic, "x", 4);
    files.kill();
    Path first = DATA.resolve("topics/" + topic.info().partition(0).log());
    first = first.resolve("0/00000000000000000000.log");
    files.flip(first, 128 + 128 + 2); // behind the headers of segment and record: the definition
    assertThat(FoundDamage.in(DATA, files))
        .extracting(Flaw::kind)
        .containsExactly(Flaw.Kind.RECORDS);

    start();
    Partition partition = world.topics().registry().find("t").partitions().get(0);
    for (int i = 0; i < 2; i++) {
      publish(world.topics().registry().find("t"), "y", 1);
      partition.requestCheckpoint();
      world.run();
    }
    PartitionLog log = partition.log();
    long rest = log.bytes() - files.bytes(first).length;
    log.retain(new PartitionLog.Retention(Long.MIN_VALUE, rest));
    assertThat(log.startOffset()).isEqualTo(1);
    files.kill();

    assertThat(FoundDamage.in(DATA, files)).isEmpty();
  }
}
