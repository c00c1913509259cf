package dev.weir.it.faults;

import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.OnExpired;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A program: subscriptions to {@link BlobLoad}, either one per line or one to everything, that
 * check every reading and print how many came. Stateless.
 */
final class BlobSubscribers {
  private static final long SAY_EVERY_MILLIS = 100;
  private static final long CREDIT_BYTES = 1L << 30;

  private BlobSubscribers() {}

  /** Subscribes at a target to a topic: each line for itself, or everything at once. */
  public static void main(String... args) throws Exception {
    BlobCheck.Counts counts = new BlobCheck.Counts();
    boolean each = args[2].equals("each");
    int count = each ? BlobLoad.LINES : 1;
    CountDownLatch active = new CountDownLatch(count);
    ScheduledExecutorService teller = Executors.newSingleThreadScheduledExecutor();
    try (WeirClient client = WeirClient.connect(args[0])) {
      for (int line = 0; line < count; line++) {
        var check = new BlobCheck(counts, System.out::println, active::countDown);
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
      teller.scheduleAtFixedRate(
          () -> System.out.println("now " + counts), 0, SAY_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      while (System.in.read() >= 0) {
        // The test sends nothing; its end is the end of this program.
      }
    } finally {
      teller.shutdown();
    }
  }

  private static void ended(Object end, Throwable failure) {
    System.out.println("ended " + (failure == null ? end : failure));
  }
}
