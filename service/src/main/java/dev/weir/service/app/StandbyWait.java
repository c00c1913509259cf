package dev.weir.service.app;

import dev.weir.common.OwnedBy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a server that starts waits for another one to leave its data directory. Owned by the
 * thread that starts it; used once.
 */
@OwnedBy("main thread")
public final class StandbyWait {
  private static final Logger logger = LoggerFactory.getLogger(StandbyWait.class);

  /** The time between two looks whether the directory is free. */
  private static final int LOOK_MILLIS = 50;

  private final Optional<Duration> longest;
  private long untilNanos;
  private boolean waiting;

  private StandbyWait(Optional<Duration> longest) {
    this.longest = longest;
  }

  /** It does not wait. */
  public static StandbyWait none() {
    return new StandbyWait(Optional.of(Duration.ZERO));
  }

  /** It waits as long as it takes. */
  public static StandbyWait unbounded() {
    return new StandbyWait(Optional.empty());
  }

  /** It waits so long. */
  public static StandbyWait of(Duration longest) {
    return new StandbyWait(Optional.of(longest));
  }

  /** Waits a moment; false if it has waited long enough. Says so when it begins to wait. */
  boolean await(Path dataDir) {
    if (longest.isPresent() && longest.get().isZero()) {
      return false;
    }
    if (!waiting) {
      waiting = true;
      untilNanos = System.nanoTime() + longest.orElse(Duration.ZERO).toNanos();
      logger.warn(
          "another server has {}: waiting for its end, {}",
          dataDir,
          longest.map(most -> "at most " + most.toSeconds() + " s").orElse("as long as it takes"));
    } else if (longest.isPresent() && System.nanoTime() - untilNanos >= 0) {
      return false;
    }
    try {
      Thread.sleep(LOOK_MILLIS);
      return true;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
