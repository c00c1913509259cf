package dev.weir.service.partition;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.log.PartitionLog;
import java.util.ArrayList;
import java.util.List;

/**
 * A topic that is being served: its sensors and its partitions. Immutable; its parts are
 * thread-safe.
 *
 * @param info what it was created with
 * @param sensors its catalogue
 * @param partitions in order
 */
public record Topic(TopicInfo info, SensorCatalog sensors, List<Partition> partitions) {
  public Topic {
    partitions = List.copyOf(partitions);
  }

  /** The committed end of every partition. Positions of a later call are never before these. */
  public List<Position> heads() {
    List<Position> heads = new ArrayList<>(partitions.size());
    for (Partition partition : partitions) {
      heads.add(partition.tail().head());
    }
    return heads;
  }

  /** The committed end as a cursor. */
  public Cursor headCursor() {
    return Cursor.of(info.logId(), heads());
  }

  /** What a partition holds now, as cursors see it. */
  public LogRange range(int partition) {
    Partition asked = partitions.get(partition);
    PartitionLog log = asked.log();
    List<LogRange.Start> epochs = new ArrayList<>();
    for (PartitionLog.EpochStart start : log.epochs()) {
      epochs.add(new LogRange.Start(start.epoch(), start.firstOffset(), start.readingsBefore()));
    }
    Position head = asked.tail().head();
    return new LogRange(
        epochs,
        log.epoch(),
        log.startOffset(),
        log.startReadings(),
        head.offset(),
        head.readingsBefore());
  }
}
