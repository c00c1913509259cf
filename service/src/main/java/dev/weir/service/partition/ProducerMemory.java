package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerTable;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The bytes that a partition charges the catalogue for the producers it remembers: a new one takes
 * its bytes before it has a record in a round, and is refused where there is no room. Owned by the
 * partition's writer.
 */
@OwnedBy("partition writer")
final class ProducerMemory {
  /** The bytes charged for a producer that is remembered, about. */
  private static final long PRODUCER_BYTES = 250;

  private final SensorCatalog catalog;
  private final ProducerTable producers;

  /** Producers that this round may add, for whom there is room. */
  private final Set<String> added = new HashSet<>();

  private int reserved; // of these, how many take more than what was there before
  private long charged;

  /** Charges those that were folded from the log, whether or not there is room. */
  ProducerMemory(SensorCatalog catalog, ProducerTable producers) {
    this.catalog = catalog;
    this.producers = producers;
    settle();
  }

  /**
   * Takes room for a producer until {@link #settle}; one for whom another is forgotten takes none.
   * Returns why there is none, if so.
   */
  Optional<Fault> reserve(String producer) {
    if (producers.remembers(producer) || added.contains(producer)) {
      return Optional.empty();
    }
    if (producers.growth(added.size() + 1) > reserved) {
      Optional<Fault> full =
          catalog.tryHold(PRODUCER_BYTES, "one more producer. Use the id of a known one");
      if (full.isPresent()) {
        return full;
      }
      charged += PRODUCER_BYTES;
      reserved++;
    }
    added.add(producer);
    return Optional.empty();
  }

  /** Charges what is remembered now, behind the end of a round. */
  void settle() {
    added.clear();
    reserved = 0;
    long bytes = producers.remembered() * PRODUCER_BYTES;
    if (bytes != charged) {
      catalog.hold(bytes - charged);
      charged = bytes;
    }
  }
}
