package dev.weir.service.partition;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One commit round: the records to append together and the replies that wait for them. Owned by the
 * partition's writer.
 */
@OwnedBy("partition writer")
final class Round {
  /**
   * A batch of a trace.
   *
   * @param traceparent W3C trace context
   * @param readings of the batch
   */
  record Trace(String traceparent, int readings) {}

  private final List<LogRecord> records = new ArrayList<>();
  private final List<Consumer<AppendOutcome>> settlements = new ArrayList<>();
  private final List<Trace> traces = new ArrayList<>();
  private final long bytesMax;
  private final int requestsMax;
  private long bytes;

  Round(long bytesMax, int requestsMax) {
    this.bytesMax = bytesMax;
    this.requestsMax = requestsMax;
  }

  /** A batch of a trace: to be told when it is stored. */
  void trace(String traceparent, int batchReadings) {
    if (!traceparent.isEmpty()) {
      traces.add(new Trace(traceparent, batchReadings));
    }
  }

  List<Trace> traces() {
    return traces;
  }

  boolean full() {
    return bytes >= bytesMax || settlements.size() >= requestsMax;
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  List<LogRecord> records() {
    return records;
  }

  long bytes() {
    return bytes;
  }

  void add(LogRecord record) {
    records.add(record);
    bytes += record.definitions().length() + record.batch().length();
  }

  /** Does something once the outcome of this round is known, in the order asked. */
  void whenSettled(Consumer<AppendOutcome> settlement) {
    settlements.add(settlement);
  }

  /** What waits for its outcome, in the order asked. */
  List<Consumer<AppendOutcome>> settlements() {
    return settlements;
  }
}
