package dev.weir.service.wire.columns;

/** Exact arithmetic on event times: whether {@code base + i * step + offset * unit} is 64 bits. */
public final class EventTimeArithmetic {
  /** Under 2^63 by more than the doubles in {@link #surelyFits} can be wrong. */
  private static final double SAFE = 9.2e18;

  private EventTimeArithmetic() {}

  /**
   * A quick test for a whole run: true only if every time fits.
   *
   * @param unit unsigned
   * @param offsetMagnitude no offset is greater, or less than its complement
   */
  public static boolean surelyFits(
      long base, int count, long step, long offsetMagnitude, long unit) {
    double unitMagnitude = unit >= 0 ? unit : 0x1p64;
    return Math.abs((double) base)
            + Math.abs((double) step) * count
            + ((double) offsetMagnitude + 1) * unitMagnitude
        < SAFE;
  }

  /** Returns whether one time fits, exactly, in 128 bits. */
  public static boolean fits(long base, long index, long step, long offset, long unit) {
    long low = index * step;
    long high = Math.multiplyHigh(index, step);
    long offsetLow = offset * unit;
    long offsetHigh = Math.multiplyHigh(offset, unit) + (unit < 0 ? offset : 0);
    long sumLow = low + offsetLow;
    high += offsetHigh + carry(low, sumLow);
    long timeLow = sumLow + base;
    high += (base >> 63) + carry(sumLow, timeLow);
    return high == timeLow >> 63;
  }

  private static int carry(long summand, long sum) {
    return Long.compareUnsigned(sum, summand) < 0 ? 1 : 0;
  }
}
