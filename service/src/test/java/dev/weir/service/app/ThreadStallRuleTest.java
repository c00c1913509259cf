package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.app.ThreadStallRule.Observation;
import dev.weir.service.app.ThreadStallRule.Verdict;
import org.junit.jupiter.api.Test;

class ThreadStallRuleTest {
  private static final long WARN = 10;
  private static final long END = 60;

  private final ThreadStallRule rule = new ThreadStallRule(1, WARN, END);
  private long fileNanos;

  private Verdict look(long elapsed, boolean busy, long sign, boolean waitsForFile) {
    return rule.next(elapsed, new Observation(busy, sign, fileNanos, waitsForFile));
  }

  /** So many looks at a thread that is at one thing. */
  private Verdict looks(int count) {
    Verdict verdict = null;
    for (int i = 0; i < count; i++) {
      verdict = look(1, true, 7, false);
    }
    return verdict;
  }

  @Test
  void threadThatDoesNotAnswer_isToldAndThenEnds() {
    assertThat(looks((int) WARN)).isEqualTo(Verdict.WELL); // the first look only begins
    assertThat(looks(1)).isEqualTo(Verdict.WARN);
    assertThat(looks((int) (END - WARN - 1))).isEqualTo(Verdict.WARN);
    assertThat(looks(1)).isEqualTo(Verdict.END);
  }

  @Test
  void answer_beginsAgain() {
    looks((int) END);
    assertThat(look(1, true, 8, false)).isEqualTo(Verdict.WELL);
    assertThat(rule.stalledNanos()).isZero();
  }

  @Test
  void threadWithoutWork_isWell() {
    looks((int) END);
    assertThat(look(1, false, 7, false)).isEqualTo(Verdict.WELL);
    for (int i = 0; i < 1_000; i++) {
      assertThat(look(1, false, 7, false)).isEqualTo(Verdict.WELL);
    }
  }

  @Test
  void timeInFileCalls_doesNotCount() {
    for (int i = 0; i < 1_000; i++) {
      fileNanos++;
      assertThat(look(1, true, 7, false)).isEqualTo(Verdict.WELL);
    }
    assertThat(looks((int) WARN - 1)).isEqualTo(Verdict.WELL);
    assertThat(looks(1)).isEqualTo(Verdict.WARN);
  }

  @Test
  void timeWaitingForWhoIsInOne_doesNotCount() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(look(1, true, 7, true)).isEqualTo(Verdict.WELL);
    }
  }

  @Test
  void looksThatCameLate_countAsIfTheyHadNot() {
    looks(1);
    assertThat(look(1_000_000, true, 7, false)).as("after SIGSTOP").isEqualTo(Verdict.WELL);
    assertThat(rule.stalledNanos()).isOne();
  }
}
