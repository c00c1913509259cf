package dev.weir.client.internal.batch;

import dev.weir.client.BatchAck;
import dev.weir.client.WeirException;
import java.util.concurrent.CompletableFuture;

/**
 * What is owed for one batch: the future that users share, and one of our own that they cannot
 * complete (with {@code orTimeout} or {@code cancel}), so that flush waits for the server only.
 * Thread-safe.
 */
public final class Promise {
  private final CompletableFuture<BatchAck> ack = new CompletableFuture<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** The users' future. */
  public CompletableFuture<BatchAck> ack() {
    return ack;
  }

  /** Completes behind the users' future, when the batch is stored or failed. */
  public CompletableFuture<Void> settled() {
    return settled;
  }

  /** The batch is stored. */
  public void keep(BatchAck stored) {
    ack.complete(stored);
    settled.complete(null);
  }

  /** Nothing of the batch is stored. */
  public void fail(WeirException cause) {
    ack.completeExceptionally(cause);
    settled.completeExceptionally(cause);
  }
}
