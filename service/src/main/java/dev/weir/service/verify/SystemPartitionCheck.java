package dev.weir.service.verify;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.SystemFold;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Checks the records of the system partition. Owned by the verification. */
@OwnedBy("verification")
final class SystemPartitionCheck extends PartitionRecordCheck {
  private final Consumer<? super Flaw> flaws;
  private SystemFold fold = new SystemFold();
  private boolean complete = true;
  private final List<Checkpoint> toCompare = new ArrayList<>(); // oldest first
  private long foldFrom;

  SystemPartitionCheck(Consumer<? super Flaw> flaws) {
    this.flaws = flaws;
  }

  @Override
  void start(LogRange range, List<Checkpoint> checkpoints) throws IOException {
    toCompare.addAll(checkpoints);
    toCompare.sort(Comparator.comparingLong(Checkpoint::offset));
    foldFrom = range.startOffset();
    if (foldFrom > 0 && !toCompare.isEmpty()) {
      Checkpoint oldest = toCompare.remove(0);
      fold.apply(oldest.state());
      foldFrom = oldest.offset();
    }
  }

  @Override
  void record(LogRecord record, String place) throws IOException {
    compare(record.offset());
    if (record.offset() >= foldFrom) {
      fold.apply(record.batch());
    }
  }

  /** Notes a loss: what is lost may have told of topics, which a checkpoint behind it knows. */
  @Override
  void lost(long fromOffset) {
    compare(fromOffset);
    complete = false;
  }

  @Override
  void end(long endOffset) {
    compare(endOffset);
  }

  private void compare(long offset) {
    for (Checkpoint checkpoint : toCompare) {
      if (checkpoint.offset() != offset) {
        continue;
      }
      SystemFold kept = new SystemFold();
      try {
        kept.apply(checkpoint.state());
      } catch (IOException e) {
        tell(offset, "cannot be read: " + e.getMessage());
        continue;
      }
      if (!complete) {
        fold = kept;
        complete = true;
      } else if (!kept.sameAs(fold)) {
        tell(offset, "has other topics or cursors than the records before it");
      }
    }
    toCompare.removeIf(checkpoint -> checkpoint.offset() <= offset);
  }

  private void tell(long offset, String text) {
    PartitionId id = PartitionId.SYSTEM;
    flaws.accept(
        new Flaw(
            Flaw.Kind.FOLD,
            id,
            null,
            id.toString(),
            "the checkpoint of offset " + offset + " " + text));
  }

  /** Returns whether nothing is missing in {@link #fold}. */
  boolean complete() {
    return complete;
  }

  /** The topics and cursors, as far as records and checkpoints tell. */
  SystemFold fold() {
    return fold;
  }
}
