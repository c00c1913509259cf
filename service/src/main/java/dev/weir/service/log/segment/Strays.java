package dev.weir.service.log.segment;

import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Partitions on disk that no topic has: what a crash left of a topic that was being made holds
 * nothing and goes; what holds records stays, and is told. Stateless.
 */
final class Strays {
  private Strays() {}

  /**
   * Sweeps a data directory.
   *
   * @param known names of the logs that there are
   */
  static void sweep(Store store, Path dataDir, Set<String> known) {
    try {
      for (PartitionDirectory directory : PartitionDirectory.all(store.files(), dataDir)) {
        if (!known.contains(directory.partition().log())) {
          sweep(directory, store);
        }
      }
    } catch (IOException e) {
      tell(store.events(), dataDir + ": partitions of no topic were not looked for: " + e);
    }
  }

  private static void sweep(PartitionDirectory directory, Store store) {
    try {
      if (holdsNothing(directory, store.options())) {
        directory.delete();
        return;
      }
      tell(store.events(), directory.path() + " holds records, and no topic has it; it is left");
    } catch (IOException e) {
      tell(store.events(), directory.path() + " is of no topic, and is left: " + e);
    }
  }

  private static boolean holdsNothing(PartitionDirectory directory, SegmentOptions options)
      throws IOException {
    Findings found = Findings.of(directory, Findings.watermark(directory), options);
    return found == null
        || found.header() != null
            && found.synced().offset() == 0
            && found.scan().fileBytes() == found.header().bytes(); // offset 0, so the first
  }

  private static void tell(Consumer<SegmentEvent> events, String text) {
    events.accept(new SegmentEvent(SegmentEvent.Kind.LEFTOVER, PartitionId.SYSTEM, text));
  }
}
