package dev.weir.it.client;

import static org.awaitility.Awaitility.await;

import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A reactive subscriber that requests readings only when the test calls for them. Thread-safe. */
final class ManualFlowSubscriber implements Flow.Subscriber<Reading> {
  final CompletableFuture<Void> completed = new CompletableFuture<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final List<Double> values = new ArrayList<>();

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription.complete(given);
  }

  @Override
  public synchronized void onNext(Reading reading) {
    values.add(reading.getDouble());
  }

  @Override
  public void onError(Throwable failure) {
    completed.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    completed.complete(null);
  }

  void request(long readings) {
    subscription.join().request(readings);
  }

  void cancel() {
    subscription.join().cancel();
  }

  synchronized double[] values() {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private int count() {
    return values().length;
  }

  void awaitCount(int readings) {
    await(readings + " readings").until(() -> count() >= readings);
  }
}
