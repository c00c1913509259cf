package dev.weir.service.partition;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.Slice;
import dev.weir.service.core.sequence.Producers;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.wire.SensorIds;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * The fold of a partition's log: its sensors and its producers, rebuilt at start from the newest
 * checkpoint and the records behind it. Stateless; the form of a checkpoint is in docs/formats.md.
 */
final class Fold {
  private static final byte VERSION = 1;

  private Fold() {}

  /** Rebuilds the folds. Returns how many records were replayed. Blocks on disk. */
  static long restore(PartitionLog log, SensorCatalog catalog, Producers producers)
      throws IOException {
    Optional<Checkpoint> checkpoint = log.checkpoint();
    long from = log.startOffset();
    if (checkpoint.isPresent()) {
      read(checkpoint.get().state(), catalog, producers);
      from = Math.max(from, checkpoint.get().offset());
    }
    long replayed = 0;
    boolean damaged = false;
    LogReader reader = log.read(from, false);
    try {
      for (LogItem item = reader.next(); item != null; item = reader.next()) {
        if (item instanceof LogRecord record) {
          apply(record, catalog, producers);
          producers.commit();
          replayed++;
          if (damaged && record.readings() > 0) {
            keepIds(record.batch(), catalog);
          }
        } else if (!damaged) {
          damaged = true; // definitions may be lost: from here on look at the readings too
          reader.close();
          reader = log.read(item.nextOffset(), true);
        }
      }
    } finally {
      reader.close();
    }
    return replayed;
  }

  /** Keeps ids from being given again whose readings are stored although their names are lost. */
  private static void keepIds(Slice batch, SensorCatalog catalog) {
    for (int id : SensorIds.distinct(batch)) {
      catalog.keep(id);
    }
  }

  private static void apply(LogRecord record, SensorCatalog catalog, Producers producers)
      throws IOException {
    if (record.definitions().length() > 0) {
      addSensors(record.definitions(), catalog);
    }
    if (record.type() == RecordType.PRODUCER_EPOCH) {
      producers.raise(
          record.producer(), record.producerEpoch(), record.sequence(), record.appendTimeNanos());
    } else if (record.sequence() > 0) {
      producers.accept(
          record.producer(), record.producerEpoch(), record.sequence(), record.appendTimeNanos());
    }
  }

  private static void addSensors(Slice definitions, SensorCatalog catalog) throws IOException {
    Sensors sensors =
        Sensors.parser().parseFrom(definitions.array(), definitions.offset(), definitions.length());
    for (Sensor sensor : sensors.getSensorsList()) {
      if (sensor.getName().isEmpty()) {
        catalog.keep(sensor.getId());
      } else {
        catalog.restore(SensorInfo.of(sensor.getId(), sensor));
      }
    }
  }

  /** The fold as a checkpoint keeps it: sensors with ordinals below a count, and producers. */
  static Slice write(SensorCatalog catalog, int partition, int sensorCount, Slice producers)
      throws IOException {
    Sensors.Builder sensors = Sensors.newBuilder();
    for (int ordinal = 0; ordinal < sensorCount; ordinal++) {
      int id = ordinal * catalog.partitionCount() + partition;
      SensorInfo sensor = catalog.byId(id);
      sensors.addSensors(
          sensor == null ? Sensor.newBuilder().setId(id).build() : sensor.toSensor());
    }
    byte[] sensorBytes = sensors.build().toByteArray();
    var bytes = new ByteArrayOutputStream(sensorBytes.length + producers.length() + 16);
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(sensorBytes.length);
      out.write(sensorBytes);
      out.writeInt(producers.length());
      out.write(producers.array(), producers.offset(), producers.length());
    }
    return Slice.of(bytes.toByteArray());
  }

  private static void read(Slice state, SensorCatalog catalog, Producers producers)
      throws IOException {
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(state.array(), state.offset(), state.length()))) {
      byte version = in.readByte();
      if (version != VERSION) {
        throw new IOException(
            "checkpoint has version "
                + version
                + " (expected "
                + VERSION
                + "): written by a newer"
                + " Weir; start that one");
      }
      addSensors(Slice.of(in.readNBytes(in.readInt())), catalog);
      producers.restore(in.readNBytes(in.readInt()));
    }
  }
}
