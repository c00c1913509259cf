package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.log.AppendOutcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator how the rounds of one partition end, where that changes. Owned by the
 * partition's writer.
 */
@OwnedBy("partition writer")
final class CommitRoundOutcomeLogger {
  private static final Logger logger = LoggerFactory.getLogger(CommitRoundOutcomeLogger.class);

  private final String partition;
  private boolean stopped;
  private boolean refusing; // the last round was not stored

  /**
   * @param partition its name
   */
  CommitRoundOutcomeLogger(String partition) {
    this.partition = partition;
  }

  void tell(AppendOutcome outcome, int records) {
    if (outcome instanceof AppendOutcome.Unknown unknown && !stopped) {
      stopped = true;
      logger.error(
          "Partition {} stopped: whether its last batches are stored shows only after a restart."
              + " Check the disk, then restart the server.",
          partition,
          unknown.cause());
    } else if (outcome instanceof AppendOutcome.NotStored failed && !refusing) {
      refusing = true;
      logger.warn(
          "Partition {} could not store {} records: {}. The server rejected them, and tries again"
              + " with the next ones. This line is not repeated until the partition stores again.",
          partition,
          records,
          failed.cause().toString());
    } else if (outcome instanceof AppendOutcome.Committed && records > 0 && refusing) {
      refusing = false;
      logger.info("Partition {} stores again.", partition);
    }
  }
}
