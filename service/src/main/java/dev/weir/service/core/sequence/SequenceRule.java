package dev.weir.service.core.sequence;

/**
 * The rule by which batches and publishers are judged against the entries that a partition
 * remembers. Stateless.
 */
public interface SequenceRule {
  /** The rule of the contract; another one is only for showing what audits see. */
  SequenceRule STRICT = SequenceCheck::of;

  /** As {@link SequenceCheck#of}. */
  SequenceCheck check(ProducerEntry entry, long epoch, long sequence);

  /** Returns whether a publisher of an epoch may not publish where another one is present. */
  default boolean fences(long epoch, long presentEpoch) {
    return epoch < presentEpoch;
  }
}
