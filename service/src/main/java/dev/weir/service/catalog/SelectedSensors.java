package dev.weir.service.catalog;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Selector;
import java.nio.charset.StandardCharsets;
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
 * lock unless the catalogue has sensors that were not looked at yet; some of these are then looked
 * at under the set's own lock. A bit per id, in pages of 4,096 that are allocated where one of them
 * matches. A sensor whose definition is lost is selected only where all are.
 */
public final class SelectedSensors implements IntPredicate {
  private static final int PAGE_BITS = 12;

  /** The bytes of names that one slice looks at: about 2 ms. */
  private static final long SLICE_WORK = 500_000;

  /** The work of a sensor besides the bytes of its name. */
  private static final int SENSOR_WORK = 16;

  /** Heap of a set besides its globs, names and pages, and of one of its texts, about. */
  private static final long BASE_BYTES = 600;

  private static final long TEXT_BYTES = 50;
  private static final long PAGE_BYTES = (1 << PAGE_BITS) / Byte.SIZE + 40;

  private final SensorCatalog catalog;
  private final Set<String> names;
  private final SensorGlobAutomaton globs; // null for none

  /** The prefixes of the names that each glob matches; null where they may begin with anything. */
  private final byte[][] prefixes;

  private final Map<String, String> labels;
  private final int partitionCount;
  private final boolean all;

  /** Per partition, ordinals below it were looked at. Written last, so it publishes the pages. */
  private final AtomicIntegerArray looked;

  private final Budget budget;
  private volatile AtomicLongArray[] pages = new AtomicLongArray[0];
  private volatile boolean any;

  /** A bit for each partition in which selected sensors may be: all, until names were looked up. */
  private volatile long partitions = -1;

  /** Per partition, ordinals below it need not be compared with names; null before. */
  private int[] namesLooked; // guarded by this, like the rest

  private SensorGlobMatcher matcher; // while there is much to look at
  private long matcherBytes;
  private int partition;
  private long heldBytes;
  private boolean complete;
  private boolean closed;

  /**
   * Looks at the sensors that the catalogue has, which takes long where they are many.
   *
   * @param selector a checked one, with globs that {@link SensorGlobSyntax#check} passed
   */
  public SelectedSensors(SensorCatalog catalog, Selector selector) {
    this(catalog, selector, new Budget("session_budget_bytes", Long.MAX_VALUE));
    while (!step()) {
      // one slice after the other
    }
  }

  private SelectedSensors(SensorCatalog catalog, Selector selector, Budget budget) {
    this.catalog = catalog;
    this.budget = budget;
    names = new HashSet<>(selector.getNamesList());
    labels = Map.copyOf(selector.getLabelsMap());
    all = names.isEmpty() && selector.getGlobsCount() == 0 && labels.isEmpty();
    partitionCount = catalog.partitionCount();
    looked = new AtomicIntegerArray(partitionCount);
    globs =
        selector.getGlobsCount() == 0
            ? null
            : new SensorGlobAutomaton(new TreeSet<>(selector.getGlobsList()));
    prefixes = prefixes(selector);
    complete = all;
    hold(
        BASE_BYTES
            + names.stream().mapToLong(name -> TEXT_BYTES + name.length()).sum()
            + 3L * labels.size() * TEXT_BYTES
            + (globs == null ? 0 : globs.bytes()));
  }

  /** Returns the most bytes that a set holds before it has looked at sensors. */
  public static long bytesMax(Selector selector) {
    return BASE_BYTES
        + selector.getNamesList().stream().mapToLong(name -> TEXT_BYTES + name.length()).sum()
        + 3L * selector.getLabelsCount() * TEXT_BYTES
        + (selector.getGlobsCount() == 0
            ? 0
            : SensorGlobAutomaton.bytesMax(selector.getGlobsList()));
  }

