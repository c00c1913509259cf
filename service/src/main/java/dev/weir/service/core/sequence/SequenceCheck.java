package dev.weir.service.core.sequence;

/**
 * The result of the check whether a batch is the next one of its producer. Epochs are compared
 * before sequences.
 */
public sealed interface SequenceCheck {
  /** It is the next one: store it. */
  record New() implements SequenceCheck {}

  /** It had been stored before: acknowledge it once the original is committed. */
  record Duplicate() implements SequenceCheck {}

  /**
   * One before it is missing.
   *
   * @param expected the sequence that is next
   */
  record OutOfSequence(long expected) implements SequenceCheck {}

  /**
   * The producer has a greater epoch.
   *
   * @param presentEpoch that epoch
   */
  record Fenced(long presentEpoch) implements SequenceCheck {}

  /**
   * Checks a batch against what its partition remembers.
   *
   * @param entry what is remembered; null for nothing
   * @param epoch the batch's epoch, at least 1
   * @param sequence the batch's sequence, at least 1
   */
  static SequenceCheck of(ProducerEntry entry, long epoch, long sequence) {
    if (entry != null && epoch < entry.epoch()) {
      return new Fenced(entry.epoch());
    }
    long last = entry == null ? 0 : entry.lastSequence();
    if (sequence <= last) {
      return new Duplicate();
    }
    return sequence == last + 1 ? new New() : new OutOfSequence(last + 1);
  }
}
