package dev.weir.service.core;

import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Errors that a future would keep to itself: they must reach the thread that runs tasks, where they
 * end the process. Stateless.
 */
public final class TaskErrors {
  private TaskErrors() {}

  /** Has an Error thrown by a task of its own; does nothing for exceptions. */
  public static void rethrow(Throwable failed, Consumer<Runnable> tasks) {
    Throwable cause = failed instanceof CompletionException ? failed.getCause() : failed;
    if (cause instanceof Error error) {
      tasks.accept(
          () -> {
            throw error;
          });
    }
  }
}
