package dev.weir.it.squeeze;

/** Latencies of one client in one span of time: exact ones, sorted. Immutable. */
final class Latencies {
  private static final double MICROS_PER_MILLI = 1_000;

  private final long[] micros;
  private final int unfinished;

  /**
   * Latencies.
   *
   * @param micros sorted; not copied
   * @param unfinished how many of them are not over
   */
  Latencies(long[] micros, int unfinished) {
    this.micros = micros;
    this.unfinished = unfinished;
  }

  boolean isEmpty() {
    return micros.length == 0;
  }

  /** The smallest latency that so much of all is no greater than; 0 where there are none. */
  double millisAt(double share) {
    return isEmpty()
        ? 0
        : micros[Math.max(0, (int) Math.ceil(share * micros.length) - 1)] / MICROS_PER_MILLI;
  }

  double p99Millis() {
    return millisAt(0.99);
  }

  double maxMillis() {
    return millisAt(1);
  }

  @Override
  public String toString() {
    return String.format(
        "p50 %.1f p99 %.1f max %.1f ms%s",
        millisAt(0.5),
        p99Millis(),
        maxMillis(),
        unfinished == 0 ? "" : ", " + unfinished + " not answered");
  }
}
