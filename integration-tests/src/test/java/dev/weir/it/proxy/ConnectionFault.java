package dev.weir.it.proxy;

import java.util.Random;

/**
 * The fault of a connection, once so many messages that matter have come. Immutable.
 *
 * @param kind the kind of fault
 * @param afterMessages it begins with this one, counted from 1
 * @param amount how much of it: messages, or bytes that drip
 * @param back how much of the message does not arrive where it begins, in per mille
 * @param reset whether the end is a reset (RST), not a farewell (FIN)
 */
public record ConnectionFault(Kind kind, int afterMessages, int amount, int back, boolean reset) {
  private static final int DRIP_BYTES_MAX = 100;
  private static final int WHOLE = 1_000;

  /** The fault before the connection ends. */
  public enum Kind {
    /** It ends in the middle of the message, or right after it. */
    CUT,
    /** The server's data vanishes; the server still hears. */
    ATE_ANSWERS,
    /** A connection on which no byte moves while others move on; then it ends, or continues. */
    STALLED,
    /** Everything vanishes on both sides, which think that they are connected. */
    HALF_OPEN,
    /** Byte by byte. */
    DRIPPED
  }

  /**
   * Some harm.
   *
   * @param afterMax most messages that come before it
   * @param amountMax most messages that it lasts
   */
  public static ConnectionFault random(Random random, int afterMax, int amountMax) {
    Kind[] kinds = Kind.values();
    Kind kind = kinds[random.nextInt(kinds.length)];
    int most = kind == Kind.DRIPPED ? DRIP_BYTES_MAX : amountMax;
    return new ConnectionFault(
        kind,
        1 + random.nextInt(afterMax),
        1 + random.nextInt(most),
        random.nextInt(WHOLE + 1),
        random.nextBoolean());
  }

  /** Returns whether a stall ends with the connection. */
  boolean endsStall() {
    return back % 2 == 0;
  }

  /** Returns how many of so many bytes do not arrive. */
  long back(long bytes) {
    return bytes * back / WHOLE;
  }

  ConnectionFault instead(Kind other) {
    return new ConnectionFault(other, afterMessages, amount, back, reset);
  }
}
