package dev.weir.service.tail;

/** What grows by commits, and tells of them. Thread-safe. */
public interface CommitSource {
  /** Tells somebody whenever it has grown, from now on. Any thread. */
  void watch(CommitWatcher watcher);
}
