package dev.weir.it.proof;

import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The content that the engine finds in a data directory: once as it was, then of each damaged copy,
 * compared. Owned by the audit.
 */
final class EngineContents {
  private final Path dataDir;
  private final Map<PartitionId, List<LogItem>> original;
  private final Map<PartitionId, Checkpoint> checkpoints = new LinkedHashMap<>();

  /** Reads the original. */
  EngineContents(Path dataDir, MemoryFiles files) throws IOException {
    this.dataDir = dataDir;
    original = inspected(files);
    recovered(files.copy(), checkpoints);
  }

  /** Returns the number of records. */
  long records() {
    return original.values().stream().mapToLong(List::size).sum();
  }

  /** Recovers a damaged copy, and complains about all that is not reported exactly. */
  void compare(MemoryFiles damaged, ByteFlip flip, AuditFindings complaints) {
    try {
      compare("inspected", inspected(damaged), flip, complaints);
      Map<PartitionId, Checkpoint> found = new LinkedHashMap<>();
      compare("recovered", recovered(damaged, found), flip, complaints);
      found.forEach((partition, checkpoint) -> compare(partition, checkpoint, flip, complaints));
    } catch (IOException | RuntimeException e) {
      complaints.add("%s: cannot be read: %s", flip, e);
    }
  }

  private Map<PartitionId, List<LogItem>> inspected(MemoryFiles files) throws IOException {
    Map<PartitionId, List<LogItem>> found = new LinkedHashMap<>();
    for (InspectedPartition partition : SegmentEngine.inspect(dataDir, files)) {
      List<LogItem> items = new ArrayList<>();
      partition.forEach(item -> items.add(item(item)));
      found.put(partition.id(), items);
    }
    return found;
  }

  private static LogItem item(InspectedItem inspected) {
    if (inspected instanceof InspectedItem.Stored stored) {
      return stored.record();
    } else if (inspected instanceof InspectedItem.Damaged damaged) {
      return damaged.range();
    }
    throw new IllegalStateException("taken for a torn tail: " + inspected);
  }

  private Map<PartitionId, List<LogItem>> recovered(
      MemoryFiles files, Map<PartitionId, Checkpoint> newest) throws IOException {
    Map<PartitionId, List<LogItem>> found = new LinkedHashMap<>();
    try (SegmentEngine engine =
        SegmentEngine.open(
            dataDir,
            files,
            SegmentOptions.defaults(),
            () -> 0,
            new Random(0),
            Runnable::run,
            event -> {})) {
      for (PartitionId id : original.keySet()) {
        PartitionLog log = engine.claim(id, false);
        log.checkpoint().ifPresent(checkpoint -> newest.put(id, checkpoint));
        List<LogItem> items = new ArrayList<>();
        try (LogReader reader = log.read(log.startOffset(), true)) {
          for (LogItem item = reader.next(); item != null; item = reader.next()) {
            items.add(item);
          }
        }
        found.put(id, items);
      }
    }
    return found;
  }

  private void compare(
      String how, Map<PartitionId, List<LogItem>> found, ByteFlip flip, AuditFindings complaints) {
    FileRegion region = flip.region();
    boolean told = false;
    for (Map.Entry<PartitionId, List<LogItem>> entry : original.entrySet()) {
      List<LogItem> items = found.getOrDefault(entry.getKey(), List.of());
      List<LogItem> expected = entry.getValue();
      complaints.unless(
          items.size() == expected.size(),
          "%s: %s: %s items of %s, expected %s",
          how,
          flip,
          items.size(),
          entry.getKey(),
          expected.size());
      for (int i = 0; i < Math.min(items.size(), expected.size()); i++) {
        boolean here = isHere(expected.get(i), region, entry.getKey());
        if (here && items.get(i) instanceof DamagedRange range) {
          told = true;
          requireExact(how, range, region.record(), flip, complaints);
        } else {
          complaints.unless(
              items.get(i).equals(expected.get(i)),
              "%s: %s: silent difference: %s instead of %s",
              how,
              flip,
              items.get(i),
              expected.get(i));
        }
      }
    }
    complaints.unless(
        told == (region.record() != null), "%s: %s: told of damage: %s", how, flip, told);
  }

  private static boolean isHere(LogItem item, FileRegion region, PartitionId partition) {
    return region.record() != null
        && partition.equals(region.partition())
        && ((LogRecord) item).offset() == region.record().offset();
  }

  private static void requireExact(
      String how, DamagedRange range, LogRecord lost, ByteFlip flip, AuditFindings complaints) {
    complaints.unless(
        range.fromOffset() == lost.offset()
            && range.nextOffset() == lost.nextOffset()
            && range.readings() == lost.readings(),
        "%s: %s: told of %s, lost is %s",
        how,
        flip,
        range,
        lost);
  }

  /** The newest one counts, or the one before it where the newest is damaged. */
  private void compare(
      PartitionId partition, Checkpoint found, ByteFlip flip, AuditFindings complaints) {
    boolean damaged = flip.region().purpose().startsWith("checkpoint");
    Checkpoint newest = checkpoints.get(partition);
    complaints.unless(
        damaged ? found.offset() <= newest.offset() : found.equals(newest),
        "%s: another checkpoint of %s: %s",
        flip,
        partition,
        found);
  }
}
