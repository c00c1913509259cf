package dev.weir.service.tail;

/** A source that grows by commits, and tells its watchers of them. Thread-safe. */
public interface CommitSource {
  /** Tells somebody whenever it has grown, from now on. Any thread. */
  void watch(CommitWatcher watcher);
}
