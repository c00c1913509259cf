package dev.weir.service.verify;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.partition.CheckpointCheck;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Checks the records of a topic's partition. Owned by the verification. */
@OwnedBy("verification")
final class TopicPartitionCheck extends PartitionRecordCheck {
  private final PartitionId id;
  private final int partitionCount;
  private final Consumer<? super Flaw> flaws;
  private CheckpointCheck folds; // null where no topic says how many partitions there are

  /**
   * @param partitionCount of the topic; 0 where that is unknown
   */
  TopicPartitionCheck(PartitionId id, int partitionCount, Consumer<? super Flaw> flaws) {
    this.id = id;
    this.partitionCount = partitionCount;
    this.flaws = flaws;
  }

  @Override
  void start(LogRange range, List<Checkpoint> checkpoints) throws IOException {
    if (partitionCount > 0) {
      folds =
          new CheckpointCheck(
              id.partition(),
              partitionCount,
              range.startOffset(),
              checkpoints,
              text -> flaws.accept(new Flaw(Flaw.Kind.FOLD, id, null, id.toString(), text)));
    }
  }

  @Override
  void record(LogRecord record, String place) throws IOException {
    String problem = folds == null ? null : folds.take(record);
    if (problem != null) {
      String text = "the record of offset " + record.offset() + " verifies, but " + problem;
      flaws.accept(new Flaw(Flaw.Kind.CONTENT, id, null, place, text));
    }
  }

  @Override
  void lost(long fromOffset) {
    if (folds != null) {
      folds.lost(fromOffset);
    }
  }

  @Override
  void end(long endOffset) {
    if (folds != null) {
      folds.end(endOffset);
    }
  }
}
