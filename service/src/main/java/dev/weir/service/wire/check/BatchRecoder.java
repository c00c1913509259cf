package dev.weir.service.wire.check;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.columns.RunList;
import dev.weir.service.wire.columns.TraceparentField;
import dev.weir.v1.Batch;
import java.util.Map;
import java.util.Optional;

/**
 * Turns any legal batch (rows, references, ids, unusual encodings) into its readings by sensor, and
 * says of any other what is wrong. Not for the event loop: it materialises. One instance per batch,
 * owned by the call that made it.
 */
@OwnedBy("its caller")
public final class BatchRecoder {
  private static final String PATH = "batch";

  /** The limits that are counted before anything is made of a batch. */
  private enum CountLimit {
    READINGS("batch_readings_max"),
    SENSORS("batch_sensors_max");

    private final String limit;

    CountLimit(String limit) {
      this.limit = limit;
    }

    int of(BatchLimits limits) {
      return this == READINGS ? limits.batchReadingsMax() : limits.batchSensorsMax();
    }
  }

  private static final EntryLimits<CountLimit> ENTRIES =
      new EntryLimits<>(
          Batch.getDescriptor(),
          Map.of(
              Batch.getDescriptor().findFieldByNumber(Batch.ROWS_FIELD_NUMBER),
              CountLimit.READINGS,
              Batch.getDescriptor().findFieldByNumber(Batch.COLUMNS_FIELD_NUMBER),
              CountLimit.READINGS,
              Batch.getDescriptor().findFieldByNumber(Batch.SENSORS_FIELD_NUMBER),
              CountLimit.SENSORS));

  private final BatchLimits limits;
  private final BatchSensors sensors;
  private final RowProblems problems = new RowProblems();
  private final RunList runs = new RunList();

  private BatchRecoder(SensorKinds kinds, BatchLimits limits) {
    this.limits = limits;
    this.sensors = new BatchSensors(kinds);
  }

  /**
   * Re-encodes a batch from its bytes. Never throws, whatever they are.
   *
   * @param kinds the ids that its columns may use; asked on this thread
   * @param receivedNanos the time of rows that state none, Unix nanoseconds
   */
  public static RecodeResult decode(
      Slice batch, SensorKinds kinds, long receivedNanos, BatchLimits limits) {
    var check = new MessageBytesCheck(PATH);
    Optional<Fault> fault = check.check(Batch.getDescriptor(), batch);
    if (fault.isPresent()) {
      return new InvalidBatch(
          fault.get(), InvalidTextRows.of(check.badTexts(), fault.get(), batch));
    }
    Optional<Fault> tooMany =
        ENTRIES.count(batch, most -> most.of(limits), most -> most.limit, PATH).refusal();
    if (tooMany.isPresent()) {
      return InvalidBatch.whole(tooMany.get());
    }
    try {
      Batch parsed = Batch.parser().parseFrom(batch.array(), batch.offset(), batch.length());
      return new BatchRecoder(kinds, limits).decode(parsed, receivedNanos);
    } catch (InvalidProtocolBufferException e) {
      return InvalidBatch.whole(MessageBytesCheck.malformed(Batch.getDescriptor(), batch));
    }
  }

  /** Re-encodes a batch that the generated parser has read; otherwise as for bytes. */
  public static RecodeResult decode(
      Batch batch, SensorKinds kinds, long receivedNanos, BatchLimits limits) {
    Optional<String> unknown = UnknownFieldCheck.find(batch);
    if (unknown.isPresent()) {
      String text = unknown.get() + " is not known to this server";
      return InvalidBatch.whole(Fault.unimplemented(PATH, text));
    }
    return new BatchRecoder(kinds, limits).decode(batch, receivedNanos);
  }

  private RecodeResult decode(Batch batch, long receivedNanos) {
    Optional<InvalidBatch> bad = shape(batch);
    if (bad.isEmpty()) {
      bad = sensors.introduce(batch.getSensorsList(), limits);
    }
    if (bad.isPresent()) {
      return bad.get();
    }
    if (batch.getColumnsCount() > 0) {
      var columns = new ParsedColumnsDecoder(sensors, problems, runs);
      for (int i = 0; i < batch.getColumnsCount() && bad.isEmpty(); i++) {
        bad = columns.decode(batch.getColumns(i), i);
      }
    } else {
      var rows = new ParsedRowsDecoder(sensors, problems, runs, receivedNanos);
      for (int i = 0; i < batch.getRowsCount(); i++) {
        rows.decode(batch.getRows(i), i);
      }
    }
    return bad.isPresent() ? bad.get() : verdict(batch);
  }

  private RecodeResult verdict(Batch batch) {
    long readings = batch.getRowsCount();
    for (var columns : batch.getColumnsList()) {
      readings += columns.getCount();
    }
    Optional<InvalidBatch> bad = BatchFaults.verdict(problems, readings, limits);
    if (bad.isPresent()) {
      return bad.get();
    }
    int named = sensors.namedCount();
    return named > limits.batchSensorsMax()
        ? BatchFaults.tooLarge(PATH, "sensors", named, limits.batchSensorsMax())
        : new NamedBatch(sensors.list(), runs.runs(), batch.getTraceparent());
  }

  private static Optional<InvalidBatch> shape(Batch batch) {
    if (batch.getColumnsCount() > 0 && batch.getRowsCount() > 0) {
      return invalid(PATH, "has both columns and rows; send one of them");
    }
    if (batch.getColumnsCount() == 0 && batch.getRowsCount() == 0) {
      return invalid(PATH, "has no readings; fill columns or rows");
    }
    String traceparent = batch.getTraceparent();
    return traceparent.isEmpty() || TraceparentField.valid(traceparent)
        ? Optional.empty()
        : invalid(PATH + ".traceparent", TraceparentField.RULE);
  }

  static Optional<InvalidBatch> invalid(String field, String description) {
    return Optional.of(InvalidBatch.whole(Fault.invalid(field, description)));
  }
}
