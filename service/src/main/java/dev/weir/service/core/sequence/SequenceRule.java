package dev.weir.service.core.sequence;

/** How batches and publishers are judged against what a partition remembers. Stateless. */
public interface SequenceRule {
  /** The rule of the contract; another one is only for showing what audits see. */
  SequenceRule STRICT = SequenceCheck::of;

  /** As {@link SequenceCheck#of}. */
  SequenceCheck check(ProducerEntry entry, long epoch, long sequence);

  /** Whether a publisher of an epoch may not publish where another one is present. */
  default boolean fences(long epoch, long presentEpoch) {
    return epoch < presentEpoch;
  }
}
