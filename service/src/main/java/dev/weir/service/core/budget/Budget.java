package dev.weir.service.core.budget;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * An account of something that many hold together, such as bytes of memory. Nobody is promised a
 * part of it: each may hold as much as is free, so that those who hold much are cut short first,
 * and who holds little finds room. (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions
 * on Networking, 1998.) Every {@link #take} and successful {@link #tryTake} has one {@link
 * #giveBack}. Thread-safe.
 */
public final class Budget {
  private final String name;
  private final String unit;
  private final LongSupplier max;
  private final AtomicLong used = new AtomicLong();
  private final LongAdder refusals = new LongAdder();

  /** A budget of bytes with a fixed bound, of which nothing is used yet. */
  public Budget(String name, long bytesMax) {
    this(name, "bytes", () -> bytesMax);
  }

  /**
   * A budget of which nothing is used yet.
   *
   * @param name of the limit that sets it, as operators and refused peers are told it
   * @param unit what is counted, such as "bytes"
   * @param max how much there is now; may change, must not block
   */
  public Budget(String name, String unit, LongSupplier max) {
    this.name = name;
    this.unit = unit;
    this.max = max;
  }

  /** The name of its limit. */
  public String name() {
    return name;
  }

  /** Returns the unit of the budget, such as "bytes". */
  public String unit() {
    return unit;
  }

  /** Returns the size of the budget now. */
  public long max() {
    return max.getAsLong();
  }

  /** Returns how much is held. */
  public long used() {
    return used.get();
  }

  /** Returns how often something was refused because of it. */
  public long refusals() {
    return refusals.sum();
  }

  /** Holds more, more than there is if it must be. */
  public void take(long more) {
    used.addAndGet(more);
  }

  /** Holds more where so much is free; otherwise holds nothing more and counts a refusal. */
  public boolean tryTake(long more) {
    boolean taken = takeIfFree(more);
    if (!taken) {
      refused();
    }
    return taken;
  }

  /** The same for those who are served in any case, or count the refusal themselves. */
  public boolean takeIfFree(long more) {
    if (used.addAndGet(more) <= max()) {
      return true;
    }
    used.addAndGet(-more);
    return false;
  }

  /** Something was refused because of it. To be said once of each refusal that names it. */
  public void refused() {
    refusals.increment();
  }

  /** Holds so much less. */
  public void giveBack(long less) {
    used.addAndGet(-less);
  }

  /** Returns whether so much more is not left. */
  public boolean lacks(long more) {
    return used.get() + more > max();
  }

  /** Returns whether nine tenths are used, from where on nothing new is admitted. */
  public boolean isNearlyUsed() {
    return used.get() > max() / 10 * 9;
  }

  /**
   * Returns how much one of its holders may hold now.
   *
   * @param least what each may hold, whatever the others do
   * @param most what one may hold, however much is free
   */
  public long share(long least, long most) {
    return Math.max(least, Math.min(most, max() - used.get()));
  }
}
