package dev.weir.service.wire.check;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.wire.columns.EventTimeArithmetic;
import dev.weir.service.wire.columns.RunBuilder;
import dev.weir.service.wire.columns.RunList;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import java.util.Locale;
import java.util.Optional;

/** Decodes a batch's columns. Owned by the call that made it. */
@OwnedBy("its caller")
final class ParsedColumnsDecoder {
  private final BatchSensors sensors;
  private final RowProblems problems;
  private final RunList runs;
  private final int introduced;

  private Columns columns;
  private int run;
  private int firstRow;
  private int kind;

  ParsedColumnsDecoder(BatchSensors sensors, RowProblems problems, RunList runs) {
    this.sensors = sensors;
    this.problems = problems;
    this.runs = runs;
    this.introduced = sensors.namedCount();
  }

  /** Takes one Columns; what is wrong with it as a whole, or empty. */
  Optional<InvalidBatch> decode(Columns next, int index) {
    columns = next;
    run = index;
    int count = next.getCount();
    Optional<InvalidBatch> bad = counts(count);
    if (bad.isPresent()) {
      return bad;
    }
    RunBuilder target = runs.ofKind(kind);
    for (int i = 0; i < count; i++) {
      int sensor = sensor(i);
      boolean timeFits = checkTime(i);
      if (sensor >= 0 && timeFits) {
        add(target, i, sensor);
      }
    }
    firstRow += count;
    return Optional.empty();
  }

  private Optional<InvalidBatch> counts(int count) {
    if (count == 0) {
      return wrong("count", "must be at least 1");
    }
    boolean ids = columns.getSensorIdsCount() > 0;
    if (ids == columns.getSensorRefsCount() > 0) {
      return wrong("sensor_ids", "must be filled, or else sensor_refs, and not both");
    }
    int entries = ids ? columns.getSensorIdsCount() : columns.getSensorRefsCount();
    if (entries != 1 && entries != count) {
      return disagree(ids ? "sensor_ids" : "sensor_refs", entries, count, "1 or ");
    }
    int offsets = columns.getTimeOffsetsCount();
    if (offsets != 0 && offsets != count) {
      return disagree("time_offsets", offsets, count, "0 or ");
    }
    kind = 0;
    int lists = 0;
    for (int candidate = Kind.KIND_DOUBLE_VALUE; candidate <= Kind.KIND_BLOB_VALUE; candidate++) {
      if (values(candidate) > 0) {
        kind = candidate;
        lists++;
      }
    }
    if (lists != 1) {
      return wrong("", "exactly one of doubles, integers, booleans, texts, blobs must be filled");
    }
    return values(kind) == count
        ? Optional.empty()
        : disagree(
            BatchFaults.kindName(kind).toLowerCase(Locale.ROOT) + "s", values(kind), count, "");
  }

  private int values(int ofKind) {
    return switch (ofKind) {
      case Kind.KIND_DOUBLE_VALUE -> columns.getDoublesCount();
      case Kind.KIND_INTEGER_VALUE -> columns.getIntegersCount();
      case Kind.KIND_BOOLEAN_VALUE -> columns.getBooleansCount();
      case Kind.KIND_TEXT_VALUE -> columns.getTextsCount();
      default -> columns.getBlobsCount();
    };
  }

  /** The sensor's number, or -1 after noting the problem. */
  private int sensor(int index) {
    boolean ids = columns.getSensorIdsCount() > 0;
    int entries = ids ? columns.getSensorIdsCount() : columns.getSensorRefsCount();
    int entry = entries == 1 ? 0 : index;
    return ids ? byId(index, entry) : byReference(index, entry);
  }

  private int byId(int index, int entry) {
    int id = columns.getSensorIds(entry);
    int sensor = sensors.withId(id);
    int sensorKind = sensor < 0 ? 0 : sensors.kind(sensor);
    if (sensorKind == kind) {
      return sensor;
    }
    BatchFaults.wrongId(problems, firstRow + index, run, entry, id, sensorKind, kind);
    return -1;
  }

  private int byReference(int index, int entry) {
    int sensor = columns.getSensorRefs(entry);
    String field = field("sensor_refs") + "[" + entry + "]";
    if (sensor < 0 || sensor >= introduced) {
      String text =
          Integer.toUnsignedString(sensor) + " is none of the " + introduced + " batch.sensors";
      problems.add(ErrorCode.INVALID_ARGUMENT, firstRow + index, field, text);
      return -1;
    }
    if (sensors.kind(sensor) != kind) {
      String text = BatchFaults.mismatch(sensors.name(sensor), sensors.kind(sensor), kind);
      problems.add(ErrorCode.KIND_MISMATCH, firstRow + index, field, text);
      return -1;
    }
    return sensor;
  }

  private boolean checkTime(int index) {
    boolean hasOffsets = columns.getTimeOffsetsCount() > 0;
    long offset = hasOffsets ? columns.getTimeOffsets(index) : 0;
    boolean fits =
        EventTimeArithmetic.fits(
            columns.getTimeBase(), index, columns.getTimeStep(), offset, timeUnit());
    if (!fits) {
      BatchFaults.timeOutOfRange(problems, firstRow + index, run, index, hasOffsets);
    }
    return fits;
  }

  private long timeUnit() {
    return columns.getTimeUnit() == 0 ? 1 : columns.getTimeUnit();
  }

  private void add(RunBuilder target, int index, int sensor) {
    long offset = columns.getTimeOffsetsCount() > 0 ? columns.getTimeOffsets(index) : 0;
    long time = columns.getTimeBase() + index * columns.getTimeStep() + offset * timeUnit();
    switch (kind) {
      case Kind.KIND_DOUBLE_VALUE -> target.addDouble(sensor, time, columns.getDoubles(index));
      case Kind.KIND_INTEGER_VALUE -> target.addInteger(sensor, time, columns.getIntegers(index));
      case Kind.KIND_BOOLEAN_VALUE -> target.addBoolean(sensor, time, columns.getBooleans(index));
      case Kind.KIND_TEXT_VALUE -> target.addText(sensor, time, columns.getTexts(index));
      default -> target.addBlob(sensor, time, columns.getBlobs(index));
    }
  }

  private Optional<InvalidBatch> disagree(String name, int entries, int count, String otherwise) {
    String expected = otherwise + Integer.toUnsignedString(count);
    return wrong(name, "has " + entries + " entries (expected " + expected + ", as count says)");
  }

  private Optional<InvalidBatch> wrong(String name, String description) {
    return BatchRecoder.invalid(field(name), description);
  }

  private String field(String name) {
    return "batch.columns[" + run + "]" + (name.isEmpty() ? "" : "." + name);
  }
}
