package dev.weir.service.app;

import java.util.function.LongSupplier;

/** The server's clock: Unix nanoseconds that never go back while it runs. Thread-safe. */
final class ServerClock implements LongSupplier {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** Wall time read once, so that a jump of the wall clock moves nothing while the server runs. */
  private final long offsetNanos = System.currentTimeMillis() * NANOS_PER_MILLI - System.nanoTime();

  @Override
  public long getAsLong() {
    return offsetNanos + System.nanoTime();
  }

  /**
   * Returns the time by which the wall clock is ahead of this one by now; negative where it is
   * behind.
   */
  long wallAheadNanos() {
    return System.currentTimeMillis() * NANOS_PER_MILLI - getAsLong();
  }
}
