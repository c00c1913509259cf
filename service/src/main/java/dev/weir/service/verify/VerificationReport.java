package dev.weir.service.verify;

import dev.weir.service.log.Flaw;
import dev.weir.service.log.PartitionId;

/** Told what a {@link Verification} finds, on its thread, as it finds it. */
public interface VerificationReport {
  /**
   * Something is wrong, or left over.
   *
   * @param topic the topic it is of; empty for none, or where nothing knows
   */
  void flaw(String topic, Flaw flaw);

  /** A partition was read to its end; what is wrong in it was told before. */
  void checked(PartitionSummary partition);

  /** A partition could not be read to its end, for another reason than damage. */
  void unread(PartitionId partition, Exception cause);
}
