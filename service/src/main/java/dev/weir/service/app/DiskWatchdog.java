package dev.weir.service.app;

import dev.weir.common.OwnedBy;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how long file calls take. While one of them has lasted {@code watchdog_warn_ms}, the disk
 * does not answer: health tells it, and the log when it begins and when it ends. Nothing is ended
 * because of it. Owned by the watcher.
 */
@OwnedBy("watcher")
final class DiskWatchdog implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(DiskWatchdog.class);

  private final Supplier<Collection<ServiceThread>> threads;
  private final LongSupplier clock;
  private final long warnMillis;
  private final Executor words;
  private long silentSince;
  private volatile boolean answers = true;

  /**
   * A watch of a disk that answers.
   *
   * @param threads all that may be in a file call
   * @param clock of the nanoseconds that file calls are noted with
   * @param warnMillis how long a file call may take
   * @param words logs, elsewhere; drops what it has no room for
   */
  DiskWatchdog(
      Supplier<Collection<ServiceThread>> threads,
      LongSupplier clock,
      long warnMillis,
      Executor words) {
    this.threads = threads;
    this.clock = clock;
    this.warnMillis = warnMillis;
    this.words = words;
  }

  /** Returns whether no file call takes too long. Any thread. */
  boolean answers() {
    return answers;
  }

  @Override
  public void run() {
    long now = clock.getAsLong();
    ServiceThread slowest = null;
    long longest = TimeUnit.MILLISECONDS.toNanos(warnMillis) - 1;
    for (ServiceThread thread : threads.get()) {
      long nanos = thread.currentFileNanos(now);
      if (nanos > longest) {
        slowest = thread;
        longest = nanos;
      }
    }
    if (answers == (slowest == null)) {
      return;
    }
    answers = slowest == null;
    if (answers) {
      long silentNanos = now - silentSince;
      words.execute(() -> tellAnswer(silentNanos));
    } else {
      silentSince = now - longest;
      ServiceThread waiting = slowest;
      long nanos = longest;
      words.execute(() -> tellSilence(waiting, nanos));
    }
  }

  private void tellSilence(ServiceThread waiting, long nanos) {
    logger.error(
        "The disk does not answer: a file call of thread {} has lasted {} ms (watchdog_warn_ms {});"
            + " {} is NOT_SERVING until it ends; it is at {}",
        waiting.getName(),
        TimeUnit.NANOSECONDS.toMillis(nanos),
        warnMillis,
        HealthReporter.DISK,
        waiting.stack());
  }

  private static void tellAnswer(long nanos) {
    logger.warn(
        "The disk answers again, {} ms after the first of the file calls that took too long began.",
        TimeUnit.NANOSECONDS.toMillis(nanos));
  }
}
