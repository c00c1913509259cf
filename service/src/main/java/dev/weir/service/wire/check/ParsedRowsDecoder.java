package dev.weir.service.wire.check;

import com.google.protobuf.Timestamp;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.NanoTimeRange;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.wire.columns.RunBuilder;
import dev.weir.service.wire.columns.RunList;
import dev.weir.service.wire.names.SensorNameRule;
import dev.weir.v1.Reading;
import java.util.Locale;
import java.util.Optional;

/** Decodes a batch's rows. Owned by the call that made it. */
@OwnedBy("its caller")
final class ParsedRowsDecoder {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final BatchSensors sensors;
  private final RowProblems problems;
  private final RunList runs;
  private final long receivedNanos;

  ParsedRowsDecoder(BatchSensors sensors, RowProblems problems, RunList runs, long receivedNanos) {
    this.sensors = sensors;
    this.problems = problems;
    this.runs = runs;
    this.receivedNanos = receivedNanos;
  }

  void decode(Reading reading, int row) {
    if (!checkFields(reading, row)) {
      return;
    }
    int kind = reading.getValueCase().getNumber() - Reading.DOUBLE_FIELD_NUMBER + 1;
    int sensor = sensors.named(reading.getSensor(), kind);
    if (sensors.kind(sensor) != kind) {
      String text = BatchFaults.mismatch("the sensor", sensors.kind(sensor), kind);
      problems.add(ErrorCode.KIND_MISMATCH, row, field(row, reading.getValueCase().name()), text);
      return;
    }
    add(runs.ofKind(kind), sensor, reading);
  }

  private void add(RunBuilder run, int sensor, Reading reading) {
    long time = reading.hasTime() ? nanos(reading.getTime()) : receivedNanos;
    switch (reading.getValueCase()) {
      case DOUBLE -> run.addDouble(sensor, time, reading.getDouble());
      case INTEGER -> run.addInteger(sensor, time, reading.getInteger());
      case BOOLEAN -> run.addBoolean(sensor, time, reading.getBoolean());
      case TEXT -> run.addText(sensor, time, reading.getText());
      case BLOB -> run.addBlob(sensor, time, reading.getBlob());
      case VALUE_NOT_SET -> throw new IllegalStateException("the value was checked to be set");
    }
  }

  private boolean checkFields(Reading reading, int row) {
    Optional<String> nameProblem = SensorNameRule.check(reading.getSensor());
    if (nameProblem.isPresent()) {
      return invalid(row, "sensor", nameProblem.get());
    }
    if (reading.getValueCase() == Reading.ValueCase.VALUE_NOT_SET) {
      return invalid(row, "value", "one of double, integer, boolean, text, blob must be set");
    }
    if (!reading.getCursor().isEmpty()) {
      return invalid(row, "cursor", "must be empty in a publish");
    }
    return !reading.hasTime() || checkTime(reading.getTime(), row);
  }

  private boolean checkTime(Timestamp time, int row) {
    long seconds = time.getSeconds();
    int nanos = time.getNanos();
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
      return invalid(row, "time.nanos", "is " + nanos + " (expected 0 to 999,999,999)");
    }
    boolean fits = NanoTimeRange.contains(seconds, nanos);
    if (!fits) {
      String text = "must be from " + NanoTimeRange.SECONDS;
      problems.add(ErrorCode.TIME_OUT_OF_RANGE, row, field(row, "time"), text);
    }
    return fits;
  }

  private static long nanos(Timestamp time) {
    return time.getSeconds() * NANOS_PER_SECOND + time.getNanos();
  }

  private boolean invalid(int row, String name, String text) {
    problems.add(ErrorCode.INVALID_ARGUMENT, row, field(row, name), text);
    return false;
  }

  private static String field(int row, String name) {
    return "batch.rows[" + row + "]." + name.toLowerCase(Locale.ROOT);
  }
}
