package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
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
final class CommitRound {
  private static final int NOT_QUICK = 0;

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
  private final int quickBytesMax;
  private long bytes;

  private CommitRound(long bytesMax, int requestsMax, int quickBytesMax) {
    this.bytesMax = bytesMax;
    this.requestsMax = requestsMax;
    this.quickBytesMax = quickBytesMax;
  }

  /** An empty one as large as they may be. */
  static CommitRound whole(Limits limits) {
    return new CommitRound(
        limits.get(Limit.COMMIT_ROUND_BYTES_MAX),
        limits.getInt(Limit.COMMIT_ROUND_REQUESTS_MAX),
        NOT_QUICK);
  }

  /** An empty one for few and quick requests, as the thread is another one's. */
  static CommitRound quick(Limits limits) {
    int quickBytes = limits.getInt(Limit.INLINE_CHECK_BYTES_MAX);
    int requestsMax =
        Math.min(
            limits.getInt(Limit.INLINE_COMMIT_REQUESTS_MAX),
            limits.getInt(Limit.COMMIT_ROUND_REQUESTS_MAX));
    return new CommitRound(quickBytes, requestsMax, quickBytes);
  }

  /** Returns whether a request may be in it. */
  boolean takes(PartitionRequest request) {
    return quickBytesMax == NOT_QUICK || request.isQuick(quickBytesMax);
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

  /** Returns the callbacks that wait for its outcome, in the order asked. */
  List<Consumer<AppendOutcome>> settlements() {
    return settlements;
  }
}
