package dev.weir.it.proof;

import dev.weir.v1.Gap;
import java.util.HashMap;
import java.util.Map;

/**
 * Follows the position of a reader in every source of a topic. Complains about readings that were
 * never sent, that come twice, or that are missing without a gap that reports them. Thread-safe;
 * one reader drives it.
 */
final class ReadingOrderCheck {
  private final String reader;
  private final NumberedSources sources;
  private final AuditFindings complaints;
  private final Map<NumberedSource, Long> next = new HashMap<>(); // guarded by this
  private final long[] told; // readings that gaps reported, by partition; guarded by this
  private boolean anywhere; // guarded by this

  ReadingOrderCheck(String reader, NumberedSources sources, AuditFindings complaints) {
    this.reader = reader;
    this.sources = sources;
    this.complaints = complaints;
    told = new long[sources.partitions()];
  }

  /** Takes the first reading of each source that it meets as where the log begins. */
  synchronized void beginAnywhere() {
    anywhere = true;
  }

  synchronized void onReading(String sensor, long timeNanos, double value) {
    NumberedSource source = sources.of(sensor);
    long number = (long) value;
    if (source == null
        || number < 0
        || number >= source.sent()
        || !source.sensor(number).equals(sensor)
        || NumberedSource.timeNanos(number) != timeNanos) {
      complaints.add("%s: never sent: %s at %s value %s", reader, sensor, timeNanos, value);
      return;
    }
    Long known = next.get(source);
    long expected = known != null ? known : anywhere ? number : 0;
    long missing = number - expected;
    if (missing < 0) {
      complaints.add(
          "%s: twice or out of order: reading %s of %s, after %s",
          reader, number, source, expected - 1);
      return;
    }
    if (missing > told[source.partition()]) {
      complaints.add("%s: missing: readings %s to %s of %s", reader, expected, number - 1, source);
    } else {
      told[source.partition()] -= missing;
    }
    next.put(source, number + 1);
  }

  /** A gap reports readings that this reader will not get. */
  synchronized void onGap(Gap gap, boolean permitted) {
    if (permitted && !gap.getUpperBound()) {
      told[gap.getPartition()] += gap.getReadings();
    } else {
      complaints.add("%s: a gap that must not be: %s", reader, gap);
    }
  }

  /** The number that is next, source by source. */
  synchronized Map<NumberedSource, Long> position() {
    return Map.copyOf(next);
  }

  /** Continues from another position. */
  synchronized void moveTo(Map<NumberedSource, Long> position) {
    next.clear();
    next.putAll(position);
  }

  synchronized boolean has(Map<NumberedSource, Long> acked) {
    long[] missing = new long[told.length];
    acked.forEach(
        (source, count) ->
            missing[source.partition()] += Math.max(0, count - next.getOrDefault(source, 0L)));
    for (int partition = 0; partition < missing.length; partition++) {
      if (missing[partition] > told[partition]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Complains unless it has all that is acknowledged.
   *
   * @param retained whether sources of which nothing was met may be gone as a whole
   */
  synchronized void expect(Map<NumberedSource, Long> acked, boolean retained) {
    acked.forEach(
        (source, count) -> {
          long has = next.getOrDefault(source, retained ? count : 0);
          if (has < count && count - has > told[source.partition()]) {
            complaints.add(
                "%s: lost: readings %s to %s of %s were acknowledged",
                reader, has, count - 1, source);
          }
        });
  }

  /** Returns the readings that gaps reported and that were not met as missing. */
  synchronized long toldAndNotMissed() {
    long sum = 0;
    for (long readings : told) {
      sum += readings;
    }
    return sum;
  }

  @Override
  public synchronized String toString() {
    return reader + " at " + next;
  }
}
