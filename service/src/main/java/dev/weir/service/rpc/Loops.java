package dev.weir.service.rpc;

import dev.weir.common.Loop;

/** Finds the event loop of a call that is starting. Thread-safe. */
public interface Loops {
  /** The loop for a call started on this thread. */
  Loop current();

  /**
   * Returns whether the callbacks of a call come on its loop by themselves; others have to be
   * posted.
   */
  boolean carryCallbacks();
}
