package dev.weir.service.app.connection;

import dev.weir.common.OwnedBy;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * One pass of an event loop over its connections that have something to read. All turns of a pass
 * have a stated time together, whatever one of them costs. Owned by the loop.
 */
@OwnedBy("event loop")
public final class ReadPass {
  /** All turns of a pass together. */
  static final long PASS_NANOS = 10_000_000;

  /** One turn at most, where there are few. */
  static final long TURN_NANOS_MAX = 1_000_000;

  /** One turn at least: a shorter one would be all overhead. */
  static final long TURN_NANOS_MIN = 50_000;

  private static final FastThreadLocal<ReadPass> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected ReadPass initialValue() {
          return new ReadPass();
        }
      };

  private int turns;
  private long turnNanos = TURN_NANOS_MAX;

  /** Returns the pass of the loop that asks. */
  public static ReadPass current() {
    return CURRENT.get();
  }

  /** The next pass begins: as many turns are expected as in the last one. */
  public void begin() {
    long each = PASS_NANOS / Math.max(1, turns);
    turnNanos = Math.max(TURN_NANOS_MIN, Math.min(TURN_NANOS_MAX, each));
    turns = 0;
  }

  /** A connection has its turn, which may take so long. */
  long turnNanos() {
    turns++;
    return turnNanos;
  }
}
