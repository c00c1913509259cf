package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.SubscriptionStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tail tells besides readings, and what of it makes the exit code 1. */
class TailReporterTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final TailReporter watch =
      new TailReporter(new PrintStream(err, true, StandardCharsets.UTF_8), "here:1");

  @ParameterizedTest
  @CsvSource({
    "GAP_REASON_CONFLATED, 0, skipped",
    "GAP_REASON_DROPPED, 0, skipped",
    "GAP_REASON_TOO_OLD, 0, skipped",
    "GAP_REASON_CURSOR_EXPIRED, 0, skipped",
    "GAP_REASON_UNSYNCED_LOST, 7, lost",
    "GAP_REASON_DATA_LOSS, 7, lost",
    "GAP_REASON_RETENTION, 7, lost",
    "GAP_REASON_TOO_LARGE, 7, lost",
  })
  void gap_isLostUnlessAnOptionAskedForIt(GapReason reason, long lost, String word) {
    watch.onGap(
        Gap.newBuilder()
            .setReason(reason)
            .setReadings(7)
            .setPartition(2)
            .setFromCursor("a")
            .setToCursor("b")
            .build());
    assertThat(watch.readingsLost()).isEqualTo(lost);
    assertThat(told())
        .isEqualTo(
            "weir: 7 readings of partition 2 are "
                + word
                + " ("
                + reason
                + "), from cursor a to b\n");
  }

  @Test
  void gapOfAnUnknownNumber_countsAsOneAtLeast() {
    watch.onGap(
        Gap.newBuilder().setReason(GapReason.GAP_REASON_DATA_LOSS).setUpperBound(true).build());
    assertThat(watch.readingsLost()).isEqualTo(1);
    assertThat(told())
        .isEqualTo("weir: up to 0 readings of partition 0 are lost (GAP_REASON_DATA_LOSS)\n");
  }

  @ParameterizedTest
  @CsvSource({
    "PHASE_CAUGHT_UP, caught up: ",
    "PHASE_FELL_BEHIND, fell behind: ",
    "PHASE_SNAPSHOT_BEGIN, snapshot begins: ",
    "PHASE_SNAPSHOT_END, snapshot ends: ",
  })
  void phase_isOneLineWithItsCursor(Phase phase, String words) {
    watch.onPhase(PhaseChange.newBuilder().setPhase(phase).setCursor("c").build());
    assertThat(told()).startsWith("weir: " + words).endsWith(" (cursor c)\n").hasLineCount(1);
  }

  @Test
  void reconnect_isToldOnceEachWay() {
    watch.onActive(SubscriptionStatus.getDefaultInstance());
    WeirException broken = new WeirException("UNAVAILABLE", 14, "gone");
    watch.onDisconnected(broken, Duration.ofSeconds(1));
    watch.onDisconnected(broken, Duration.ofSeconds(2));
    watch.onActive(SubscriptionStatus.getDefaultInstance());
    assertThat(told())
        .isEqualTo(
            """
            weir: the connection to here:1 broke, trying again: UNAVAILABLE: gone
            weir: connected to here:1 again; going on where it was
            """);
  }

  private String told() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
