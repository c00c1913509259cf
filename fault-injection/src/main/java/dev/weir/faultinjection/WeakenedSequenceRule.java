package dev.weir.faultinjection;

import dev.weir.service.core.sequence.ProducerEntry;
import dev.weir.service.core.sequence.SequenceCheck;
import dev.weir.service.core.sequence.SequenceRule;

/**
 * The rule of producers without one of its halves, or both. Immutable.
 *
 * @param duplicates whether what was stored is known
 * @param epochs whether older epochs are refused
 */
record WeakenedSequenceRule(boolean duplicates, boolean epochs) implements SequenceRule {
  @Override
  public SequenceCheck check(ProducerEntry entry, long epoch, long sequence) {
    long asked = !epochs && entry != null ? Math.max(epoch, entry.epoch()) : epoch;
    SequenceCheck check = SequenceRule.STRICT.check(entry, asked, sequence);
    return !duplicates && check instanceof SequenceCheck.Duplicate
        ? new SequenceCheck.New()
        : check;
  }

  @Override
  public boolean fences(long epoch, long presentEpoch) {
    return epochs && SequenceRule.STRICT.fences(epoch, presentEpoch);
  }
}
