package dev.weir.service.verify;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;

/** Folds one partition's records and compares. Owned by the verification. */
@OwnedBy("verification")
abstract class PartitionRecordCheck implements InspectedPartition.Records {
  private long records;
  private boolean damaged;

  @Override
  public Consumer<InspectedItem> begin(LogRange range, List<Checkpoint> checkpoints)
      throws IOException {
    start(range, checkpoints);
    return this::take;
  }

  private void take(InspectedItem item) {
    try {
      if (item instanceof InspectedItem.Stored stored) {
        records++;
        record(stored.record(), stored.place());
      } else if (item instanceof InspectedItem.Damaged lost) {
        damaged = true;
        lost(lost.range().fromOffset());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins with a partition's usable checkpoints, newest first. */
  abstract void start(LogRange range, List<Checkpoint> checkpoints) throws IOException;

  /** Takes the next record. */
  abstract void record(LogRecord record, String place) throws IOException;

  /** From an offset on records are missing. */
  abstract void lost(long fromOffset);

  /** Compares what is left at the log's end. */
  abstract void end(long endOffset);

  /** Records so far. */
  long records() {
    return records;
  }

  /** Returns whether some are missing. */
  boolean damaged() {
    return damaged;
  }
}
