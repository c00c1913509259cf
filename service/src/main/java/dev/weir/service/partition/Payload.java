package dev.weir.service.partition;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.service.wire.columns.ColumnsReader;
import java.util.List;

/** The readings that a publisher wants stored, after the checks that need only their bytes. */
public sealed interface Payload {
  /** Returns how many readings it has. */
  int readings();

  /** The first rows, at most {@link InvalidBatch#ROWS_MAX}, whose event time is after a time. */
  default List<Integer> rowsAfter(long nanos) {
    return List.of();
  }

  /** Returns the bytes that it takes besides the message it came in, about. */
  default int memoryBytes() {
    return 0;
  }

  /** Returns whether it is bad whatever the server knows, so that it was never stored. */
  default boolean isBad() {
    return false;
  }

  /**
   * A batch in canonical form.
   *
   * @param batch its bytes, stored and sent as they are
   * @param readings how many
   * @param eventMinNanos least event time
   * @param eventMaxNanos greatest event time
   * @param traceparent W3C trace context; empty for none
   */
  record Encoded(
      Slice batch, int readings, long eventMinNanos, long eventMaxNanos, String traceparent)
      implements Payload {
    @Override
    public List<Integer> rowsAfter(long nanos) {
      return new ColumnsReader(batch).rowsAfter(nanos, InvalidBatch.ROWS_MAX);
    }
  }

  /**
   * A batch that names its sensors; the writer binds the names and encodes it.
   *
   * @param batch the batch
   */
  record Named(NamedBatch batch) implements Payload {
    @Override
    public int readings() {
      return batch.readings();
    }

    @Override
    public List<Integer> rowsAfter(long nanos) {
      return batch.rowsAfter(nanos, InvalidBatch.ROWS_MAX);
    }

    @Override
    public int memoryBytes() {
      return batch.memoryBytes();
    }
  }

  /**
   * A batch that cannot be stored. It still takes its turn, so that the answer can say which
   * sequence is expected.
   *
   * @param bad why
   */
  record Refused(InvalidBatch bad) implements Payload {
    @Override
    public boolean isBad() {
      return !bad.dependsOnState() && bad.fault().retryDelay().isEmpty();
    }

    @Override
    public int readings() {
      return 0;
    }
  }
}
