package dev.weir.service.topic;

import java.util.List;

/**
 * How the topics of a start are opened, and the partitions of a new topic made: side by side, or
 * one after the other.
 */
@FunctionalInterface
public interface ParallelTasks {
  /**
   * Runs tasks, some of them at once, and returns when all that were begun have ended. Blocks.
   * Throws what one of them threw; then the others may not have been begun.
   */
  void run(List<Runnable> tasks);

  /** One after the other, on the caller's thread. */
  static ParallelTasks oneByOne() {
    return tasks -> tasks.forEach(Runnable::run);
  }
}
