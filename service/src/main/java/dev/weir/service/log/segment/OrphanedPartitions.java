package dev.weir.service.log.segment;

import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.recovery.PartitionScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Partitions on disk that no topic has: what a crash left of a topic that was being made holds
 * nothing and goes; what holds records stays, and is told. Stateless.
 */
final class OrphanedPartitions {
  private OrphanedPartitions() {}

  /**
   * Sweeps a data directory.
   *
   * @param known names of the logs that there are
   */
  static void sweep(EngineContext store, Path dataDir, Set<String> known) {
    try {
      Map<String, List<PartitionDirectory>> strays = new TreeMap<>();
      for (PartitionDirectory directory :
          PartitionDirectory.unknown(store.files(), dataDir, known)) {
        strays
            .computeIfAbsent(directory.partition().log(), any -> new ArrayList<>())
            .add(directory);
      }
      strays.values().forEach(log -> sweep(log, store));
    } catch (IOException e) {
      tell(store.events(), dataDir + ": partitions of no topic were not looked for: " + e);
    }
  }

  /** All of a log or none: a topic that is known again must not lack those that were empty. */
  private static void sweep(List<PartitionDirectory> log, EngineContext store) {
    Path path = log.get(0).path().getParent();
    try {
      for (PartitionDirectory directory : log) {
        if (!holdsNothing(directory, store.options())) {
          tell(store.events(), path + " holds records, and no topic has it; it is left");
          return;
        }
      }
      for (PartitionDirectory directory : log) {
        directory.delete();
      }
    } catch (IOException e) {
      tell(store.events(), path + " is of no topic, and is left: " + e);
    }
  }

  private static boolean holdsNothing(PartitionDirectory directory, SegmentOptions options)
      throws IOException {
    PartitionScan found = PartitionScan.of(directory, PartitionScan.watermark(directory), options);
    return found == null
        || found.header() != null
            && found.synced().offset() == 0
            && found.scan().fileBytes() == found.header().bytes(); // offset 0, so the first
  }

  private static void tell(Consumer<SegmentEvent> events, String text) {
    events.accept(new SegmentEvent(SegmentEvent.Kind.LEFTOVER, PartitionId.SYSTEM, text));
  }
}
