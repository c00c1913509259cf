package dev.weir.it.faults;

import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program: subscriptions to {@link BlobLoad}, either one per line or one to everything, that
 * check every reading and say how many came. Its counts are thread-safe.
 */
final class BlobSubscribers {
  private static final long SAY_EVERY_MILLIS = 100;
  private static final long CREDIT_BYTES = 1L << 30;

  private final AtomicLong received = new AtomicLong();
  private final AtomicLong missing = new AtomicLong();
  private final AtomicLong disconnects = new AtomicLong();

  private BlobSubscribers() {}

  /** Subscribes at a target to a topic: each line for itself, or everything at once. */
  public static void main(String... args) throws Exception {
    var program = new BlobSubscribers();
    boolean each = args[2].equals("each");
    int count = each ? BlobLoad.LINES : 1;
    CountDownLatch active = new CountDownLatch(count);
    ScheduledExecutorService teller = Executors.newSingleThreadScheduledExecutor();
    try (WeirClient client = WeirClient.connect(args[0])) {
      for (int line = 0; line < count; line++) {
        var check = program.new Check(active);
        var options =
            SubscriberOptions.builder(args[1])
                .fromEarliest()
                .onExpired(OnExpired.ON_EXPIRED_EARLIEST)
                .listener(check);
        if (each) {
          options.globs(BlobLoad.glob(line));
        } else {
          options.creditBytes(CREDIT_BYTES);
        }
        client.subscribe(options.build(), check).completion().whenComplete(BlobSubscribers::ended);
      }
      active.await();
      System.out.println("active");
      teller.scheduleAtFixedRate(program::tell, 0, SAY_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      while (System.in.read() >= 0) {
        // The test says nothing; its end is the end of this program.
      }
    } finally {
      teller.shutdown();
    }
  }

  private static void ended(Object end, Throwable failure) {
    System.out.println("ended " + (failure == null ? end : failure));
  }

  private void tell() {
    System.out.println("now " + received + " " + missing + " " + disconnects);
  }

  /** One subscription's readings; owned by its thread. */
  private final class Check implements ReadingHandler, SubscriberListener {
    private final CountDownLatch active;
    private final long[] next = new long[BlobLoad.SENSORS];
    private final boolean[] jumped = new boolean[BlobLoad.SENSORS];

    Check(CountDownLatch active) {
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
      received.incrementAndGet();
    }

    @Override
    public void onReading(Reading reading) {
      throw new IllegalStateException("not a BLOB: " + reading);
    }

    @Override
    public void onActive(SubscriptionStatus status) {
      active.countDown();
    }

    @Override
    public void onGap(Gap gap) {
      Arrays.fill(jumped, true);
      missing.addAndGet(gap.getReadings());
      System.out.println(
          "gap " + gap.getReason() + " " + gap.getReadings() + " bound=" + gap.getUpperBound());
    }

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      disconnects.incrementAndGet();
      System.out.println("disconnected " + cause.getMessage());
    }
  }
}
