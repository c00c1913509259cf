package dev.weir.it.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Callers that share numbered tasks. Owned by the audit. */
final class ParallelCallers implements AutoCloseable {
  private final ExecutorService threads;
  private final int count;

  ParallelCallers(int count) {
    this.count = count;
    threads =
        Executors.newFixedThreadPool(
            count,
            task -> {
              Thread thread = new Thread(task, "scale-caller");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Does a task for each number, several at once; returns when all are done, or one has thrown. */
  void each(int numbers, IntConsumer task) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(
          threads.submit(
              () -> {
                for (int at = next.getAndIncrement(); at < numbers; at = next.getAndIncrement()) {
                  task.accept(at);
                }
              }));
    }
    for (Future<?> one : all) {
      try {
        one.get();
      } catch (ExecutionException failed) {
        next.set(numbers); // the others need not continue
        throw new IllegalStateException("a call failed", failed.getCause());
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
