package dev.weir.service.core;

/** The times that 64 bits of nanoseconds since 1970 can say. Stateless. */
public final class NanoTimeRange {
  /** In words, to the day. */
  public static final String DAYS = "1677-09-21 to 2262-04-11";

  /** In words, to the second. */
  public static final String SECONDS = "1677-09-21T00:12:44Z to 2262-04-11T23:47:16Z";

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private NanoTimeRange() {}

  /** Returns whether a time is one of them; the nanoseconds of its second are checked too. */
  public static boolean contains(long seconds, int nanos) {
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
      return false;
    }
    long first = Math.floorDiv(Long.MIN_VALUE, NANOS_PER_SECOND);
    long last = Math.floorDiv(Long.MAX_VALUE, NANOS_PER_SECOND);
    return seconds > first && seconds < last
        || seconds == first && nanos >= Math.floorMod(Long.MIN_VALUE, NANOS_PER_SECOND)
        || seconds == last && nanos <= Math.floorMod(Long.MAX_VALUE, NANOS_PER_SECOND);
  }
}
