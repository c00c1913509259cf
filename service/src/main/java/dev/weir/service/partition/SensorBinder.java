package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.SensorMetadata;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives sensors their ids: those of the committed catalogue, and new ones that become real with the
 * commit of their round. Owned by the partition's writer.
 */
@OwnedBy("partition writer")
final class SensorBinder {
  /** Tag and length of a definition, and its id. */
  private static final int PREFIX_BYTES_MAX = 16;

  private final SensorCatalog catalog;
  private final int partition;
  private final Map<String, DefinedSensor> provisional = new HashMap<>();
  private final List<DefinedSensor> ordered = new ArrayList<>();

  /** Units and labels that room was taken for. */
  private final Set<SensorMetadata> metas = new HashSet<>();

  private int reservedSensors;
  private long reservedBytes;

  SensorBinder(SensorCatalog catalog, int partition) {
    this.catalog = catalog;
    this.partition = partition;
  }

  /** The sensor of a definition, committed or of this round; null for none. */
  DefinedSensor find(Sensor definition) {
    if (definition.getName().isEmpty()) {
      return catalog.byId(definition.getId()); // bound in the session, so committed
    }
    DefinedSensor known = catalog.byName(definition.getName());
    return known != null ? known : provisional.get(definition.getName());
  }

  /** Returns why a definition cannot be bound, if so. */
  Optional<Fault> conflict(Sensor definition) {
    DefinedSensor known = find(definition);
    if (known == null || known.kind() == definition.getKindValue()) {
      return Optional.empty();
    }
    return Optional.of(
        Fault.of(
                ErrorCode.KIND_MISMATCH,
                String.format(
                    "Sensor %s is %s, not %s. Use its kind, or another name.",
                    known.name(), Kind.forNumber(known.kind()), definition.getKind()))
            .with("sensor", known.name())
            .with("kind", Kind.forNumber(known.kind())));
  }

  /** Takes room for the new ones among some sensors. Returns why there is none, if so. */
  Optional<Fault> reserve(List<Sensor> sensors) {
    int unknown = 0;
    long bytes = 0;
    for (Sensor sensor : sensors) {
      if (find(sensor) == null) {
        unknown++;
        bytes += catalog.bytesOf(partition, sensor, metas);
      }
    }
    if (unknown == 0) {
      return Optional.empty();
    }
    Optional<Fault> full = catalog.reserve(unknown, bytes);
    if (full.isEmpty()) {
      reservedSensors += unknown;
      reservedBytes += bytes;
    } else {
      metas.clear(); // it may have counted some that no room was taken for
    }
    return full;
  }

  /** The id of a definition without conflict; a new one is added to {@code introduced}. */
  DefinedSensor bind(Sensor definition, List<DefinedSensor> introduced) {
    DefinedSensor known = find(definition);
    if (known != null) {
      return known;
    }
    int ordinal = catalog.count(partition) + ordered.size();
    DefinedSensor made =
        DefinedSensor.of(ordinal * catalog.partitionCount() + partition, definition);
    provisional.put(made.name(), made);
    ordered.add(made);
    introduced.add(made);
    return made;
  }

  /**
   * Returns the most bytes that {@link #encode} makes of the new ones among some sensors; 0 for
   * none.
   */
  long encodedBytesMax(List<Sensor> sensors) {
    long bytes = 0;
    for (Sensor sensor : sensors) {
      if (find(sensor) == null) {
        bytes += PREFIX_BYTES_MAX + sensor.getSerializedSize();
      }
    }
    return bytes;
  }

  /** The definitions as a record keeps them. */
  static Slice encode(List<DefinedSensor> introduced) {
    if (introduced.isEmpty()) {
      return Slice.EMPTY;
    }
    Sensors.Builder sensors = Sensors.newBuilder();
    introduced.forEach(sensor -> sensors.addSensors(sensor.toSensor()));
    return Slice.of(sensors.build().toByteArray());
  }

  void commit() {
    if (reservedSensors == 0) {
      return; // as mostly
    }
    long bytes = 0;
    for (DefinedSensor sensor : ordered) {
      bytes += catalog.add(sensor);
    }
    catalog.release(reservedSensors - ordered.size(), reservedBytes - bytes);
    clear();
  }

  void rollback() {
    if (reservedSensors == 0) {
      return;
    }
    catalog.release(reservedSensors, reservedBytes);
    clear();
  }

  private void clear() {
    provisional.clear();
    ordered.clear();
    metas.clear();
    reservedSensors = 0;
    reservedBytes = 0;
  }
}
