package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import java.util.ArrayList;
import java.util.List;

/** The processes that a run has started and has to end. Owned by the runner's thread. */
final class StartedProcesses {
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Takes over something that was started, and returns it. */
  <T extends AutoCloseable> T add(T started) {
    open.add(started);
    return started;
  }

  /**
   * Ends everything, the newest first, also behind something that does not end.
   *
   * @param owner names in the message who started it
   */
  void close(String owner) throws BenchFailure {
    BenchFailure first = null;
    for (int i = open.size() - 1; i >= 0; i--) {
      try {
        open.get(i).close();
      } catch (Exception e) {
        if (first == null) {
          first = new BenchFailure(owner + " did not end cleanly", e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    open.clear();
    if (first != null) {
      throw first;
    }
  }

  /** Ends everything behind a failure, which keeps what goes wrong with that. */
  void closeAfter(Exception failure, String owner) {
    try {
      close(owner);
    } catch (BenchFailure e) {
      failure.addSuppressed(e);
    }
  }
}
