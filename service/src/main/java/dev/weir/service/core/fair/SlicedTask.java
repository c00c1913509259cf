package dev.weir.service.core.fair;

/** Something to do for a caller, in slices of a few milliseconds unless it is lengthy. */
@FunctionalInterface
public interface SlicedTask {
  /**
   * Does one slice. Never called by two threads at once; each call sees what the one before wrote.
   *
   * @return whether more is to do; then the callers that wait have their turns first
   */
  boolean step();

  /** The caller is gone, and no further step follows. Called once, instead of a step. */
  default void dropped() {}

  /**
   * Returns whether a slice may take tens of milliseconds: all threads but one at most do such work
   * at a time. Always the same for one work.
   */
  default boolean isLengthy() {
    return false;
  }

  /** Work of one slice. */
  static SlicedTask once(Runnable task) {
    return () -> {
      task.run();
      return false;
    };
  }
}
