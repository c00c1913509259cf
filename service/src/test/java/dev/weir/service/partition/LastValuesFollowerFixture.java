package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.latest.ExpectedReading;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.LogRecord;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Batch;
import dev.weir.v1.Reading;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A partition whose last values are followed by hand. */
abstract class LastValuesFollowerFixture extends PartitionFixture {
  /** Nothing stays in the tail. */
  void withoutTail() {
    world = new TestTopics(limits, 1);
    reopen(false);
  }

  void append(String sensor, long... values) {
    store(SampleBatches.rows(sensor, values), world.nowNanos());
  }

  void store(Batch batch, long receivedNanos) {
    var payload = SampleBatches.named(batch, receivedNanos);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(partition.offer(append)).isTrue();
    write();
  }

  /** Runs the writer alone. */
  void write() {
    boolean more = true;
    while (more) {
      more = world.writer.runOne();
    }
  }

  void follow() {
    boolean more = true;
    while (more) {
      more = world.views.runOne();
    }
  }

  PositionedCut cut() {
    CompletableFuture<PositionedCut> asked = partition.latest().cut();
    follow();
    return asked.join();
  }

  Map<Integer, ExpectedReading> folded(long from, long end) {
    Map<Integer, ExpectedReading> values = new TreeMap<>();
    for (LogRecord record : log.records()) {
      if (record.readings() > 0 && record.offset() >= from && record.offset() < end) {
        ExpectedReading.fold(record.batch(), record.offset(), values);
      }
    }
    return values;
  }

  void check(PositionedCut at, long offset) {
    assertThat(at.position().offset()).isEqualTo(offset);
    assertThat(ExpectedReading.of(at.cut())).isEqualTo(folded(0, offset));
  }

  static Batch text(String value) {
    return Batch.newBuilder()
        .addRows(Reading.newBuilder().setSensor("text").setText(value))
        .build();
  }
}
