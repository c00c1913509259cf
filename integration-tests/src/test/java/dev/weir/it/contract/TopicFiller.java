package dev.weir.it.contract;

import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.v1.Batch;
import java.util.List;

/** Fills topics with readings that differ in their values. Stateless. */
final class TopicFiller {
  static final int ROWS_PER_BATCH = 4;

  private TopicFiller() {}

  /** Stores batches of four readings of two sensors in every partition. */
  static List<DeliveredReading> partitions(TestTopic topic, int batches) {
    RawPublishSession publisher = topic.publisher().opened();
    double value = 0;
    for (int sequence = 1; sequence <= batches; sequence++) {
      for (int p = 0; p < topic.partitions(); p++) {
        Batch.Builder batch = Batch.newBuilder();
        for (int i = 0; i < ROWS_PER_BATCH; i++) {
          batch.addRows(TestBatches.row(topic.sensor(p, i % 2), value++));
        }
        publisher.send(p, sequence, batch.build());
      }
    }
    for (int p = 0; p < topic.partitions(); p++) {
      publisher.awaitAck(p, batches);
    }
    publisher.halfClose();
    publisher.awaitEnd();
    return topic.stored();
  }

  /** Stores one reading of a sensor in every partition, as records of their own. */
  static void one(TestTopic topic, double value) {
    for (int p = 0; p < topic.partitions(); p++) {
      RawPublishSession publisher = topic.publisher().opened();
      publisher.store(p, 1, TestBatches.rows(topic.sensor(p, 0), value));
      publisher.halfClose();
      publisher.awaitEnd();
    }
  }

  static List<DeliveredReading> of(List<DeliveredReading> readings, int partition) {
    return readings.stream().filter(got -> got.partition() == partition).toList();
  }

  static List<Double> values(List<DeliveredReading> readings) {
    return readings.stream().map(DeliveredReading::value).toList();
  }
}
