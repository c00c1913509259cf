package dev.weir.service.core.fair;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * For whom something is done.
 *
 * @param turn what shares one turn, such as the address of a connection; compared by equals
 * @param wanted whether somebody still waits for what is done: false once the caller is gone or its
 *     deadline has passed, and then for good. Any thread asks, and it does not block.
 */
public record Caller(Object turn, BooleanSupplier wanted) {
  /** Somebody. */
  public Caller {
    Objects.requireNonNull(turn, "turn");
    Objects.requireNonNull(wanted, "wanted");
  }

  /** One that waits for ever. */
  public static Caller of(Object turn) {
    return new Caller(turn, () -> true);
  }

  /** Returns whether somebody still waits for what is done. */
  public boolean isWanted() {
    return wanted.getAsBoolean();
  }
}
