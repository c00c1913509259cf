package dev.weir.it.squeeze;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The settings of a squeeze. Immutable.
 *
 * @param heapBytes greatest heap of the server
 * @param warmUp of each abuse: so long the server's compiler learns what is asked for the first
 *     time
 * @param duration of each abuse after that, which is judged
 * @param abuses which ones, in this order
 * @param logBytes what is prepared for readers that catch up
 * @param sensors how many are prepared for selectors
 * @param latencyFloor what the p99 of an honest client may be however quick it is when it is quiet
 * @param shortForm whether this is the form for busy machines, which knows what it may not judge
 * @param seed of everything that is random
 */
record SqueezeOptions(
    long heapBytes,
    Duration warmUp,
    Duration duration,
    List<Abuse> abuses,
    long logBytes,
    int sensors,
    Duration latencyFloor,
    boolean shortForm,
    long seed) {
  static final long MIB = 1L << 20;

  /** The direct memory of the server, however large its heap is. */
  static final long DIRECT_BYTES = 256 * MIB;

  static final int DESCRIPTORS = 1_024;

  /**
   * The memory that a process needs besides: metaspace, code cache, threads, archive of classes,
   * libraries.
   */
  private static final long OTHER_BYTES = 192 * MIB;

  /** The collector's tables are a part of the heap as large as this, at most. */
  private static final int COLLECTOR_SHARE = 16;

  /** The delay that a server asks for when it refuses for now (retry_delay_ms). */
  static final Duration RETRY_DELAY = Duration.ofMillis(500);

  /** The time after an abuse by which everything is as before it. */
  static final Duration BACK_TO_QUIET = Duration.ofSeconds(10);

  private static final long HEAP_MIB_OF_EVERYTHING = 512;
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration LATENCY_FLOOR = Duration.ofMillis(250);
  private static final Duration LATENCY_FLOOR_SHORT = Duration.ofSeconds(10);

  /** Reads the system properties {@code weir.it.squeeze.…}. */
  static SqueezeOptions ofProperties() {
    boolean shortForm = Boolean.getBoolean("weir.it.squeeze.short");
    int seconds = Integer.getInteger("weir.it.squeeze.seconds", shortForm ? 8 : 120);
    String only = System.getProperty("weir.it.squeeze.only", "");
    return new SqueezeOptions(
        bytes(System.getProperty("weir.it.squeeze.heap", "512m")),
        shortForm ? Duration.ZERO : WARM_UP,
        Duration.ofSeconds(seconds),
        only.isEmpty() ? Abuse.inOrder() : Arrays.stream(only.split(",")).map(Abuse::of).toList(),
        bytes(System.getProperty("weir.it.squeeze.log", shortForm ? "256m" : "4g")),
        Integer.getInteger("weir.it.squeeze.sensors", shortForm ? 100_000 : 1_000_000),
        shortForm ? LATENCY_FLOOR_SHORT : LATENCY_FLOOR,
        shortForm,
        Long.getLong("weir.it.seed", 20_261_202));
  }

  /** The same with one abuse. */
  SqueezeOptions only(Abuse abuse) {
    return new SqueezeOptions(
        heapBytes,
        warmUp,
        duration,
        List.of(abuse),
        logBytes,
        sensors,
        latencyFloor,
        shortForm,
        seed);
  }

  /** Parses bytes such as 512m or 4g, as the JVM writes them. */
  private static long bytes(String words) {
    String lower = words.toLowerCase(Locale.ROOT);
    int shift = lower.endsWith("g") ? 30 : lower.endsWith("m") ? 20 : 0;
    if (shift == 0) {
      throw new IllegalArgumentException("size: " + words + " (expected such as 512m or 4g)");
    }
    return Long.parseLong(lower.substring(0, lower.length() - 1)) << shift;
  }

  /** Returns the time of one abuse: its warm-up, and what is judged. */
  Duration abuseTime() {
    return warmUp.plus(duration);
  }

  /**
   * Returns the resident bytes that the process may have: heap, direct memory, and everything else
   * it needs.
   */
  long residentBytesMax() {
    return heapBytes + DIRECT_BYTES + OTHER_BYTES + heapBytes / COLLECTOR_SHARE;
  }

  /** Formats that sum as text. */
  String residentSum() {
    return String.format(
        "%d MiB = heap %d + direct %d + metaspace, code, threads %d + collector %d",
        residentBytesMax() / MIB,
        heapBytes / MIB,
        DIRECT_BYTES / MIB,
        OTHER_BYTES / MIB,
        heapBytes / COLLECTOR_SHARE / MIB);
  }

  /** Returns whether the budgets must have room for all sensors and sessions that are asked for. */
  boolean everythingMustFit() {
    return heapBytes >= HEAP_MIB_OF_EVERYTHING * MIB;
  }
}
