package dev.weir.it.client;

import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;

/** Deliveries that the test finishes with by hand. Thread-safe. */
final class ManualAsyncHandler {
  private final List<CompletableFuture<Void>> stages = new ArrayList<>();
  private final List<String> cursors = new ArrayList<>();
  private int readings;

  synchronized CompletionStage<?> onReadings(List<Reading> delivery, String cursor) {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    stages.add(stage);
    cursors.add(cursor);
    readings += delivery.size();
    return stage;
  }

  synchronized int count() {
    return stages.size();
  }

  synchronized int readings() {
    return readings;
  }

  synchronized String cursor(int stage) {
    return cursors.get(stage);
  }

  void complete(int stage) {
    CompletableFuture<Void> future;
    synchronized (this) {
      future = stages.get(stage);
    }
    future.complete(null);
  }

  void await(int count) {
    Awaitility.await(count + " deliveries").until(() -> count() >= count);
  }
}
