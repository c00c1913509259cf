package dev.weir.service.app.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionCutLogTest {
  private long now;
  private final List<String> lines = new ArrayList<>();
  private final ConnectionCutLog log = new ConnectionCutLog(() -> now, lines::add);

  @Test
  void manyCutsInAMinute_areSomeLines_andThenACount() {
    for (int i = 0; i < 1_000; i++) {
      log.cut("peer " + i, "too much");
    }
    assertThat(lines).hasSize(ConnectionCutLog.LINES_MAX);
    assertThat(lines.get(0)).isEqualTo("The connection of peer 0 was cut: too much");
    now += Duration.ofMinutes(1).toNanos();
    log.cut("the next", "too much");
    log.cut("another", "too much");
    assertThat(lines.subList(ConnectionCutLog.LINES_MAX, lines.size()))
        .containsExactly(
            "The connection of the next was cut: too much (and "
                + (1_000 - ConnectionCutLog.LINES_MAX)
                + " more since the last such line)",
            "The connection of another was cut: too much");
  }
}
