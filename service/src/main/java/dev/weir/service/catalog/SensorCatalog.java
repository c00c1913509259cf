package dev.weir.service.catalog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The committed sensors of one topic. Thread-safe for reading; each partition's sensors are added
 * by its writer, after the commit of their definitions, in the order of their ids.
 */
public final class SensorCatalog {
  private static final int FIRST_CAPACITY = 16;

  private final Map<String, SensorInfo> byName = new ConcurrentHashMap<>();
  private final AtomicInteger reserved = new AtomicInteger();
  private final int sensorsMax;
  private final Shelf[] shelves;

  /**
   * @param partitionCount of the topic
   * @param sensorsMax most sensors of the topic
   */
  public SensorCatalog(int partitionCount, int sensorsMax) {
    this.sensorsMax = sensorsMax;
    shelves = new Shelf[partitionCount];
    for (int p = 0; p < partitionCount; p++) {
      shelves[p] = new Shelf();
    }
  }

  /** The sensor of a name, or null. */
  public SensorInfo byName(String name) {
    return byName.get(name);
  }

  /** The sensor of an id, or null. */
  public SensorInfo byId(int id) {
    return id < 0 ? null : shelves[id % shelves.length].at(id / shelves.length);
  }

  /** What is done with a name, in UTF-8, where it lies. */
  @FunctionalInterface
  interface NameTest {
    boolean test(byte[] name, int offset, int length);
  }

  /** Whether there is a sensor of an id whose name passes a test. */
  boolean testName(int id, NameTest test) {
    SensorInfo sensor = byId(id);
    if (sensor == null) {
      return false;
    }
    byte[] name = sensor.name().getBytes(StandardCharsets.UTF_8);
    return test.test(name, 0, name.length);
  }

  /** Whether there is a sensor of an id that has labels, and perhaps others. */
  boolean hasLabels(int id, Map<String, String> labels) {
    SensorInfo sensor = byId(id);
    return sensor != null && sensor.labels().entrySet().containsAll(labels.entrySet());
  }

  /** Whether an id was given to a sensor, whose definition may be lost. */
  public boolean knows(int id) {
    return id >= 0 && id / shelves.length < count(id % shelves.length);
  }

  /** Number of sensors of a partition; their ordinals are below it. */
  public int count(int partition) {
    return shelves[partition].count;
  }

  /** Partitions of the topic. */
  public int partitionCount() {
    return shelves.length;
  }

  /** Up to {@code most} sensors with ids from {@code fromId} on, by id. */
  public List<SensorInfo> page(int fromId, int most) {
    int end = 0;
    for (int p = 0; p < shelves.length; p++) {
      if (shelves[p].count > 0) {
        end = Math.max(end, (shelves[p].count - 1) * shelves.length + p + 1);
      }
    }
    List<SensorInfo> page = new ArrayList<>();
    for (int id = fromId; id < end && page.size() < most; id++) {
      SensorInfo sensor = byId(id);
      if (sensor != null) {
        page.add(sensor);
      }
    }
    return page;
  }

  /** Reserves room for sensors about to be defined; false if the topic is full. */
  public boolean reserve(int sensors) {
    if (reserved.addAndGet(sensors) <= sensorsMax) {
      return true;
    }
    reserved.addAndGet(-sensors);
    return false;
  }

  /** Gives back what {@link #reserve} took and was not defined. */
  public void release(int sensors) {
    reserved.addAndGet(-sensors);
  }

  /** Adds a sensor found in the log, also behind others that are lost to damage. At start only. */
  public void restore(SensorInfo sensor) {
    if (byId(sensor.id()) == null) {
      reserved.incrementAndGet();
      add(sensor);
    }
  }

  /** Keeps an id from being given to another sensor, although its definition is lost. At start. */
  public void keep(int id) {
    shelves[id % shelves.length].keep(id / shelves.length);
  }

  /** Adds a sensor whose definition is committed. Partition writer only. */
  public void add(SensorInfo sensor) {
    shelves[sensor.id() % shelves.length].add(sensor.id() / shelves.length, sensor);
    byName.put(sensor.name(), sensor);
  }

  /** The sensors of one partition by ordinal. One writer, many readers: `count` publishes. */
  private static final class Shelf {
    private volatile SensorInfo[] sensors = new SensorInfo[FIRST_CAPACITY];
    private volatile int count;

    SensorInfo at(int ordinal) {
      return ordinal < count ? sensors[ordinal] : null;
    }

    void add(int ordinal, SensorInfo sensor) {
      makeRoom(ordinal);
      sensors[ordinal] = sensor;
      count = Math.max(count, ordinal + 1);
    }

    void keep(int ordinal) {
      makeRoom(ordinal);
      count = Math.max(count, ordinal + 1);
    }

    private void makeRoom(int ordinal) {
      if (ordinal >= sensors.length) {
        sensors = Arrays.copyOf(sensors, Math.max(ordinal + 1, sensors.length * 2));
      }
    }
  }
}
