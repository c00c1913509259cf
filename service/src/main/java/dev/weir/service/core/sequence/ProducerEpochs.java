package dev.weir.service.core.sequence;

/** The bounds of the epochs of producers. Stateless. */
public final class ProducerEpochs {
  /**
   * The greatest epoch that a producer may have: more than a million below the end of the number,
   * so that no epoch plus one overflows, whatever older logs hold.
   */
  public static final long MAX = Long.MAX_VALUE - 1_000_001;

  private ProducerEpochs() {}

  /**
   * Returns whether a number is none that a producer may have; those from 2^63 on are negative
   * here.
   */
  public static boolean isBeyond(long epoch) {
    return epoch < 0 || epoch > MAX;
  }
}
