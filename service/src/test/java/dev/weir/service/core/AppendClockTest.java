package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A2: the time of a partition whose newest record is ahead of the server's clock. */
class AppendClockTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long YEAR = Duration.ofDays(365).toNanos();

  private long now = 50 * YEAR;

  @Test
  void newPartition_goesByTheServersClock() {
    AppendClock clock = new AppendClock(() -> now, Long.MIN_VALUE);
    assertThat(clock.aheadNanos()).isZero();
    now += 7;
    assertThat(clock.getAsLong()).isEqualTo(now);
  }

  @Test
  void serversClockAheadOfTheLog_isFollowedAtOnce() {
    AppendClock clock = new AppendClock(() -> now, now - 10 * YEAR);
    assertThat(clock.getAsLong()).isEqualTo(now);
  }

  @Test
  void serversClockAnHourBehindTheLog_neverGoesBackNorStandsStill_andCatchesUp() {
    long newest = now + HOUR;
    AppendClock clock = new AppendClock(() -> now, newest);
    long before = newest;
    for (long lived = 0; lived < 3 * HOUR; lived += HOUR / 60) {
      long time = clock.getAsLong();
      assertThat(time).isEqualTo(Math.max(now, newest + lived / 2));
      assertThat(time).isGreaterThanOrEqualTo(before);
      before = time;
      now += HOUR / 60;
    }
    assertThat(clock.getAsLong()).isEqualTo(now);
  }

  @Test
  void serversClockYearsBehindTheLog_stillMovesOn() {
    long newest = now + 40 * YEAR;
    AppendClock clock = new AppendClock(() -> now, newest);
    assertThat(clock.aheadNanos()).isEqualTo(40 * YEAR);
    now += HOUR;
    assertThat(clock.getAsLong()).isEqualTo(newest + HOUR / 2);
  }
}