  private static byte[][] prefixes(Selector selector) {
    byte[][] prefixes =
        selector.getGlobsList().stream()
            .map(glob -> SensorGlobSyntax.prefix(glob).getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    boolean none = Arrays.stream(prefixes).anyMatch(prefix -> prefix.length == 0);
    return none || prefixes.length == 0 ? null : prefixes;
  }

  /**
   * A set that has looked at no sensor yet: {@link #step} does.
   *
   * @param budget counts what the set holds until {@link #close}
   */
  public static SelectedSensors unlooked(SensorCatalog catalog, Selector selector, Budget budget) {
    return new SelectedSensors(catalog, selector, budget);
  }

  /**
   * Looks at some more of the sensors that the catalogue has, for a few milliseconds.
   *
   * @return whether all were looked at
   * @throws dev.weir.service.core.fault.FaultException OVERLOADED where the budget is used up
   */
  public synchronized boolean step() {
    if (complete) {
      return true;
    }
    if (budget.lacks(0)) {
      throw full(budget).exception();
    }
    if (namesLooked == null) {
      lookUpNames();
    }
    if (matcher == null && globs != null) {
      matcher = new SensorGlobMatcher(globs);
    }
    long work = SLICE_WORK;
    while (partition < partitionCount && work > 0) {
      work = lookAtNew(partition, matcher, work);
      if (work > 0) {
        partition++;
      }
    }
    if (partition == partitionCount) {
      complete = true;
      matcher = null;
    }
    long tableBytes = matcher == null ? 0 : matcher.bytes();
    hold(tableBytes - matcherBytes);
    matcherBytes = tableBytes;
    return complete;
  }

  /** Returns the fault for a selector for which there is no room; counts a refusal. */
  public static Fault full(Budget budget) {
    budget.refused();
    return Fault.of(
        ErrorCode.OVERLOADED,
        String.format(
            "%s (%d) has no room for one more selector. Retry after the delay, or select by fewer"
                + " and shorter names and globs.",
            budget.name(), budget.max()));
  }

  /** Returns whether every sensor is selected, whatever is known of it. */
  public boolean isAll() {
    return all;
  }

  /**
   * Returns whether selected sensors may be in a partition. False where sensors are selected by
   * names alone, and all of these belong to other partitions, whether they are defined or not. Any
   * thread.
   */
  public boolean mayBeIn(int ofPartition) {
    return (partitions >>> ofPartition & 1) != 0;
  }

  /**
   * Returns whether a sensor is selected; unless all are, false for one that the catalogue does not
   * have yet.
   */
  @Override
  public boolean test(int id) {
    if (all || id < 0) {
      return id >= 0; // unsigned, and greater than any that is given out
    }
    int its = id % partitionCount;
    int ordinal = id / partitionCount;
    if (ordinal >= looked.get(its)) {
      if (ordinal >= catalog.count(its)) {
        return false;
      }
      lookAtSome(its);
      if (ordinal >= looked.get(its)) {
        return selects(id, null, true); // there are many more before it
      }
    }
    AtomicLongArray[] current = pages;
    int number = id >>> PAGE_BITS;
    AtomicLongArray page = number < current.length ? current[number] : null;
    return page != null && (page.get(word(id)) >>> id & 1) != 0;
  }

  /** Returns whether nothing is selected so far, and sensors are there that were not looked at. */
  public boolean hasNew() {
    return !any && IntStream.range(0, partitionCount).anyMatch(p -> looked.get(p) < count(p));
  }

  /**
   * Looks at the sensors that are there. Takes long where many are new. Returns whether any is
   * selected.
   */
  public boolean look() {
    for (int p = 0; p < partitionCount; p++) {
      int count = count(p);
      while (looked.get(p) < count) {
        lookAtSome(p);
      }
    }
    return any;
  }

  /** Returns how many of the sensors that were looked at are selected. */
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

  /** Returns whether there are sensors, and none that was looked at is selected. */
  public boolean selectsNone() {
    return !any && IntStream.range(0, partitionCount).anyMatch(p -> count(p) > 0);
  }

  /** Gives back what it holds; whoever still asks it is answered as before. */
  public synchronized void close() {
    closed = true;
    budget.giveBack(heldBytes);
    heldBytes = 0;
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

  private synchronized void lookAtSome(int of) {
    boolean many = count(of) - looked.get(of) > Long.SIZE;
    lookAtNew(of, many && globs != null ? new SensorGlobMatcher(globs) : null, SLICE_WORK);
  }

  /** Looks at a partition's sensors. Returns what is left of the work; none if there are more. */
  private long lookAtNew(int of, SensorGlobMatcher fast, long work) {
    int count = catalog.count(of);
    int ordinal = looked.get(of);
    long left = work;
    long before = fast == null ? 0 : fast.work();
    while (ordinal < count && left > 0) {
      if (prefixes != null && passes(of, ordinal, count)) {
        ordinal += SensorNameRanges.BLOCK;
        left -= SENSOR_WORK + prefixes.length;
        continue;
      }
      int id = ordinal * partitionCount + of;
      if (selects(id, fast, namesLooked == null || ordinal >= namesLooked[of])) {
        set(id);
      }
      ordinal++;
      long after = fast == null ? before + globCost() : fast.work();
      left -= SENSOR_WORK + after - before;
      before = after;
    }
    if (ordinal > looked.get(of)) {
      looked.set(of, ordinal);
    }
    return ordinal < count ? 0 : Math.max(1, left);
  }

  /** Returns whether a block of sensors begins here none of which is selected. */
  private boolean passes(int of, int ordinal, int count) {
    int end = ordinal + SensorNameRanges.BLOCK;
    return ordinal % SensorNameRanges.BLOCK == 0
        && end <= count
        && (names.isEmpty() || namesLooked != null && end <= namesLooked[of])
        && !catalog.mayHave(of, ordinal / SensorNameRanges.BLOCK, prefixes);
  }

  private long globCost() {
    return globs == null ? Long.SIZE : (long) Long.SIZE * globs.words();
  }

  /**
   * Finds the names among the sensors there are. A partition's writer adds a sensor first by id,
   * then by name, so the newest one may not be found by name yet: it stays to be looked at.
   */
  private void lookUpNames() {
    namesLooked = new int[partitionCount];
    Arrays.setAll(namesLooked, p -> Math.max(0, catalog.count(p) - 1));
    long named = 0;
    for (String name : names) {
      named |= 1L << Partitioner.partition(name, partitionCount);
      DefinedSensor sensor = catalog.byName(name);
      if (sensor != null && hasLabels(sensor.id())) {
        set(sensor.id());
      }
    }
    if (globs == null && !names.isEmpty()) {
      partitions = named;
      for (int p = 0; p < partitionCount; p++) {
        looked.set(p, namesLooked[p]);
      }
    }
  }

  /**
   * Returns whether a sensor is selected.
   *
   * @param fast null where the globs are to be matched without
   * @param byName whether its name may be one of those selected
   */
  private boolean selects(int id, SensorGlobMatcher fast, boolean byName) {
    boolean named =
        names.isEmpty() && globs == null
            ? catalog.has(id)
            : globs != null && matches(id, fast)
                || byName && !names.isEmpty() && names.contains(nameOf(id));
    return named && hasLabels(id);
  }

  private boolean matches(int id, SensorGlobMatcher fast) {
    return catalog.testName(
        id,
        fast != null
            ? fast::matches
            : (name, offset, length) ->
                globs.matches(globs.beginning().clone(), name, offset, offset + length));
  }

  private String nameOf(int id) {
    byte[] name = catalog.name(id);
    return name == null ? "" : new String(name, StandardCharsets.UTF_8);
  }

  private boolean hasLabels(int id) {
    return labels.isEmpty() || catalog.hasLabels(id, labels);
  }

  private void set(int id) {
    int number = id >>> PAGE_BITS;
    AtomicLongArray[] current = pages;
    if (number >= current.length) {
      hold((Math.max(number + 1, 2 * current.length) - current.length) * 4L);
      current = Arrays.copyOf(current, Math.max(number + 1, 2 * current.length));
      pages = current;
    }
    if (current[number] == null) {
      hold(PAGE_BYTES);
      current[number] = new AtomicLongArray((1 << PAGE_BITS) / Long.SIZE);
    }
    current[number].lazySet(word(id), current[number].get(word(id)) | 1L << id);
    any = true;
  }

  private void hold(long bytes) {
    if (!closed) {
      heldBytes += bytes;
      budget.take(bytes);
    }
  }

  private static int word(int id) {
    return (id & (1 << PAGE_BITS) - 1) >>> 6;
  }
}
