package dev.weir.client.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Attempt;
import dev.weir.client.ClientOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.client.internal.threads.ManualClientLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests when and where sessions try again, on a clock of the test's own. */
class ReconnectPolicyTest {
  private final ManualClientLoop loop = new ManualClientLoop();
  private final ReconnectPolicy retry =
      new ReconnectPolicy(TestSessionContext.of(loop, within(Duration.ofDays(1))));

  @BeforeEach
  void begin() {
    retry.begin();
  }

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
      retry.nextWait(ErrorTranslator.unavailable("down"));
    }
    assertThat(openAndBreakAfter(Duration.ofMillis(1), Duration.ZERO).toNanos())
        .isLessThan(Backoff.FIRST_NANOS);
    assertThat(retry.nextWait(ErrorTranslator.unavailable("down")).toNanos())
        .isLessThan(Backoff.FIRST_NANOS);
  }

  @Test
  void timeToGiveUp_countsFromTheFirstTryWithoutASession() {
    WeirException down = ErrorTranslator.unavailable("down");
    Duration longTime = Duration.ofHours(23);
    retry.begin();
    loop.advance(longTime.toNanos());
    retry.begin();
    assertThat(retry.failed(down)).isNull();
    retry.succeeded();
    loop.advance(longTime.toNanos());
    assertThat(retry.failed(down)).as("a session that lasted").isNull();
    loop.advance(longTime.toNanos());
    retry.begin();
    assertThat(retry.failed(down)).as("nothing was tried while a handler was busy").isNull();
    loop.advance(longTime.toNanos());
    retry.begin();
    assertThat(retry.failed(down)).isNull();
    loop.advance(Duration.ofHours(1).toNanos());
    assertThat(retry.failed(down)).isNotNull();
  }

  @Test
  void noTimeToGiveUp_isExhaustedWithTheFirstFailure() {
    ReconnectPolicy never = new ReconnectPolicy(TestSessionContext.of(loop, within(Duration.ZERO)));
    never.begin();
    never.succeeded();
    assertThat(never.failed(ErrorTranslator.unavailable("broken"))).isNotNull();
  }

  @Test
  void whatTheServerAsksFor_isTheLeastWait() {
    WeirException overloaded =
        new WeirException(
            "OVERLOADED", 8, "full", Optional.of(Duration.ofSeconds(9)), Map.of(), List.of(), null);
    AtomicLong triedAtNanos = new AtomicLong();
    loop.advance(5);
    assertThat(retry.failed(overloaded)).isNull();
    retry.schedule(retry.nextWait(overloaded), () -> triedAtNanos.set(loop.nanoTime()));
    loop.advance(Duration.ofSeconds(9).toNanos() - 1);
    assertThat(triedAtNanos).hasValue(0);
    loop.advance(1);
    assertThat(triedAtNanos).hasValue(Duration.ofSeconds(9).toNanos() + 5);
  }

  @Test
  void failure_movesToAnotherServer_andBackOnlyBehindTheOthers() {
    SessionContext around =
        TestSessionContext.of(loop, ClientOptions.builder("a:1,b:2,c:3").build());
    ReconnectPolicy moving = new ReconnectPolicy(around);
    List<String> tried = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      tried.add(moving.begin().address());
      moving.failed(ErrorTranslator.unavailable("down"));
    }
    assertThat(tried.subList(0, 3)).containsExactlyInAnyOrder("a:1", "b:2", "c:3");
    assertThat(tried.subList(3, 6)).isEqualTo(tried.subList(0, 3));
    assertThat(tried.get(6)).isEqualTo(tried.get(0));
  }

  @Test
  void serverThatFailedForOne_isLeftByAll_once() {
    SessionContext around = TestSessionContext.of(loop, ClientOptions.builder("a:1,b:2").build());
    ReconnectPolicy first = new ReconnectPolicy(around);
    ReconnectPolicy second = new ReconnectPolicy(around);
    String used = first.begin().address();
    assertThat(second.begin().address()).isEqualTo(used);
    first.failed(ErrorTranslator.unavailable("down"));
    second.failed(ErrorTranslator.unavailable("down"));
    assertThat(first.begin().address()).isNotEqualTo(used);
    assertThat(second.begin().address()).isNotEqualTo(used);
  }

  @Test
  void givenUp_tellsTheTries_boundedInNumberAndLength() {
    ReconnectPolicy tired =
        new ReconnectPolicy(TestSessionContext.of(loop, within(Duration.ofMinutes(2))));
    WeirException last = null;
    int tries = 0;
    while (last == null) {
      tired.begin();
      loop.advance(Duration.ofSeconds(3).toNanos());
      last = tired.failed(ErrorTranslator.unavailable("down"));
      tries++;
    }
    assertThat(tries).isEqualTo(40);
    assertThat(last.reason()).isEqualTo("UNAVAILABLE");
    assertThat(last.attempts()).hasSize(WeirException.ATTEMPTS_MAX);
    assertThat(last.attempts())
        .allSatisfy(
            attempt -> {
              assertThat(attempt.address()).isEqualTo("a:1");
              assertThat(attempt.code()).isEqualTo(14);
              assertThat(attempt.reason()).isEqualTo("UNAVAILABLE");
            })
        .extracting(Attempt::at)
        .isSorted()
        .endsWith(Instant.ofEpochSecond(120));
    assertThat(last.getMessage())
        .contains("down; gave up after 40 tries since 1970-01-01T00:00:03Z")
        .hasSizeLessThan(500);
  }

  @Test
  void triesOfManySessionsAtADeadServer_stayWithinTheBudget_inEveryMinute() {
    int perMinute = 30;
    ClientOptions options = ClientOptions.builder("a:1").retriesPerMinuteMax(perMinute).build();
    SessionContext around = TestSessionContext.of(loop, options);
    List<Long> tries = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      goOnTrying(new ReconnectPolicy(around), tries);
    }
    loop.advance(Duration.ofMinutes(10).toNanos());
    long minute = Duration.ofMinutes(1).toNanos();
    for (int i = 0; i + perMinute < tries.size(); i++) {
      assertThat(tries.get(i + perMinute) - tries.get(i))
          .as("%d tries behind try %d", perMinute, i)
          .isGreaterThanOrEqualTo(minute);
    }
    assertThat(tries.size()).as("the budget is used").isGreaterThan(140);
  }

  /** A session that never opens; its first try is free. */
  private void goOnTrying(ReconnectPolicy session, List<Long> tries) {
    session.begin();
    WeirException down = ErrorTranslator.unavailable("down");
    session.failed(down);
    session.schedule(
        session.nextWait(down),
        () -> {
          tries.add(loop.nanoTime());
          goOnTrying(session, tries);
        });
  }

  @Test
  void serverThatIsBack_isReachedByAllSoon() {
    ClientOptions options = ClientOptions.builder("a:1").retriesPerMinuteMax(2).build();
    SessionContext around = TestSessionContext.of(loop, options);
    AtomicInteger opened = new AtomicInteger();
    for (int i = 0; i < 40; i++) {
      ReconnectPolicy session = new ReconnectPolicy(around);
      WeirException down = ErrorTranslator.unavailable("down");
      session.begin();
      session.failed(down);
      session.schedule(
          session.nextWait(down),
          () -> {
            session.begin();
            session.succeeded();
            opened.incrementAndGet();
          });
    }
    loop.advance(Duration.ofSeconds(10).toNanos());
    assertThat(opened).as("a try that succeeds costs nothing").hasValue(40);
  }

  private static ClientOptions within(Duration giveUpAfter) {
    return ClientOptions.builder("a:1").giveUpAfter(giveUpAfter).build();
  }

  private Duration openAndBreakAfter(Duration lasted, Duration longest) {
    retry.succeeded();
    loop.advance(lasted.toNanos());
    Duration wait = retry.nextWait(ErrorTranslator.unavailable("broken"));
    return wait.compareTo(longest) > 0 ? wait : longest;
  }
}
