package dev.weir.cli.demo;

import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A digest of readings: per sensor their number, and a hash over their times and value bits in
 * their order. Owned by the thread that counts.
 */
@OwnedBy("counting thread")
final class ReadingDigest {
  private final Map<String, Sum> sums = new TreeMap<>();

  private record Sum(long readings, long hash) {
    static final Sum NONE = new Sum(0, 0);

    Sum with(long timeNanos, long bits) {
      return new Sum(readings + 1, mixed(mixed(hash + timeNanos) ^ bits));
    }
  }

  /** The finalizer of MurmurHash3: every bit of the input changes half of the output's. */
  private static long mixed(long bits) {
    long mixed = bits + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }

  void add(String sensor, long timeNanos, double value) {
    Sum sum = sums.getOrDefault(sensor, Sum.NONE);
    sums.put(sensor, sum.with(timeNanos, Double.doubleToRawLongBits(value)));
  }

  long readings() {
    return sums.values().stream().mapToLong(Sum::readings).sum();
  }

  /** The tally as lines for another process: readings, hash, sensor. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    sums.forEach(
        (sensor, sum) ->
            lines.add(sum.readings() + "\t" + Long.toHexString(sum.hash()) + "\t" + sensor));
    return lines;
  }

  /** Takes one of the {@link #lines()} of another process. */
  void addLine(String line) {
    String[] fields = line.split("\t", 3);
    sums.put(fields[2], new Sum(Long.parseLong(fields[0]), Long.parseUnsignedLong(fields[1], 16)));
  }

  /** Describes the differences from another tally; empty: none. */
  List<String> differences(String name, ReadingDigest other, String otherName) {
    List<String> differences = new ArrayList<>();
    TreeSet<String> sensors = new TreeSet<>(sums.keySet());
    sensors.addAll(other.sums.keySet());
    for (String sensor : sensors) {
      Sum mine = sums.getOrDefault(sensor, Sum.NONE);
      Sum others = other.sums.getOrDefault(sensor, Sum.NONE);
      if (mine.readings() != others.readings()) {
        differences.add(
            sensor
                + ": "
                + mine.readings()
                + " readings "
                + name
                + ", "
                + others.readings()
                + " "
                + otherName);
      } else if (mine.hash() != others.hash()) {
        differences.add(sensor + ": not the same readings " + name + " and " + otherName);
      }
    }
    return differences;
  }
}
