package dev.weir.it.proof;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.SegmentEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Every record that was whole on disk when a server was dead: from then on its offset must never
 * mean anything else, and it may go only at the log's beginning, and only where something expires.
 * Owned by the audit.
 */
final class DiskRecords {
  private final AuditFindings complaints;
  private final Predicate<LogRecord> keptForEver;
  private final Map<PartitionId, TreeMap<Long, Integer>> known = new HashMap<>();
  private final Set<PartitionId> complete = new HashSet<>();
  private long tornTails;

  /**
   * Nothing was seen so far.
   *
   * @param keptForEver whether a record is of a topic in which nothing expires
   */
  DiskRecords(AuditFindings complaints, Predicate<LogRecord> keptForEver) {
    this.complaints = complaints;
    this.keptForEver = keptForEver;
  }

  /** Looks at a directory that no server has. */
  void look(Path data) throws IOException {
    for (InspectedPartition partition : SegmentEngine.inspect(data, new NioDataFiles())) {
      TreeMap<Long, Integer> found = new TreeMap<>();
      partition.forEach(item -> take(partition.id(), item, found));
      TreeMap<Long, Integer> before = known.getOrDefault(partition.id(), new TreeMap<>());
      compare(partition.id(), before, found);
      if (!found.isEmpty()) {
        known.put(partition.id(), found);
      } else if (!before.isEmpty()) { // all expired, and the log continues after it
        complaints.unless(
            endOf(partition) > before.lastKey(), "disk: %s: all records are gone", partition.id());
      }
    }
  }

  private static long endOf(InspectedPartition partition) throws IOException {
    InspectedPartition.Checked checked =
        partition.check(flaw -> {}, (range, checkpoints) -> item -> {});
    return checked == null ? -1 : checked.range().endOffset();
  }

  private void take(PartitionId partition, InspectedItem item, Map<Long, Integer> found) {
    if (item instanceof InspectedItem.Stored stored) {
      LogRecord record = stored.record();
      if (keptForEver.test(record)) {
        complete.add(partition);
      }
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
    } else if (item instanceof InspectedItem.Torn) {
      tornTails++;
    } else {
      complaints.add("disk: %s: damaged by a kill: %s", partition, item);
    }
  }

  private void compare(
      PartitionId partition,
      NavigableMap<Long, Integer> before,
      NavigableMap<Long, Integer> found) {
    NavigableMap<Long, Integer> mustBeThere = before;
    if (!complete.contains(partition)) {
      mustBeThere = found.isEmpty() ? new TreeMap<>() : before.tailMap(found.firstKey(), true);
    }
    mustBeThere.forEach(
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
