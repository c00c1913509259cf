package dev.weir.client;

import dev.weir.v1.CommittedCursor;

/**
 * The committed cursors of one topic's durable subscriptions. Thread-safe; each call blocks, with
 * the deadline and retries of the contract, and throws {@link WeirException}.
 */
public interface Cursors {
  /** Returns all of them by name, fetched page by page while iterating. */
  Iterable<CommittedCursor> list();

  /**
   * Returns the one of that name; CURSOR_NOT_FOUND where there is none.
   *
   * @throws IllegalArgumentException for an empty name
   */
  CommittedCursor get(String name);

  /**
   * Moves a committed cursor, forward only.
   *
   * @return the cursor now committed: in each partition the later of this one and the one before
   */
  String commit(String name, String cursor);

  /** Forgets a committed cursor; CURSOR_NOT_FOUND where there is none. */
  void delete(String name);
}
