package dev.weir.bench.load;

/**
 * The readings of one publisher: for each of its sensors a random walk at jittered times. Owned by
 * one thread.
 *
 * <p>Publisher and subscriber each own one with the same seed, so the subscriber knows every time
 * and value to the bit. Reading {@code n} of sensor {@code s} has the time {@code BASE + (n ×
 * sensors + s) × 1 µs + jitter} with a jitter of 0 to 999 whole microseconds. Random numbers are
 * Marsaglia's xorshift64 (shifts 13, 7, 17), one per reading.
 */
public final class RandomWalks {
  /** 2026-01-01T00:00:00Z, in Unix nanoseconds. */
  private static final long BASE_NANOS = 1_767_225_600_000_000_000L;

  private static final long STEP_NANOS = 1_000;
  private static final long JITTER_MICROS = 1_000;
  private static final int JITTER_BITS = 20;
  private static final double STEP_SCALE = 0x1p-32;
  private static final double START = 20.0;
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private final long[] states;
  private final long[] steadyNanos;
  private final long[] timesNanos;
  private final double[] values;
  private final long roundNanos;
  private final long jitterMicros;

  /** The walks of a publisher before their first step. */
  public RandomWalks(int publisher, int sensors) {
    this(publisher, sensors, JITTER_MICROS);
  }

  /** The same with another jitter: so many whole microseconds, 0 for a fixed cadence. */
  public RandomWalks(int publisher, int sensors, long jitterMicros) {
    this.jitterMicros = jitterMicros;
    states = new long[sensors];
    steadyNanos = new long[sensors];
    timesNanos = new long[sensors];
    values = new double[sensors];
    roundNanos = sensors * STEP_NANOS;
    for (int sensor = 0; sensor < sensors; sensor++) {
      // An odd multiple of an odd number is never 0, which would be xorshift's fixed point.
      states[sensor] = GOLDEN_RATIO * (2L * ((long) publisher * sensors + sensor) + 1);
      steadyNanos[sensor] = BASE_NANOS + sensor * STEP_NANOS - roundNanos;
      values[sensor] = START;
    }
  }

  /** The name of a sensor, unlike any of another publisher. */
  public static String name(int publisher, int sensor) {
    return "publisher" + publisher + "/sensor" + sensor;
  }

  /** Returns the number of sensors. */
  public int sensors() {
    return values.length;
  }

  /** The time of a reading that is due at a moment of {@link System#nanoTime}. */
  public static long timeOf(long clockNanos) {
    return BASE_NANOS + clockNanos;
  }

  /** The moment of a time made by {@link #timeOf}. */
  static long clockOf(long timeNanos) {
    return timeNanos - BASE_NANOS;
  }

  /** Advances a sensor to its next reading. */
  public void step(int sensor) {
    long bits = states[sensor];
    bits ^= bits << 13;
    bits ^= bits >>> 7;
    bits ^= bits << 17;
    states[sensor] = bits;
    long steady = steadyNanos[sensor] + roundNanos;
    steadyNanos[sensor] = steady;
    long jitter = (bits >>> (Long.SIZE - JITTER_BITS)) * jitterMicros >>> JITTER_BITS;
    timesNanos[sensor] = steady + jitter * 1_000;
    values[sensor] += (int) bits * STEP_SCALE;
  }

  /** The time of a sensor's present reading, Unix nanoseconds. */
  public long timeNanos(int sensor) {
    return timesNanos[sensor];
  }

  /** The value of a sensor's present reading. */
  public double value(int sensor) {
    return values[sensor];
  }
}
