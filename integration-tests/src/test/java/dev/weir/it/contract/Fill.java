package dev.weir.it.contract;

import dev.weir.it.contract.harness.Batches;
import dev.weir.it.contract.harness.Got;
import dev.weir.it.contract.harness.PublisherProbe;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.v1.Batch;
import java.util.List;

/** Fills topics with readings whose values tell them apart. Stateless. */
final class Fill {
  static final int ROWS_PER_BATCH = 4;

  private Fill() {}

  /** Stores batches of four readings of two sensors in every partition. */
  static List<Got> partitions(TestTopic topic, int batches) {
    PublisherProbe publisher = topic.publisher().opened();
    double value = 0;
    for (int sequence = 1; sequence <= batches; sequence++) {
      for (int p = 0; p < topic.partitions(); p++) {
        Batch.Builder batch = Batch.newBuilder();
        for (int i = 0; i < ROWS_PER_BATCH; i++) {
          batch.addRows(Batches.row(topic.sensor(p, i % 2), value++));
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
      PublisherProbe publisher = topic.publisher().opened();
      publisher.store(p, 1, Batches.rows(topic.sensor(p, 0), value));
      publisher.halfClose();
      publisher.awaitEnd();
    }
  }

  static List<Got> of(List<Got> readings, int partition) {
    return readings.stream().filter(got -> got.partition() == partition).toList();
  }

  static List<Double> values(List<Got> readings) {
    return readings.stream().map(Got::value).toList();
  }
}
