package dev.weir.service.topic;

import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.core.TaskErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of deleted topics that are being deleted, for which a stop waits: no thread is at the
 * disk behind it. What it does not come to is deleted by the next start. Thread-safe.
 */
final class PendingLogDeletions {
  private static final Logger logger = LoggerFactory.getLogger(PendingLogDeletions.class);

  private final TopicCleaner cleanup;
  private final Executor background;
  private CompletableFuture<?> ended = CompletableFuture.completedFuture(null); // guarded by this

  PendingLogDeletions(TopicCleaner cleanup, Executor background) {
    this.cleanup = cleanup;
    this.background = background;
  }

  /** Deletes the log of a topic that is not served, on a background thread. */
  void begin(TopicInfo info) {
    begin(info, CompletableFuture.completedFuture(null), () -> {});
  }

  /**
   * Deletes the log of a topic, on a background thread, once its partitions are closed.
   *
   * @param closed completes then, however that went
   */
  void begin(ServedTopic topic, TopicInfo info, CompletableFuture<Void> closed) {
    begin(info, closed, topic::release);
  }

  private void begin(TopicInfo info, CompletableFuture<Void> closed, Runnable release) {
    CompletableFuture<Void> deleted =
        closed.handleAsync(
            (done, failed) -> {
              if (failed != null) {
                logger.warn(
                    "Topic {} was deleted, but its partitions could not be closed.",
                    info.name(),
                    failed);
              }
              purge(info, release);
              return null;
            },
            background);
    synchronized (this) {
      ended = CompletableFuture.allOf(ended, deleted.handle((done, failed) -> null));
    }
  }

  private void purge(TopicInfo info, Runnable release) {
    try {
      try {
        release.run();
      } finally {
        cleanup.purge(info);
      }
    } catch (Error fatal) { // the future would keep it to itself
      TaskErrors.rethrow(fatal, background::execute);
      throw fatal;
    }
  }

  /** Completes when those that are under way now have ended, however that went. */
  synchronized CompletableFuture<?> ended() {
    return ended;
  }
}
