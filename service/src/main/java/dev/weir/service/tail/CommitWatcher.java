package dev.weir.service.tail;

import java.util.List;

/** Is told by a partition's writer that records were committed. Must be quick and never block. */
@FunctionalInterface
public interface CommitWatcher {
  /** New records are in the tail. Called as the partition's writer. */
  void committed();

  /** Returns whether somebody waits to be told, or was told and has not looked yet. Any thread. */
  default boolean waiting() {
    return false;
  }

  /** Returns whether anybody waits at any of these. Any thread. */
  static boolean anyWaiting(List<CommitWatcher> watchers) {
    for (CommitWatcher watcher : watchers) {
      if (watcher.waiting()) {
        return true;
      }
    }
    return false;
  }
}
