package dev.weir.it.faults;

import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.SubscriberListener;
import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Checks what one subscription to {@link BlobLoad} is handed: each sensor's numbers are
 * consecutive, unless a gap came, and the readings that came and those that gaps count are together
 * those published. Owned by the subscription's thread.
 */
final class BlobCheck implements ReadingHandler, SubscriberListener {
  private final Counts counts;
  private final Consumer<String> say;
  private final Runnable active;
  private final long[] next = new long[BlobLoad.SENSORS];
  private final boolean[] jumped = new boolean[BlobLoad.SENSORS];

  /** The counts of all checks of a program. Thread-safe. */
  static final class Counts {
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong missing = new AtomicLong();
    private final AtomicLong disconnects = new AtomicLong();

    /** Readings that came or that gaps count. */
    long accounted() {
      return received.get() + missing.get();
    }

    @Override
    public String toString() {
      return received + " " + missing + " " + disconnects;
    }
  }

  /**
   * @param say takes lines about what happens
   * @param active is called when the subscription begins, and after each reconnect
   */
  BlobCheck(Counts counts, Consumer<String> say, Runnable active) {
    this.counts = counts;
    this.say = say;
    this.active = active;
  }

  @Override
  public void onBlob(SensorInfo info, long timeNanos, byte[] value) {
    int sensor = BlobLoad.sensor(info.name());
    long number = BlobLoad.number(sensor, timeNanos, value);
    if (number < next[sensor] || (number > next[sensor] && !jumped[sensor])) {
      throw new IllegalStateException(
          info.name() + ": " + number + " (expected " + next[sensor] + ")");
    }
    next[sensor] = number + 1;
    jumped[sensor] = false;
    counts.received.incrementAndGet();
  }

  @Override
  public void onReading(Reading reading) {
    throw new IllegalStateException("not a BLOB: " + reading);
  }

  @Override
  public void onActive(SubscriptionStatus status) {
    active.run();
  }

  @Override
  public void onGap(Gap gap) {
    Arrays.fill(jumped, true);
    counts.missing.addAndGet(gap.getReadings());
    say.accept(
        "gap " + gap.getReason() + " " + gap.getReadings() + " bound=" + gap.getUpperBound());
  }

  @Override
  public void onDisconnected(WeirException cause, Duration retryIn) {
    counts.disconnects.incrementAndGet();
    say.accept("disconnected " + cause.getMessage());
  }
}
