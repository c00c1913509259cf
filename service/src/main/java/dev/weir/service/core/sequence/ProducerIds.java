package dev.weir.service.core.sequence;

import java.util.Locale;

/** Names for producers that gave none. Stateless. Part of the durable format: logs hold them. */
public final class ProducerIds {
  private static final char MARK = '~';

  private ProducerIds() {}

  /** The id made of 64 random bits. */
  public static String madeUp(long randomBits) {
    return String.format(Locale.ROOT, "%c%016x", MARK, randomBits);
  }

  /** Returns whether the server made it up: such producers are forgotten first. */
  public static boolean isMadeUp(String id) {
    return !id.isEmpty() && id.charAt(0) == MARK;
  }
}
