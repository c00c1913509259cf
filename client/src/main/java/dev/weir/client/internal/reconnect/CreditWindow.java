package dev.weir.client.internal.reconnect;

import dev.weir.client.internal.OwnedBy;

/**
 * The absolute totals that a subscription may be sent: what was handed over, plus the window. Owned
 * by the subscriber's thread.
 */
@OwnedBy("subscriber thread")
final class CreditWindow {
  /**
   * A new total is told when so large a part of the window was handed over: few, small messages.
   */
  private static final int TELL_PART = 4;

  private final long windowReadings;
  private final long windowBytes;

  private long usedReadings;
  private long usedBytes;
  private long toldReadings;
  private long toldBytes;

  CreditWindow(long windowReadings, long windowBytes) {
    this.windowReadings = windowReadings;
    this.windowBytes = windowBytes;
    restart();
  }

  /** A new session counts from zero. */
  void restart() {
    usedReadings = 0;
    usedBytes = 0;
    toldReadings = windowReadings;
    toldBytes = windowBytes;
  }

  /** A delivery was handed over; whether the new totals are to be told. */
  boolean charge(long readings, long bytes) {
    usedReadings += readings;
    usedBytes += bytes;
    boolean tell =
        readings() - toldReadings >= Math.max(1, windowReadings / TELL_PART)
            || bytes() - toldBytes >= Math.max(1, windowBytes / TELL_PART);
    if (tell) {
      toldReadings = readings();
      toldBytes = bytes();
    }
    return tell;
  }

  long readings() {
    return usedReadings + windowReadings;
  }

  long bytes() {
    return usedBytes + windowBytes;
  }
}
