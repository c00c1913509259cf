package dev.weir.service.core.credit;

import dev.weir.common.OwnedBy;
import java.util.OptionalLong;

/**
 * The credit of a subscription: the totals granted since it was added, and the totals charged.
 * Owned by the event loop of its session.
 *
 * <p>A grant is a total, never a difference, so one that is lost, repeated or late does no harm. A
 * delivery may start while both totals are above what was charged, and may overrun them by itself;
 * the overrun counts against later grants. No limit is the greatest total there is.
 */
@OwnedBy("event loop")
public final class SubscriptionCredit {
  /** The total that means no limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private long readingsTotal;
  private long bytesTotal;
  private long readingsCharged;
  private long bytesCharged;
  private boolean held;

  /**
   * Credit as given when the subscription was added.
   *
   * @param readingsTotal readings in all, at least 0, or {@link #UNLIMITED}
   * @param bytesTotal bytes in all, at least 0, or {@link #UNLIMITED}
   */
  public SubscriptionCredit(long readingsTotal, long bytesTotal) {
    grant(readingsTotal, bytesTotal);
  }

  /** Credit that holds nothing back. */
  public static SubscriptionCredit unlimited() {
    return new SubscriptionCredit(UNLIMITED, UNLIMITED);
  }

  /**
   * A total as it travels: an unsigned number that may be absent.
   *
   * @param present whether the field is there; absent means no limit
   * @param unsigned the field's bits
   */
  public static long total(boolean present, long unsigned) {
    return present && unsigned >= 0 ? unsigned : UNLIMITED;
  }

  /** Raises the totals; a total below one already given is ignored. */
  public void grant(long newReadingsTotal, long newBytesTotal) {
    readingsTotal = Math.max(readingsTotal, newReadingsTotal);
    bytesTotal = Math.max(bytesTotal, newBytesTotal);
  }

  /** Has it all wait for a quota, or no more. */
  public void hold(boolean hold) {
    held = hold;
  }

  /** Returns whether it waits for a quota. */
  public boolean isHeld() {
    return held;
  }

  /** Returns whether a delivery may start. */
  public boolean mayStart() {
    return !held && readingsCharged < readingsTotal && bytesCharged < bytesTotal;
  }

  /** Charges a delivery that was sent; neither number is negative. */
  public void charge(long readings, long bytes) {
    if (readings < 0 || bytes < 0) {
      throw new IllegalArgumentException("charge: " + readings + " readings, " + bytes + " bytes");
    }
    readingsCharged += readings;
    bytesCharged += bytes;
  }

  /** Readings left, 0 where overrun; empty: no limit. */
  public OptionalLong readingsLeft() {
    return left(readingsTotal, readingsCharged);
  }

  /** Bytes left, 0 where overrun; empty: no limit. */
  public OptionalLong bytesLeft() {
    return left(bytesTotal, bytesCharged);
  }

  private static OptionalLong left(long total, long charged) {
    return total == UNLIMITED
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, total - charged));
  }
}
