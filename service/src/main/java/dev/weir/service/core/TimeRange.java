package dev.weir.service.core;

/** The times that 64 bits of nanoseconds since 1970 can say, in words. */
public final class TimeRange {
  /** To the day. */
  public static final String DAYS = "1677-09-21 to 2262-04-11";

  /** To the second. */
  public static final String SECONDS = "1677-09-21T00:12:44Z to 2262-04-11T23:47:16Z";

  private TimeRange() {}
}
