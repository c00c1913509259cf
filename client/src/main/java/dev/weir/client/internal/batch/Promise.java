package dev.weir.client.internal.batch;

import dev.weir.client.BatchAck;
import dev.weir.client.WeirException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What is owed for one batch: the futures that users share, and one of our own that they cannot
 * complete (with {@code orTimeout} or {@code cancel}), so that flush waits for the server only.
 *
 * <p>Sensors that the server had not accepted when they were published have a future each, so that
 * a refusal takes no others with it; all the rest share one. Owned like its batch until that is
 * encoded; from then on the futures are read by any thread and completed by the callback thread.
 */
public final class Promise {
  /** The share of all readings whose sensors have no future of their own. */
  public static final int SHARED = -1;

  private final CompletableFuture<BatchAck> ack = new CompletableFuture<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** By slot; null in nearly all batches. */
  private Map<Integer, CompletableFuture<BatchAck>> apart;

  private WeirException refused;

  /** The users' future of all who share it. */
  public CompletableFuture<BatchAck> ack() {
    return ack;
  }

  /** The users' future of one sensor alone, made when it is first asked for. */
  CompletableFuture<BatchAck> ackApart(int slot) {
    if (apart == null) {
      apart = new HashMap<>();
    }
    return apart.computeIfAbsent(slot, key -> new CompletableFuture<>());
  }

  /** Which future the readings of a sensor have: the sensor's own slot, or {@link #SHARED}. */
  public int shareOf(int slot) {
    return apart != null && apart.containsKey(slot) ? slot : SHARED;
  }

  /** Completes behind the users' futures, when the batch is stored or failed. */
  public CompletableFuture<Void> settled() {
    return settled;
  }

  /** The batch is stored, but for the shares that were refused. */
  public void keep(BatchAck stored) {
    ack.complete(stored);
    if (apart != null) {
      apart.values().forEach(own -> own.complete(stored));
    }
    if (refused == null) {
      settled.complete(null);
    } else {
      settled.completeExceptionally(refused);
    }
  }

  /** Nothing of one share is stored; the others are not settled by this. */
  public void refuse(int share, WeirException cause) {
    refused = cause;
    (share == SHARED ? ack : apart.get(share)).completeExceptionally(cause);
  }

  /** Nothing of the batch is stored. */
  public void fail(WeirException cause) {
    ack.completeExceptionally(cause);
    if (apart != null) {
      apart.values().forEach(own -> own.completeExceptionally(cause));
    }
    settled.completeExceptionally(cause);
  }
}
