package dev.weir.service.topic;

import java.util.List;

/**
 * A runner of the tasks that open the topics of a start, or make the partitions of a new topic:
 * side by side, or one after the other.
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
