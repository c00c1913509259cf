package dev.weir.client.internal.subscribe;

import dev.weir.common.OwnedBy;

/**
 * Counts the credit of a subscription in one unit. It counts over the subscription's life; a
 * session's totals are what goes beyond {@code base}, because every session counts from zero. Owned
 * by its ledger.
 */
@OwnedBy("its ledger")
final class CreditCounter {
  /**
   * The part of the window that must be finished before a new total is sent, so that messages are
   * few and small.
   */
  private static final int TELL_PART = 4;

  private final long window;

  private long requested;
  private long handed;
  private long finished;
  private long base;
  private long told;

  private CreditCounter(long window) {
    this.window = window;
  }

  /** So much may be under way before the handler has finished with what came earlier. */
  static CreditCounter managed(long window) {
    return new CreditCounter(window);
  }

  /** Only what was requested. */
  static CreditCounter byHand() {
    return new CreditCounter(0);
  }

  /** A new session begins after what was handed over; returns its total. */
  long open() {
    base = handed;
    return tell();
  }

  void request(long amount) {
    requested = amount > Long.MAX_VALUE - requested ? Long.MAX_VALUE : requested + amount;
  }

  void handed(long amount) {
    handed += amount;
  }

  void finished(long amount) {
    finished += amount;
  }

  /** Returns whether the total has grown enough to be sent. */
  boolean isDue() {
    return total() - told >= Math.max(1, window / TELL_PART);
  }

  /** Returns the total of this session, which counts as sent now. */
  long tell() {
    told = total();
    return told;
  }

  private long total() {
    long allowed = window == 0 ? requested : finished + window;
    return Math.max(0, allowed - base);
  }
}
