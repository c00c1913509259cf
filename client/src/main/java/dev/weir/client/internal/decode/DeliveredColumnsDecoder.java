package dev.weir.client.internal.decode;

import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.v1.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Hands the readings of batches to a handler, run by run, with no object per number. Owned by the
 * subscriber, because it keeps its readers.
 */
@OwnedBy("subscriber thread")
final class DeliveredColumnsDecoder {
  private final SensorMap sensors;
  private final DeliveryReader batch = new DeliveryReader();
  private final DeliveryReader run = new DeliveryReader();
  private final DeliveryReader ids = new DeliveryReader();
  private final DeliveryReader offsets = new DeliveryReader();
  private final DeliveryReader values = new DeliveryReader();

  private byte[] array = {};
  private int count;
  private boolean oneId;
  private long timeBase;
  private long timeStep;
  private long timeUnit;
  private boolean hasOffsets;
  private int kind;

  DeliveredColumnsDecoder(SensorMap sensors) {
    this.sensors = sensors;
  }

  /** Hands over a stored batch; returns how many readings it held. */
  int deliver(byte[] message, int from, int to, ReadingHandler handler) {
    array = message;
    batch.range(message, from, to);
    int readings = 0;
    while (batch.left() > 0) {
      long tag = batch.varint();
      if (tag == FieldTags.BATCH_COLUMNS) {
        int runFrom = batch.skipBytes();
        readRun(runFrom, batch.at());
        deliverRun(handler);
        readings += count;
      } else {
        batch.skip((int) tag & 7);
      }
    }
    return readings;
  }

  private void readRun(int from, int to) {
    count = 0;
    timeBase = 0;
    timeStep = 0;
    timeUnit = 1;
    kind = 0;
    hasOffsets = false;
    ids.range(array, 0, 0);
    run.range(array, from, to);
    while (run.left() > 0) {
      int fieldFrom = run.at();
      int tag = (int) run.varint();
      switch (tag) {
        case FieldTags.COUNT -> count = (int) run.varint();
        case FieldTags.SENSOR_IDS -> ids.range(array, run.skipBytes(), run.at());
        case FieldTags.TIME_BASE -> timeBase = run.fixed64();
        case FieldTags.TIME_STEP -> timeStep = run.zigzag();
        case FieldTags.TIME_UNIT -> timeUnit = Math.max(1, run.varint());
        case FieldTags.TIME_OFFSETS -> {
          offsets.range(array, run.skipBytes(), run.at());
          hasOffsets = true;
        }
        default -> readValues(fieldFrom, tag, to);
      }
    }
    if (count < 1 || kind == 0 || ids.left() == 0) {
      throw DeliveryReader.malformed();
    }
    int idsFrom = ids.at();
    int idsTo = idsFrom + ids.left();
    ids.varint();
    oneId = ids.left() == 0;
    ids.range(array, idsFrom, idsTo);
  }

  private void readValues(int fieldFrom, int tag, int to) {
    int found = FieldTags.kindOfField(tag >>> 3);
    if (found == 0) {
      run.skip(tag & 7);
    } else if (found < Kind.KIND_TEXT_VALUE) {
      kind = found;
      values.range(array, run.skipBytes(), run.at());
    } else {
      if (kind == 0) {
        // Entries of a repeated field: from the first one to the end of the run.
        kind = found;
        values.range(array, fieldFrom, to);
      }
      run.skip(tag & 7);
    }
  }

  private void deliverRun(ReadingHandler handler) {
    long stepped = timeBase;
    SensorInfo sensor = oneId ? sensor((int) ids.varint()) : null;
    for (int i = 0; i < count; i++) {
      SensorInfo of = oneId ? sensor : sensor((int) ids.varint());
      long time = hasOffsets ? stepped + offsets.zigzag() * timeUnit : stepped;
      stepped += timeStep;
      switch (kind) {
        case Kind.KIND_DOUBLE_VALUE ->
            handler.onDouble(of, time, Double.longBitsToDouble(values.fixed64()));
        case Kind.KIND_INTEGER_VALUE -> handler.onInteger(of, time, values.zigzag());
        case Kind.KIND_BOOLEAN_VALUE -> handler.onBoolean(of, time, values.varint() != 0);
        default -> deliverBytes(handler, of, time);
      }
    }
  }

  private void deliverBytes(ReadingHandler handler, SensorInfo sensor, long time) {
    if (values.varint() != FieldTags.values(kind)) {
      throw DeliveryReader.malformed();
    }
    int from = values.skipBytes();
    if (kind == Kind.KIND_TEXT_VALUE) {
      String text = new String(array, from, values.at() - from, StandardCharsets.UTF_8);
      handler.onText(sensor, time, text);
    } else {
      handler.onBlob(sensor, time, Arrays.copyOfRange(array, from, values.at()));
    }
  }

  private SensorInfo sensor(int id) {
    SensorInfo sensor = sensors.get(id);
    if (sensor == null) {
      throw ErrorTranslator.internal(
          "the server delivered a reading of sensor id "
              + Integer.toUnsignedString(id)
              + " without announcing the sensor");
    }
    return sensor;
  }
}
