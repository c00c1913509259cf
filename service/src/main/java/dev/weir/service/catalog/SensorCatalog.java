package dev.weir.service.catalog;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Sensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The committed sensors of one topic, as bytes: a name takes its UTF-8 and some twenty bytes more,
 * a unit with labels is held once for all sensors of a partition that have them, and a {@link
 * DefinedSensor} is made when somebody asks. Thread-safe for reading; each partition's sensors are
 * added by its writer, after the commit of their definitions, in the order of their ids. Everything
 * is charged to a budget until {@link #close}.
 */
public final class SensorCatalog {
  /** The bytes charged for a topic, and for each of its partitions, besides their sensors. */
  public static final long TOPIC_BYTES = 2_000;

  public static final long PARTITION_BYTES = 6_000;

  /** The bytes charged for a sensor besides its name, unit and labels: its last number included. */
  public static final long SENSOR_BYTES = ByteStringTable.ENTRY_BYTES + 32;

  /** The kind of a sensor, and behind it the number of its unit and labels plus one. */
  private static final int KIND_BITS = 4;

  /** Larger ones are decoded each time. */
  private static final int KEPT_BYTES_MAX = 512;

  private static final int KIND_MASK = (1 << KIND_BITS) - 1;

  /** A test of a name, in UTF-8, in the array where it is kept. */
  @FunctionalInterface
  interface NameTest {
    boolean test(byte[] name, int offset, int length);
  }

  /** The account of the bytes charged for the sensors of a topic. */
  private static final class Account {
    final Budget budget;
    final AtomicLong held = new AtomicLong();
    boolean closed; // guarded by this

    Account(Budget budget) {
      this.budget = budget;
    }

    synchronized void add(long bytes) {
      if (!closed) {
        held.addAndGet(bytes);
        budget.take(bytes);
      }
    }

    synchronized boolean tryAdd(long bytes) {
      if (!closed && !budget.tryTake(bytes)) {
        return false;
      }
      held.addAndGet(closed ? 0 : bytes);
      return true;
    }

    Fault full(long bytes, String what) {
      return Fault.of(
          ErrorCode.LIMIT_REACHED,
          String.format(
              "%s (%d) has no room for the %d bytes of %s, delete topics, or ask the operator to"
                  + " raise the limit.",
              budget.name(), budget.max(), bytes, what));
    }

    synchronized void close() {
      closed = true;
      budget.giveBack(held.getAndSet(0));
    }
  }

  private final AtomicInteger reserved = new AtomicInteger();
  private final int sensorsMax;
  private final long seed;
  private final Account account;
  private final AtomicReferenceArray<PartitionSensors> shelves;

  /** True once a sensor is of another partition than its name says, as only in tests. */
  private volatile boolean strays;

  /** Without a bound in bytes. */
  public SensorCatalog(int partitionCount, int sensorsMax) {
    this(partitionCount, sensorsMax, 0, new Budget("catalog_budget_bytes", Long.MAX_VALUE));
  }

  /**
   * The catalogue of a topic, which has no sensors yet.
   *
   * @param partitionCount of the topic
   * @param sensorsMax most sensors of the topic
   * @param seed of hashes; unknown to peers
   * @param budget is charged
   */
  public SensorCatalog(int partitionCount, int sensorsMax, long seed, Budget budget) {
    this.sensorsMax = sensorsMax;
    this.seed = seed;
    this.account = new Account(budget);
    shelves = new AtomicReferenceArray<>(partitionCount);
    account.add(bytesOfTopic(partitionCount));
  }

  /** Returns the bytes charged for a topic without sensors. */
  public static long bytesOfTopic(int partitionCount) {
    return TOPIC_BYTES + partitionCount * PARTITION_BYTES;
  }

  /** The sensor of a name, or null. */
  public DefinedSensor byName(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    int home = home(name);
    DefinedSensor found = byName(home, name, utf8);
    for (int p = 0; found == null && strays && p < shelves.length(); p++) {
      found = byName(p, name, utf8);
    }
    return found;
  }

  private int home(String name) {
    return shelves.length() == 1 ? 0 : Partitioner.partition(name, shelves.length());
  }

  private DefinedSensor byName(int partition, String name, byte[] utf8) {
    PartitionSensors shelf = shelves.get(partition);
    int ordinal = shelf == null ? -1 : shelf.names.find(utf8);
    return ordinal < 0 ? null : shelf.info(ordinal * shelves.length() + partition, ordinal, name);
  }

  /** The sensor of an id, or null. */
  public DefinedSensor byId(int id) {
    PartitionSensors shelf = shelfWith(id);
    int ordinal = id / shelves.length();
    return shelf == null ? null : shelf.info(id, ordinal, shelf.names.text(ordinal));
  }

  /** The name of a sensor in UTF-8; null where there is no sensor of this id. */
  public byte[] name(int id) {
    PartitionSensors shelf = shelfWith(id);
    return shelf == null ? null : shelf.names.copy(id / shelves.length());
  }

  /** The number of a sensor's {@link dev.weir.v1.Kind}; 0 where there is no sensor of this id. */
  public int kind(int id) {
    PartitionSensors shelf = shelfWith(id);
    return shelf == null ? 0 : shelf.names.tag(id / shelves.length()) & KIND_MASK;
  }

  /** Returns whether there is a sensor of an id. */
  public boolean has(int id) {
    return shelfWith(id) != null;
  }

  /** Returns the partition's sensors with the sensor of an id; null where there is none. */
  private PartitionSensors shelfWith(int id) {
    if (id < 0) {
      return null;
    }
    PartitionSensors shelf = shelves.get(id % shelves.length());
    return shelf != null && shelf.names.has(id / shelves.length()) ? shelf : null;
  }

  /** Returns whether there is a sensor of an id whose name passes a test. */
  boolean testName(int id, NameTest test) {
    PartitionSensors shelf = shelfWith(id);
    return shelf != null && shelf.names.test(id / shelves.length(), test);
  }

  /**
   * Returns whether a block of {@link SensorNameRanges#BLOCK} sensors of a partition, all of whom
   * are there, may have a name with one of some prefixes.
   */
  boolean mayHave(int partition, int block, byte[][] prefixes) {
    PartitionSensors shelf = shelves.get(partition);
    return shelf != null && shelf.ranges.mayHave(block, prefixes);
  }

  /** Returns whether there is a sensor of an id that has labels, and perhaps others. */
  boolean hasLabels(int id, Map<String, String> labels) {
    PartitionSensors shelf = shelfWith(id);
    return shelf != null
        && shelf
            .meta(shelf.names.tag(id / shelves.length()))
            .labels()
            .entrySet()
            .containsAll(labels.entrySet());
  }

  /** Returns whether an id was given to a sensor, whose definition may be lost. */
  public boolean knows(int id) {
    return id >= 0 && id / shelves.length() < count(id % shelves.length());
  }

  /** Number of sensors of a partition; their ordinals are below it. */
  public int count(int partition) {
    PartitionSensors shelf = shelves.get(partition);
    return shelf == null ? 0 : shelf.names.count();
  }

  /** Partitions of the topic. */
  public int partitionCount() {
    return shelves.length();
  }

  /** Up to {@code most} sensors with ids from {@code fromId} on, by id. */
  public List<DefinedSensor> page(int fromId, int most) {
    int end = 0;
    for (int p = 0; p < shelves.length(); p++) {
      int count = count(p);
      if (count > 0) {
        end = Math.max(end, (count - 1) * shelves.length() + p + 1);
      }
    }
    List<DefinedSensor> page = new ArrayList<>();
    for (int id = fromId; id < end && page.size() < most; id++) {
      DefinedSensor sensor = byId(id);
      if (sensor != null) {
        page.add(sensor);
      }
    }
    return page;
  }

  // ---- room

  /**
   * Reserves room for sensors about to be defined.
   *
   * @param bytes what {@link #bytesOf} said
   * @return why there is none, if so
   */
  public Optional<Fault> reserve(int sensors, long bytes) {
    if (reserved.addAndGet(sensors) > sensorsMax) {
      reserved.addAndGet(-sensors);
      return Optional.of(
          Fault.of(
              ErrorCode.LIMIT_REACHED,
              "The topic would have more sensors than sensors_per_topic_max ("
                  + sensorsMax
                  + ") allows. Use fewer names, or ask the operator to raise the limit."));
    }
    if (!account.tryAdd(bytes)) {
      reserved.addAndGet(-sensors);
      return Optional.of(
          account.full(bytes, "new sensors. Use fewer or shorter names, share labels"));
    }
    return Optional.empty();
  }

  /** Gives back what {@link #reserve} took and was not defined, or not needed. */
  public void release(int sensors, long bytes) {
    reserved.addAndGet(-sensors);
    account.add(-bytes);
  }

  /** Charges the topic for something else that it holds, or less than before. */
  public void hold(long bytes) {
    account.add(bytes);
  }

  /**
   * The same where there is room.
   *
   * @param what it is, and what its owner can do without it
   * @return why there is none, if so
   */
  public Optional<Fault> tryHold(long bytes, String what) {
    return account.tryAdd(bytes) ? Optional.empty() : Optional.of(account.full(bytes, what));
  }

  /**
   * Returns the bytes charged for a new sensor of a partition.
   *
   * @param counted units and labels that are new and counted already; this one's are added
   */
  public long bytesOf(int partition, Sensor definition, Set<SensorMetadata> counted) {
    long bytes = SENSOR_BYTES + definition.getNameBytes().size();
    if (definition.getUnit().isEmpty() && definition.getLabelsCount() == 0) {
      return bytes;
    }
    SensorMetadata meta = new SensorMetadata(definition.getUnit(), definition.getLabelsMap());
    return counted.add(meta) ? bytes + bytesOf(shelves.get(partition), meta.toBytes()) : bytes;
  }

  private static long bytesOf(PartitionSensors shelf, byte[] meta) {
    return shelf != null && shelf.metas.find(meta) >= 0
        ? 0
        : ByteStringTable.ENTRY_BYTES + meta.length;
  }

  /** Adds a sensor found in the log, also behind others that are lost to damage. At start only. */
  public void restore(DefinedSensor sensor) {
    if (!has(sensor.id())) {
      reserved.incrementAndGet();
      account.add(add(sensor));
    }
  }

  /** The names of a partition by ordinal; null for none. */
  ByteStringTable names(int partition) {
    PartitionSensors shelf = shelves.get(partition);
    return shelf == null ? null : shelf.names;
  }

  /** The units and labels of a partition; null for none. */
  ByteStringTable metas(int partition) {
    PartitionSensors shelf = shelves.get(partition);
    return shelf == null ? null : shelf.metas;
  }

  static int kindOf(int tag) {
    return tag & KIND_MASK;
  }

  /** The number of unit and labels plus one; 0 for neither. */
  static int metaOf(int tag) {
    return tag >>> KIND_BITS;
  }

  /** Adds the next unit with labels of a partition. At start only. */
  void restoreMeta(int partition, byte[] meta) {
    ByteStringTable metas = shelf(partition).metas;
    metas.add(metas.count(), 0, meta);
    account.add(ByteStringTable.ENTRY_BYTES + meta.length);
  }

  /** Adds a sensor whose unit and labels are there. At start only. */
  void restore(int partition, int ordinal, int kind, int meta, byte[] name) {
    if (!strays && home(new String(name, StandardCharsets.UTF_8)) != partition) {
      strays = true;
    }
    PartitionSensors shelf = shelf(partition);
    shelf.ranges.add(ordinal, name);
    shelf.names.add(ordinal, kind | meta << KIND_BITS, name);
    reserved.incrementAndGet();
    account.add(SENSOR_BYTES + name.length);
  }

  /** Keeps an id from being given to another sensor, although its definition is lost. At start. */
  public void keep(int id) {
    shelf(id % shelves.length()).names.keep(id / shelves.length());
  }

  /**
   * Adds a sensor whose definition is committed. Partition writer only.
   *
   * @return what is to be charged for it
   */
  public long add(DefinedSensor sensor) {
    int partition = sensor.id() % shelves.length();
    if (!strays && home(sensor.name()) != partition) {
      strays = true;
    }
    return shelf(partition).add(sensor.id() / shelves.length(), sensor);
  }

  private PartitionSensors shelf(int partition) {
    PartitionSensors shelf = shelves.get(partition);
    if (shelf == null) {
      shelf = new PartitionSensors(seed);
      shelves.set(partition, shelf);
    }
    return shelf;
  }

  /** Gives back what it is charged; whoever still asks it is answered as before. */
  public void close() {
    account.close();
  }

  /** Heap that the sensors take, by the sizes of their arrays. */
  long heapBytes() {
    long bytes = 0;
    for (int p = 0; p < shelves.length(); p++) {
      PartitionSensors shelf = shelves.get(p);
      bytes += shelf == null ? 0 : shelf.names.heapBytes() + shelf.metas.heapBytes();
    }
    return bytes;
  }

  /** Unit and labels, decoded. */
  private record Decoded(int number, SensorMetadata meta) {}

  /** The sensors of one partition by ordinal, with their kinds, units and labels. */
  private static final class PartitionSensors {
    final ByteStringTable names;
    final SensorNameRanges ranges;
    final ByteStringTable metas;

    /** The one that was asked for last; neighbours often share it. Any thread. */
    private Decoded last = new Decoded(-1, SensorMetadata.NONE);

    PartitionSensors(long seed) {
      names = new ByteStringTable(seed);
      ranges = new SensorNameRanges(names);
      metas = new ByteStringTable(seed);
    }

    SensorMetadata meta(int tag) {
      int number = (tag >>> KIND_BITS) - 1;
      if (number < 0) {
        return SensorMetadata.NONE;
      }
      Decoded known = last;
      if (known.number() == number) {
        return known.meta();
      }
      byte[] bytes = metas.copy(number);
      SensorMetadata meta = SensorMetadata.of(bytes);
      if (bytes.length <= KEPT_BYTES_MAX) {
        last = new Decoded(number, meta);
      }
      return meta;
    }

    DefinedSensor info(int id, int ordinal, String name) {
      int tag = names.tag(ordinal);
      SensorMetadata meta = meta(tag);
      return new DefinedSensor(id, name, tag & KIND_MASK, meta.unit(), meta.labels());
    }

    long add(int ordinal, DefinedSensor sensor) {
      int meta = -1;
      long bytes = 0;
      if (!sensor.unit().isEmpty() || !sensor.labels().isEmpty()) {
        byte[] of = new SensorMetadata(sensor.unit(), sensor.labels()).toBytes();
        meta = metas.find(of);
        if (meta < 0) {
          meta = metas.count();
          metas.add(meta, 0, of);
          bytes = (long) ByteStringTable.ENTRY_BYTES + of.length;
        }
      }
      byte[] name = sensor.name().getBytes(StandardCharsets.UTF_8);
      ranges.add(ordinal, name);
      names.add(ordinal, sensor.kind() | meta + 1 << KIND_BITS, name);
      return bytes + SENSOR_BYTES + name.length;
    }
  }
}
