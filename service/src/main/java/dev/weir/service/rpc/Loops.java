package dev.weir.service.rpc;

import dev.weir.service.core.Loop;

/** Finds the event loop of a call that is starting. Thread-safe. */
public interface Loops {
  /** The loop for a call started on this thread. */
  Loop current();
}
