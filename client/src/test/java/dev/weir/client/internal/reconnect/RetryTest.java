package dev.weir.client.internal.reconnect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.internal.Errors;
import dev.weir.client.internal.Loop;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryTest {
  private static final long LONG_NANOS = Duration.ofMillis(300).toNanos();

  private final Clock clock = new Clock();
  private final Retry retry = new Retry(clock, new SplittableRandom(1), Duration.ofDays(1));

  @Test
  void sessionsThatBreakAtOnce_areOpenedLessAndLessOften() {
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 20; i++) {
      longest = openAndBreakAfter(Duration.ofMillis(1), longest);
    }
    assertThat(longest).isGreaterThan(Duration.ofSeconds(2));
  }

  @Test
  void sessionThatLasted_makesTheWaitsShortAgain() {
    for (int i = 0; i < 20; i++) {
      openAndBreakAfter(Duration.ZERO, Duration.ZERO);
    }
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 20; i++) {
      longest = openAndBreakAfter(Duration.ofSeconds(6), longest);
    }
    assertThat(longest.toNanos()).isLessThan(Backoff.FIRST_NANOS);
  }

  @Test
  void sessionThatOpensAfterALongOutage_forgetsTheOutage() {
    for (int i = 0; i < 20; i++) {
      retry.nextWait(Errors.unavailable("down"));
    }
    assertThat(openAndBreakAfter(Duration.ofMillis(1), Duration.ZERO).toNanos())
        .isLessThan(Backoff.FIRST_NANOS);
    assertThat(retry.nextWait(Errors.unavailable("down")).toNanos())
        .isLessThan(Backoff.FIRST_NANOS);
  }

  @Test
  void timeToGiveUp_countsFromTheFirstTryWithoutASession() {
    retry.begin();
    clock.nanos += Duration.ofHours(23).toNanos();
    retry.begin();
    assertThat(retry.isExhausted()).isFalse();
    retry.succeeded();
    clock.nanos += Duration.ofHours(23).toNanos();
    assertThat(retry.isExhausted()).as("a session that lasted").isFalse();
    clock.nanos += Duration.ofHours(23).toNanos();
    retry.begin();
    assertThat(retry.isExhausted()).as("nothing was tried while a handler was busy").isFalse();
    clock.nanos += Duration.ofHours(23).toNanos();
    retry.begin();
    assertThat(retry.isExhausted()).isFalse();
    clock.nanos += Duration.ofHours(1).toNanos();
    assertThat(retry.isExhausted()).isTrue();
  }

  @Test
  void noTimeToGiveUp_isExhaustedWithTheFirstFailure() {
    Retry never = new Retry(clock, new SplittableRandom(1), Duration.ZERO);
    never.begin();
    never.succeeded();
    assertThat(never.isExhausted()).isTrue();
  }

  private Duration openAndBreakAfter(Duration lasted, Duration longest) {
    retry.succeeded();
    clock.nanos += lasted.toNanos();
    Duration wait = retry.nextWait(Errors.unavailable("broken"));
    return wait.compareTo(longest) > 0 ? wait : longest;
  }

  /** A loop that has only a clock, which the test sets. */
  private static final class Clock implements Loop {
    private long nanos = Long.MAX_VALUE - LONG_NANOS;

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public Timer schedule(Runnable task, long delayNanos) {
      return () -> {};
    }
  }
}
