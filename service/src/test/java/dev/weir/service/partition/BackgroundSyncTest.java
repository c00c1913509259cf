package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.SimulatedDisk;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A BUFFERED topic whose sync in the background fails. */
class BackgroundSyncTest {
  @Test
  void failedSync_isSaidBeforeTheNextBatch() throws IOException {
    SimulatedDisk files = new SimulatedDisk();
    SegmentEngine engine =
        SegmentEngine.open(
            Path.of("/data"),
            files,
            SegmentOptions.defaults(),
            () -> TestTopics.START_NANOS,
            new Random(5),
            Runnable::run,
            event -> {});
    TestTopics world = new TestTopics(engine, Limits.defaults());
    var buffered = new TopicSettings(1, Durability.DURABILITY_BUFFERED, 0, 0, Map.of());
    Partition partition = world.topics().create("t", buffered, "").partitions().get(0);
    Partition other = world.topics().create("other", buffered, "").partitions().get(0);
    TestProducerSession publisher = new TestProducerSession(partition, "", 0);
    publisher.single(0, 0, "x", 1); // synced at once: it gives out an id
    world.run();
    publisher.single(0, 0, "x", 2);
    world.run();
    assertThat(publisher.last()).isInstanceOf(PartitionResult.Stored.class);
    files.failSync(1);

    engine.syncBuffered();

    assertThat(partition.poisoned()).isTrue();
    assertThat(other.poisoned()).isFalse();
    assertThat(world.topics().registry().poisoned()).isEqualTo(1);
    publisher.single(0, 0, "x", 3);
    world.run();
    assertThat(publisher.last())
        .isInstanceOfSatisfying(
            PartitionResult.Rejected.class,
            refused ->
                assertThat(refused.fault().code()).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE));
    assertThat(world.topics().registry().poisoned()).isEqualTo(1);
    engine.close();
  }
}
