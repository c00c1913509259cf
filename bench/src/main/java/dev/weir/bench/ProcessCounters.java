package dev.weir.bench;

import dev.weir.bench.load.KeyValues;

/**
 * The counters of a process at one moment, or the difference of two of them. Immutable.
 *
 * @param readings readings acknowledged or delivered
 * @param nanos the process's own clock
 * @param cpuMillis CPU time of all its threads
 * @param gcMillis time of its garbage collections
 * @param compileMillis time of its compilers; 0 where it has none
 */
public record ProcessCounters(
    long readings, long nanos, long cpuMillis, long gcMillis, long compileMillis) {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double READINGS_PER_MILLION = 1e6;
  private static final double MILLIS_PER_SECOND = 1e3;

  /** The mark in an answer. */
  public static ProcessCounters of(KeyValues answer) {
    return new ProcessCounters(
        answer.number("readings"),
        answer.number("nanos"),
        answer.number("cpu_millis"),
        answer.number("gc_millis"),
        answer.number("compile_millis"));
  }

  /** Returns the difference from an earlier one. */
  public ProcessCounters since(ProcessCounters earlier) {
    return new ProcessCounters(
        readings - earlier.readings,
        nanos - earlier.nanos,
        cpuMillis - earlier.cpuMillis,
        gcMillis - earlier.gcMillis,
        compileMillis - earlier.compileMillis);
  }

  /** Both at once: counts add up, the clock is the first's. */
  public ProcessCounters plus(ProcessCounters other) {
    return new ProcessCounters(
        readings + other.readings,
        nanos,
        cpuMillis + other.cpuMillis,
        gcMillis + other.gcMillis,
        compileMillis + other.compileMillis);
  }

  /** The rate of a difference. */
  public double readingsPerSecond() {
    return readings * NANOS_PER_SECOND / nanos;
  }

  /** CPU seconds for each million of some readings. */
  public double cpuSecondsPerMillion(long ofReadings) {
    return ofReadings == 0 ? 0 : cpuMillis / MILLIS_PER_SECOND * READINGS_PER_MILLION / ofReadings;
  }
}
