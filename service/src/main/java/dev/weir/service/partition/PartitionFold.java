package dev.weir.service.partition;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.SensorsCodec;
import dev.weir.service.core.CountingOutput;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.latest.CutCodec;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.wire.columns.SensorIdSet;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * The fold of a partition's log: its sensors, its producers and its last values, rebuilt at start
 * from the newest checkpoint and the records behind it; {@link LastValuesFollower} does that for
 * the last values while the partition already serves. Stateless; the form is in
 * docs/formats-folds.md.
 */
public final class PartitionFold {
  private static final int BUFFER_BYTES = 1 << 13;

  private static final byte VERSION = 3;
  private static final byte VERSION_WITH_MESSAGES = 2;
  private static final byte VERSION_WITHOUT_LATEST = 1;

  private PartitionFold() {}

  /**
   * The extent of a rebuilt partition.
   *
   * @param records how many records sensors and producers took
   * @param bytes of these records
   * @param latest where the last values go on
   * @param whole whether the checkpoint has all that the log has, so that there is nothing to fold
   */
  public record Restored(long records, long bytes, Position latest, boolean whole) {}

  /**
   * Rebuilds sensors and producers, and the last values as of the checkpoint. Blocks on disk.
   *
   * @param values empty
   */
  static Restored restore(
      PartitionLog log,
      int partition,
      SensorCatalog catalog,
      ProducerTable producers,
      LastValuesFold values)
      throws IOException {
    Optional<Checkpoint> checkpoint = log.checkpoint();
    long from = log.startOffset();
    Position latest = null;
    if (checkpoint.isPresent()) {
      latest = read(checkpoint.get(), partition, catalog, producers, values);
      from = Math.max(from, checkpoint.get().offset());
    }
    if (latest != null && latest.offset() > log.endOffset()) {
      values.close(); // of records that are not there
      latest = null;
    }
    return replay(log, from, catalog, producers, latest == null ? log.range().earliest() : latest);
  }

  /** Nothing stands behind a checkpoint at the end, nor in a log that never had a record. */
  private static boolean isWhole(PartitionLog log, long from, Position latest) {
    return from == log.endOffset() && latest.offset() == from;
  }

  private static Restored replay(
      PartitionLog log, long from, SensorCatalog catalog, ProducerTable producers, Position latest)
      throws IOException {
    long replayed = 0;
    long bytes = 0;
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
          bytes = reader.bytesPassed();
          reader.close();
          reader = log.read(item.nextOffset(), true);
        }
      }
      bytes += reader.bytesPassed();
    } finally {
      reader.close();
    }
    return new Restored(replayed, bytes, latest, isWhole(log, from, latest));
  }

  /** Keeps ids from being given again whose readings are stored although their names are lost. */
  private static void keepIds(Slice batch, SensorCatalog catalog) {
    for (int id : SensorIdSet.distinct(batch)) {
      catalog.keep(id);
    }
  }

  /** Folds a record into sensors and producers. */
  static void apply(LogRecord record, SensorCatalog catalog, ProducerTable producers)
      throws IOException {
    if (record.definitions().length() > 0) {
      addSensors(record.definitions(), catalog);
    }
    producers.record(record.epoch(), record.appendTimeNanos());
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
        catalog.restore(DefinedSensor.of(sensor.getId(), sensor));
      }
    }
  }

  /**
   * The fold as a checkpoint keeps it; what it is made of does not change while it is written.
   *
   * @param sensorCount the sensors with ordinals below it
   */
  static CheckpointState state(
      SensorCatalog catalog,
      int partition,
      int sensorCount,
      Slice producers,
      PositionedCut latest) {
    SensorsCodec.Extent extent = SensorsCodec.extent(catalog, partition, sensorCount);
    return to -> {
      var sensors = new CountingOutput();
      SensorsCodec.write(catalog, partition, extent, new DataOutputStream(sensors));
      var buffered = new BufferedOutputStream(to, BUFFER_BYTES);
      var out = new DataOutputStream(buffered);
      out.writeByte(VERSION);
      out.writeLong(sensors.bytes());
      SensorsCodec.write(catalog, partition, extent, out);
      write(producers, latest, out);
      out.flush();
    };
  }

  private static void write(Slice producers, PositionedCut latest, DataOutputStream out)
      throws IOException {
    out.writeInt(producers.length());
    out.write(producers.array(), producers.offset(), producers.length());
    out.writeLong(latest.position().epoch());
    out.writeLong(latest.position().offset());
    out.writeLong(latest.position().readingsBefore());
    CutCodec.write(latest.cut(), out);
  }

  /**
   * Reads a checkpoint. Returns where the last values go on; null for the log's start.
   *
   * @param catalog has no sensors of the partition yet
   */
  static Position read(
      Checkpoint checkpoint,
      int partition,
      SensorCatalog catalog,
      ProducerTable producers,
      LastValuesFold values)
      throws IOException {
    Slice state = checkpoint.state();
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(state.array(), state.offset(), state.length()))) {
      byte version = in.readByte();
      if (version < VERSION_WITHOUT_LATEST || version > VERSION) {
        throw new IOException(
            "the fold of the checkpoint has version "
                + version
                + ", and this Weir knows at most "
                + VERSION
                + ": use the newer Weir that wrote it");
      }
      if (version <= VERSION_WITH_MESSAGES) {
        addSensors(Slice.of(in.readNBytes(in.readInt())), catalog);
      } else {
        in.readLong(); // for those who skip what follows
        SensorsCodec.read(catalog, partition, in);
      }
      producers.restore(in.readNBytes(in.readInt()));
      if (version == VERSION_WITHOUT_LATEST) {
        return null;
      }
      var latest = new Position(in.readLong(), in.readLong(), in.readLong(), 0);
      CutCodec.read(in, values);
      return latest;
    }
  }
}
