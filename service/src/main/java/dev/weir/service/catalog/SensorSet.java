package dev.weir.service.catalog;

import dev.weir.v1.Selector;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The sensors of one topic that a selector selects, as a set of ids. Thread-safe: a test takes no
 * lock unless the catalogue has sensors that were not looked at yet; these are then looked at under
 * the set's own lock. A bit per id, in pages of 4,096 that are allocated where one of them matches.
 * A sensor whose definition is lost is selected only where all are.
 */
public final class SensorSet implements IntPredicate {
  private static final int PAGE_BITS = 12;

  private final SensorCatalog catalog;
  private final Set<String> names;
  private final List<SensorGlob> globs;
  private final Map<String, String> labels;
  private final int partitionCount;
  private final boolean all;

  /** Per partition, ordinals below it were looked at. Written last, so it publishes the pages. */
  private final AtomicIntegerArray looked;

  private volatile AtomicLongArray[] pages = new AtomicLongArray[0];
  private volatile boolean any;

  /**
   * Looks at the sensors that the catalogue has: all of them, unless the selector has only names.
   *
   * @param selector a checked one, with globs that {@link SensorGlob#check} passed
   */
  public SensorSet(SensorCatalog catalog, Selector selector) {
    this.catalog = catalog;
    names = new HashSet<>(selector.getNamesList());
    globs = selector.getGlobsList().stream().distinct().map(SensorGlob::new).toList();
    labels = Map.copyOf(selector.getLabelsMap());
    all = names.isEmpty() && globs.isEmpty() && labels.isEmpty();
    partitionCount = catalog.partitionCount();
    looked = new AtomicIntegerArray(partitionCount);
    if (all) {
      return;
    }
    synchronized (this) {
      if (globs.isEmpty() && !names.isEmpty()) {
        lookUpNames();
      }
      for (int p = 0; p < partitionCount; p++) {
        lookAtNew(p);
      }
    }
  }

  /** Whether every sensor is selected, whatever is known of it. */
  public boolean isAll() {
    return all;
  }

  /**
   * Whether a sensor is selected; unless all are, false for one that the catalogue does not have
   * yet.
   */
  @Override
  public boolean test(int id) {
    if (all || id < 0) {
      return id >= 0; // unsigned, and greater than any that is given out
    }
    int partition = id % partitionCount;
    int ordinal = id / partitionCount;
    if (ordinal >= looked.get(partition)) {
      if (ordinal >= catalog.count(partition)) {
        return false;
      }
      lookAtNew(partition);
    }
    AtomicLongArray[] current = pages;
    int number = id >>> PAGE_BITS;
    AtomicLongArray page = number < current.length ? current[number] : null;
    return page != null && (page.get(word(id)) >>> id & 1) != 0;
  }

  /** Whether nothing is selected so far, and sensors are there that were not looked at. */
  public boolean hasNew() {
    return !any && IntStream.range(0, partitionCount).anyMatch(p -> looked.get(p) < count(p));
  }

  /**
   * Looks at the sensors that are there. Takes long where many are new. Returns whether any is
   * selected.
   */
  public boolean look() {
    for (int p = 0; p < partitionCount; p++) {
      lookAtNew(p);
    }
    return any;
  }

  /** How many of the sensors that were looked at are selected. */
  public long selected() {
    if (all) {
      return IntStream.range(0, partitionCount).mapToLong(this::count).sum();
    }
    long sum = 0;
    for (AtomicLongArray page : pages) {
      for (int word = 0; page != null && word < page.length(); word++) {
        sum += Long.bitCount(page.get(word));
      }
    }
    return sum;
  }

  /** Whether there are sensors, and none that was looked at is selected. */
  public boolean selectsNone() {
    return !any && IntStream.range(0, partitionCount).anyMatch(p -> count(p) > 0);
  }

  private int count(int partition) {
    return catalog.count(partition);
  }

  /** Text that is equal for selectors that select the same by the same names, globs and labels. */
  public static String key(Selector selector) {
    var key = new StringBuilder();
    append(key, 'n', new TreeSet<>(selector.getNamesList()));
    append(key, 'g', new TreeSet<>(selector.getGlobsList()));
    new TreeMap<>(selector.getLabelsMap())
        .forEach((label, value) -> append(key, 'l', List.of(label, value)));
    return key.toString();
  }

  /** Each with its length, so that no text can look like two. */
  private static void append(StringBuilder key, char field, Collection<String> texts) {
    for (String text : texts) {
      key.append(field).append(text.length()).append(':').append(text);
    }
  }

  private synchronized void lookAtNew(int partition) {
    int count = catalog.count(partition);
    for (int ordinal = looked.get(partition); ordinal < count; ordinal++) {
      SensorInfo sensor = catalog.byId(ordinal * partitionCount + partition);
      if (sensor != null && selects(sensor)) {
        set(sensor.id());
      }
    }
    if (count > looked.get(partition)) {
      looked.set(partition, count);
    }
  }

  /**
   * Finds the names among the sensors there are. A partition's writer adds a sensor first by id,
   * then by name, so the newest one may not be found by name yet: it stays to be looked at.
   */
  private void lookUpNames() {
    int[] known = new int[partitionCount];
    Arrays.setAll(known, p -> Math.max(0, catalog.count(p) - 1));
    for (String name : names) {
      SensorInfo sensor = catalog.byName(name);
      if (sensor != null && hasLabels(sensor)) {
        set(sensor.id());
      }
    }
    for (int p = 0; p < partitionCount; p++) {
      looked.set(p, known[p]);
    }
  }

  private boolean selects(SensorInfo sensor) {
    return (names.isEmpty() && globs.isEmpty()
            || names.contains(sensor.name())
            || globs.stream().anyMatch(glob -> glob.matches(sensor.name())))
        && hasLabels(sensor);
  }

  private boolean hasLabels(SensorInfo sensor) {
    return labels.isEmpty() || sensor.labels().entrySet().containsAll(labels.entrySet());
  }

  private void set(int id) {
    int number = id >>> PAGE_BITS;
    AtomicLongArray[] current = pages;
    if (number >= current.length) {
      current = Arrays.copyOf(current, Math.max(number + 1, 2 * current.length));
      pages = current;
    }
    if (current[number] == null) {
      current[number] = new AtomicLongArray((1 << PAGE_BITS) / Long.SIZE);
    }
    current[number].lazySet(word(id), current[number].get(word(id)) | 1L << id);
    any = true;
  }

  private static int word(int id) {
    return (id & (1 << PAGE_BITS) - 1) >>> 6;
  }
}
