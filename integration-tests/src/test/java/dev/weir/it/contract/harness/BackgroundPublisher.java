package dev.weir.it.contract.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Publishes numbers without a pause on a thread of its own, a batch at a time, each stored before
 * the next one. Thread-safe; what it publishes is its thread's until it has ended.
 */
public final class BackgroundPublisher implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final NumberedPublisher numbers;
  private final int batch;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile long[] stored;
  private volatile boolean stopping;

  /** Begins to publish batches of so many numbers to each partition. */
  public BackgroundPublisher(NumberedPublisher numbers, int batch) {
    this.numbers = numbers;
    this.batch = batch;
    this.stored = numbers.sent();
    Thread thread = new Thread(this::run, "steady-load");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (!stopping) {
        numbers.send(batch, batch).settle();
        stored = numbers.sent();
      }
      ended.complete(null);
    } catch (RuntimeException | Error failed) {
      ended.completeExceptionally(failed);
    }
  }

  /** The numbers of each partition that are known to be stored. */
  public long[] stored() {
    return stored.clone();
  }

  /** Waits until each partition has stored so many numbers more than now. */
  public void awaitMore(long count) {
    long[] from = stored;
    await(count + " more in each partition")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> ended.isDone() || reaches(from, count));
    assertThat(ended).as("the load goes on").isNotDone();
  }

  private boolean reaches(long[] from, long count) {
    long[] now = stored;
    for (int p = 0; p < now.length; p++) {
      if (now[p] < from[p] + count) {
        return false;
      }
    }
    return true;
  }

  /** Ends it after the batches under way, which are stored then. */
  public void end() {
    stopping = true;
    try {
      ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      throw new AssertionError("the load failed", failed);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while the load ends", stop);
    }
  }

  @Override
  public void close() {
    stopping = true;
  }
}
