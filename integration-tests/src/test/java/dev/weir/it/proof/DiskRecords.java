package dev.weir.it.proof;

import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.Inspected;
import dev.weir.service.log.segment.InspectedPartition;
import dev.weir.service.log.segment.RealFiles;
import dev.weir.service.log.segment.SegmentEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Every record that was whole on disk when a server was dead: from then on its offset must never
 * mean anything else, and it may go only at the log's beginning. Owned by the audit.
 */
final class DiskRecords {
  private final Complaints complaints;
  private final Map<PartitionId, TreeMap<Long, Integer>> known = new HashMap<>();
  private long tornTails;

  DiskRecords(Complaints complaints) {
    this.complaints = complaints;
  }

  /** Looks at a directory that no server has. */
  void look(Path data) throws IOException {
    for (InspectedPartition partition : SegmentEngine.inspect(data, new RealFiles())) {
      TreeMap<Long, Integer> found = new TreeMap<>();
      partition.forEach(item -> take(partition.id(), item, found));
      TreeMap<Long, Integer> before =
          Objects.requireNonNullElse(known.put(partition.id(), found), new TreeMap<>());
      if (!before.isEmpty()) {
        compare(partition.id(), before, found);
      }
    }
  }

  private void take(PartitionId partition, Inspected item, Map<Long, Integer> found) {
    if (item instanceof Inspected.Stored stored) {
      LogRecord record = stored.record();
      found.put(
          record.offset(),
          Objects.hash(
              record.epoch(),
              record.appendTimeNanos(),
              record.producer(),
              record.producerEpoch(),
              record.sequence(),
              record.readingsBefore(),
              record.readings(),
              stored.checksum(),
              stored.bytes()));
    } else if (item instanceof Inspected.Torn) {
      tornTails++;
    } else {
      complaints.add("disk: %s: damaged by a kill: %s", partition, item);
    }
  }

  private void compare(
      PartitionId partition,
      NavigableMap<Long, Integer> before,
      NavigableMap<Long, Integer> found) {
    if (found.isEmpty()) {
      complaints.add("disk: %s: all records are gone", partition);
      return;
    }
    before
        .tailMap(found.firstKey())
        .forEach(
            (offset, hash) ->
                complaints.unless(
                    hash.equals(found.get(offset)),
                    "disk: %s: offset %s has become another record, or none",
                    partition,
                    offset));
  }

  /** Times that a partition ended in the middle of a record. */
  long tornTails() {
    return tornTails;
  }
}
