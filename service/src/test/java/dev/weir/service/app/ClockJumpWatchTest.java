package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A2: what is told of a wall clock that jumps while the server goes by its own. */
class ClockJumpWatchTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();

  @Test
  void wallClockThatJumps_isToldOncePerJump_inBothDirections() {
    AtomicLong wallAhead = new AtomicLong();
    ClockJumpWatch watch = new ClockJumpWatch(wallAhead::get);
    for (long ahead : new long[] {0, 1_000_000_000L, HOUR, HOUR + 5, -HOUR, 3_650 * 24 * HOUR}) {
      wallAhead.set(ahead);
      watch.run();
      watch.run();
      boolean small = Math.abs(ahead) < Duration.ofMinutes(1).toNanos();
      assertThat(watch.toldNanos()).isEqualTo(small ? 0 : ahead == HOUR + 5 ? HOUR : ahead);
    }
  }

  @Test
  void systemClock_staysWithTheWallClockItStartedWith() {
    ServerClock clock = new ServerClock();
    long before = clock.getAsLong();
    assertThat(clock.getAsLong()).isGreaterThanOrEqualTo(before);
    assertThat(Math.abs(clock.wallAheadNanos())).isLessThan(Duration.ofMinutes(1).toNanos());
  }
}
