package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.RecordType;
import dev.weir.service.partition.FakeEngine;
import dev.weir.service.partition.FakeLog;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicStoreTest {
  private final FakeEngine engine = new FakeEngine();
  private long nowNanos = 1_000;
  private TopicStore store;

  private FakeLog start() throws IOException {
    engine.restart();
    store = TopicStore.open(engine.claim(PartitionId.SYSTEM), () -> nowNanos);
    return engine.log(PartitionId.SYSTEM);
  }

  private static TopicInfo topic(String name, int partitions) {
    return new TopicInfo(name, name.hashCode(), partitions, Map.of("ü", "läbel"), 99, "request");
  }

  @Test
  void topics_surviveByRecordsAndByCheckpoints() throws IOException {
    FakeLog log = start();
    store.create(topic("b", 64));
    store.create(topic("a", 1));
    nowNanos = 5; // the clock went back
    store.create(topic("c", 2));
    assertThat(log.records()).extracting(LogRecord::appendTimeNanos).containsOnly(1_000L);
    assertThat(log.records()).extracting(LogRecord::type).containsOnly(RecordType.SYSTEM);

    start();
    assertThat(store.all()).containsExactly(topic("a", 1), topic("b", 64), topic("c", 2));
    store.close();
    start();
    store.create(topic("d", 3));
    log = start();
    assertThat(log.checkpoint()).isPresent();
    assertThat(store.all()).hasSize(4).contains(topic("d", 3), topic("b", 64));
    store.close();
    start();
    assertThat(store.find("d")).isEqualTo(topic("d", 3));
    assertThat(store.find("e")).isNull();
  }

  @Test
  void emptyStore_closesWithoutACheckpoint() throws IOException {
    FakeLog log = start();
    store.close();
    assertThat(log.checkpoint()).isEmpty();
  }

  @Test
  void damage_isToldAndNeverATopicLessInSilence() throws IOException {
    start();
    store.create(topic("a", 1));
    engine.log(PartitionId.SYSTEM).damage(0);
    assertThatThrownBy(this::start).isInstanceOf(DataLossException.class);
  }

  @Test
  void eventsOfANewerServer_areNotPassedOver() throws IOException {
    start();
    for (byte[] events : List.of(new byte[] {9}, topicWithDurability(3))) {
      assertThatThrownBy(() -> TopicEvents.list(Slice.of(events)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("newer Weir");
    }
    assertThatThrownBy(() -> TopicEvents.list(Slice.of(new byte[] {1, 0, 4, 't'})))
        .as("cut off")
        .isInstanceOf(IOException.class);
  }

  private static byte[] topicWithDurability(int durability) {
    Slice events = TopicEvents.created(List.of(topic("t", 1)));
    byte[] bytes = java.util.Arrays.copyOfRange(events.array(), events.offset(), events.end());
    int at = 1 + 2 + 1 + 8 + 1; // type, name with its length, log id, partition count
    bytes[at] = (byte) durability;
    return bytes;
  }
}
