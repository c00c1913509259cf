package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.sequence.ProducerEntry;
import dev.weir.service.core.sequence.ProducerTable;
import java.util.HashMap;
import java.util.Map;

/**
 * The newest session of each producer in one partition, and the producers of whom nobody knows
 * where they stand because the round that stopped the partition may be stored or not. What a round
 * changes is provisional until it is settled. Owned by the partition's writer.
 */
@OwnedBy("partition writer")
final class ProducerSessions {
  private static final ProducerEntry NOTHING = new ProducerEntry(0, 0, 0);

  private final ProducerTable producers;
  private final Map<String, ProducerSession> publishers = new HashMap<>();

  /** The sessions that become the newest of their producers with this round. */
  private final Map<String, ProducerSession> opening = new HashMap<>();

  /**
   * The producers with a batch or an epoch in the round that stopped the partition, as it left
   * them.
   */
  private final Map<String, ProducerEntry> inDoubt = new HashMap<>();

  ProducerSessions(ProducerTable producers) {
    this.producers = producers;
  }

  /** The newest session of a producer, this round's included; null for none. */
  ProducerSession newest(String producer) {
    ProducerSession provisional = opening.get(producer);
    return provisional == null ? publishers.get(producer) : provisional;
  }

  /** The epoch of the newest session of a producer, this round's included; 0 for none. */
  long newestEpoch(String producer) {
    ProducerSession newest = newest(producer);
    return newest == null ? 0 : newest.epoch();
  }

  /**
   * Makes a session the newest of its producer with this round; returns the one before, or null.
   */
  ProducerSession open(ProducerSession publisher) {
    String producer = publisher.producer();
    ProducerSession older = newest(producer);
    opening.put(producer, publisher);
    if (older == null) {
      producers.opened(producer);
    }
    return older;
  }

  void leave(ProducerSession publisher) {
    String producer = publisher.producer();
    boolean wasOpening = opening.remove(producer, publisher);
    boolean wasOpen = publishers.remove(producer, publisher);
    if ((wasOpening || wasOpen) && newest(producer) == null) {
      producers.closed(producer);
    }
  }

  /** This round is stored. */
  void commit() {
    publishers.putAll(opening);
    opening.clear();
  }

  /** This round is not stored. */
  void rollback() {
    for (String producer : opening.keySet()) {
      if (!publishers.containsKey(producer)) {
        producers.closed(producer);
      }
    }
    opening.clear();
  }

  /** This round may be stored or not; the sessions that it opened are open all the same. */
  void doubt() {
    inDoubt.putAll(producers.changed());
    commit();
  }

  /** The greatest epoch that a producer has here, or may have. */
  long greatestEpoch(String producer) {
    return Math.max(producers.epoch(producer), inDoubt.getOrDefault(producer, NOTHING).epoch());
  }

  /** Numbers behind the committed ones, up to this one, may be stored or not; 0 for none. */
  long inDoubtThrough(String producer) {
    if (inDoubt.isEmpty()) {
      return 0;
    }
    long through = inDoubt.getOrDefault(producer, NOTHING).lastSequence();
    return through > producers.committedLast(producer) ? through : 0;
  }

  /** Returns whether a batch may be stored, which nobody knows before a restart. */
  boolean isInDoubt(PartitionRequest.Append append) {
    return !inDoubt.isEmpty()
        && append.sequence() <= inDoubtThrough(append.producer())
        && append.sequence() > producers.committedLast(append.producer());
  }
}
