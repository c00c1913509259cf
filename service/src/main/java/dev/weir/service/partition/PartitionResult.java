package dev.weir.service.partition;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.core.fault.Fault;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The result of a request to a partition. What is stored is committed. */
public sealed interface PartitionResult {
  /**
   * The batch is stored.
   *
   * @param duplicate it had been stored before
   * @param readings how many are stored; 0 for a duplicate
   * @param bindings ids of the sensors it named
   */
  record Stored(boolean duplicate, int readings, List<DefinedSensor> bindings)
      implements PartitionResult {}

  /**
   * Sensors are defined, except those with a fault.
   *
   * @param bindings the defined ones
   * @param faults by index in the request
   */
  record Defined(List<DefinedSensor> bindings, Map<Integer, Fault> faults)
      implements PartitionResult {}

  /**
   * The session is the producer's newest here.
   *
   * @param lastSequence the producer's last committed sequence; 0 for none
   * @param stopped how it stands with a partition that takes nothing before a restart
   */
  record Opened(long lastSequence, Optional<Stopped> stopped) implements PartitionResult {
    /** In a partition that takes batches. */
    public Opened(long lastSequence) {
      this(lastSequence, Optional.empty());
    }
  }

  /**
   * A partition that takes nothing before a restart, as a producer sees it.
   *
   * @param why it takes nothing
   * @param inDoubtThrough sequences behind the last committed one, up to this one, may be stored or
   *     not; 0 for none
   * @param hasEpoch the session's epoch is a record there
   */
  record Stopped(Fault why, long inDoubtThrough, boolean hasEpoch) {}

  /**
   * Nothing is stored.
   *
   * @param fault why
   * @param rows indexes of wrong readings; empty for the batch as a whole
   * @param expectedSequence the next sequence of the producer; 0 without one
   */
  record Rejected(Fault fault, List<Integer> rows, long expectedSequence)
      implements PartitionResult {}

  /**
   * Nobody knows whether it is stored, or at which sequence its producer goes on, before a restart.
   *
   * @param fault why
   * @param notStored why nothing of this request is stored, where that much is known
   */
  record Unknown(Fault fault, Optional<Fault> notStored) implements PartitionResult {
    /** Nobody knows whether it is stored. */
    public Unknown(Fault fault) {
      this(fault, Optional.empty());
    }
  }
}
