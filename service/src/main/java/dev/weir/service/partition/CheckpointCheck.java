package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Folds a partition's records once more, from the log's beginning or from its oldest checkpoint,
 * and holds every other checkpoint against the result. Behind a damaged range nothing is compared
 * any more: whoever wrote the checkpoint may have read what is lost now. Owned by whoever checks.
 */
@OwnedBy("its maker")
public final class CheckpointCheck {
  /** A checkpoint, taken apart. */
  private static final class ParsedCheckpoint {
    final Checkpoint checkpoint;
    final SensorCatalog catalog;
    final ProducerTable producers = new ProducerTable(Integer.MAX_VALUE, Long.MAX_VALUE);
    final LastValuesFold values;
    final Position latest; // null for none
    boolean foldsDone;
    boolean latestDone;

    ParsedCheckpoint(Checkpoint checkpoint, int partition, int partitionCount) throws IOException {
      this.checkpoint = checkpoint;
      catalog = new SensorCatalog(partitionCount, Integer.MAX_VALUE);
      values = newValues(partition, partitionCount);
      latest = PartitionFold.read(checkpoint, partition, catalog, producers, values);
    }
  }

  private final int partition;
  private final Consumer<String> wrong;
  private final List<ParsedCheckpoint> kept = new ArrayList<>();
  private final SensorCatalog catalog;
  private final ProducerTable producers;
  private final LastValuesFold values; // null where nothing can be said of them
  private final StoredBatchCheck content;
  private final long foldFrom;
  private final long latestFrom;
  private boolean damaged;

  /**
   * Takes a partition's usable checkpoints.
   *
   * @param startOffset where the log begins
   * @param wrong told what does not fit, in words that follow the checkpoint's offset
   * @throws IOException if a newer Weir wrote a checkpoint
   */
  public CheckpointCheck(
      int partition,
      int partitionCount,
      long startOffset,
      List<Checkpoint> checkpoints,
      Consumer<String> wrong)
      throws IOException {
    this.partition = partition;
    this.wrong = wrong;
    List<Checkpoint> oldestFirst = new ArrayList<>(checkpoints);
    oldestFirst.sort(Comparator.comparingLong(Checkpoint::offset));
    for (Checkpoint checkpoint : oldestFirst) {
      kept.add(new ParsedCheckpoint(checkpoint, partition, partitionCount));
    }
    if (startOffset == 0 || kept.isEmpty()) {
      catalog = new SensorCatalog(partitionCount, Integer.MAX_VALUE);
      producers = new ProducerTable(Integer.MAX_VALUE, Long.MAX_VALUE);
      values = newValues(partition, partitionCount);
      foldFrom = startOffset;
      latestFrom = startOffset;
    } else {
      ParsedCheckpoint base = kept.remove(0);
      catalog = base.catalog;
      producers = base.producers;
      values = base.latest == null ? null : base.values;
      foldFrom = base.checkpoint.offset();
      latestFrom = base.latest == null ? Long.MAX_VALUE : base.latest.offset();
    }
    damaged = startOffset > 0 && checkpoints.isEmpty();
    content = new StoredBatchCheck(catalog, partition);
  }

  private static LastValuesFold newValues(int partition, int partitionCount) {
    return new LastValuesFold(
        partition, partitionCount, 0, new Budget("latest_bytes_max", 0)); // texts by their place
  }

  /**
   * Takes the next record.
   *
   * @return what is wrong with its batch; null for nothing
   */
  public String take(LogRecord record) throws IOException {
    compareBefore(record.offset());
    if (record.offset() >= foldFrom) {
      PartitionFold.apply(record, catalog, producers);
      producers.commit();
    }
    try {
      String problem = content.problem(record, damaged);
      if (values != null && record.offset() >= latestFrom && record.readings() > 0) {
        values.fold(record.batch(), record.offset());
      }
      return problem;
    } catch (IllegalStateException | IndexOutOfBoundsException e) {
      damaged = true; // nobody knows what others made of it
      return "its batch is not in the canonical form: " + e.getMessage();
    }
  }

  /** From here on records are missing. */
  public void lost(long fromOffset) {
    compareBefore(fromOffset);
    damaged = true;
  }

  /** Compares what is left at the log's end. */
  public void end(long endOffset) {
    compareBefore(endOffset);
  }

  private void compareBefore(long offset) {
    for (ParsedCheckpoint one : kept) {
      if (!damaged && !one.foldsDone && one.checkpoint.offset() == offset) {
        one.foldsDone = true;
        compareFolds(one);
      }
      if (!damaged
          && values != null
          && one.latest != null
          && !one.latestDone
          && one.latest.offset() == offset) {
        one.latestDone = true;
        compareValues(one);
      }
    }
  }

  private void compareFolds(ParsedCheckpoint one) {
    int count = catalog.count(partition);
    if (one.catalog.count(partition) != count) {
      tell(one, one.catalog.count(partition) + " sensors, the records make " + count);
      return;
    }
    for (int ordinal = 0; ordinal < count; ordinal++) {
      int id = ordinal * catalog.partitionCount() + partition;
      DefinedSensor sensor = one.catalog.byId(id);
      if (!Objects.equals(sensor, catalog.byId(id))) {
        tell(one, "sensor " + id + " as " + sensor + ", the records make " + catalog.byId(id));
        return;
      }
    }
    if (!one.producers.sameTimes(producers)) {
      tell(one, "other times for its producers than the records");
    }
    // The records' fold forgets nobody; so each one in the checkpoint is in it.
    one.producers.forEach(
        (id, entry) -> {
          if (!entry.equals(producers.entry(id))) {
            tell(
                one,
                "producer " + id + " as " + entry + ", the records make " + producers.entry(id));
          }
        });
  }

  private void compareValues(ParsedCheckpoint one) {
    LastValuesCut said = one.values.cut();
    LastValuesCut found = values.cut();
    for (int ordinal = 0; ordinal < Math.max(said.ordinals(), found.ordinals()); ordinal++) {
      if (!same(said, found, ordinal)) {
        tell(one, "another last value of sensor " + found.sensorId(ordinal) + " than the records");
        return;
      }
    }
  }

  private static boolean same(LastValuesCut said, LastValuesCut found, int ordinal) {
    if (!said.has(ordinal) || !found.has(ordinal)) {
      return said.has(ordinal) == found.has(ordinal);
    }
    return said.kind(ordinal) == found.kind(ordinal)
        && said.timeNanos(ordinal) == found.timeNanos(ordinal)
        && said.offset(ordinal) == found.offset(ordinal)
        && said.row(ordinal) == found.row(ordinal)
        && said.bits(ordinal) == found.bits(ordinal);
  }

  private void tell(ParsedCheckpoint one, String text) {
    wrong.accept("the checkpoint of offset " + one.checkpoint.offset() + " has " + text);
  }
}
