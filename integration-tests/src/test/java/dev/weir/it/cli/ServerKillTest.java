package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of the server in the middle of a CSV stream with a named producer (D3, O2, O3, R1). */
class ServerKillTest {
  private static final int ROWS = 200_000;
  private static final int ROWS_BEFORE_KILL = 120_000;
  private static final int ROWS_SEEN_BEFORE_KILL = 20_000;
  private static final int CHUNK = 1_000;
  private static final Pattern READING =
      Pattern.compile(
          "\\{\"topic\":\"plant\",\"sensor\":\"boiler\",\"time\":\"([^\"]+)\",\"value\":([0-9.E]+),"
              + "\"cursor\":\"[A-Za-z0-9_-]+\"}");

  @TempDir private Path data;

  @Test
  void serverKilledInTheMiddle_everyRowStoredOnceInOrder_andLiveTailMissesNothing()
      throws Exception {
    CommandProcess killed = CommandProcess.server(data, 0);
    int port = killed.port();
    String address = killed.address();
    try (killed;
        CommandProcess publisher =
            CommandProcess.start(
                "publish",
                "plant",
                "--csv",
                "-",
                "--time-column",
                "t",
                "--value-column",
                "v",
                "--sensor",
                "boiler",
                "--producer",
                "import-1",
                "--server",
                address)) {
      publisher.write("t,v\n");
      feed(publisher, 0, CHUNK);
      try (CommandProcess live = tail(address, "--limit", ROWS)) {
        live.awaitLines(1);
        Thread feeder = new Thread(() -> feed(publisher, CHUNK, ROWS_BEFORE_KILL), "feeder");
        feeder.start();
        live.awaitLines(ROWS_SEEN_BEFORE_KILL);
        killed.kill();
        try (CommandProcess restarted = CommandProcess.server(data, port)) {
          feeder.join();
          feed(publisher, ROWS_BEFORE_KILL, ROWS);
          publisher.closeInput();

          assertThat(publisher.awaitExit()).as(publisher::toString).isZero();
          assertThat(publisher.out())
              .containsExactly("published " + ROWS + " acknowledged " + ROWS);
          assertThat(publisher.err()).contains("again; going on where it was");
          assertRows(live);
          try (CommandProcess stored = tail(restarted.address(), "--until", "now")) {
            assertRows(stored);
          }
        }
      }
    }
  }

  private static CommandProcess tail(String address, Object... end) throws IOException {
    return CommandProcess.start(
        "tail", "plant", "--from", "earliest", "--json", "--server", address, end[0], end[1]);
  }

  private static void feed(CommandProcess publisher, int from, int to) {
    try {
      for (int row = from; row < to; row += CHUNK) {
        StringBuilder rows = new StringBuilder();
        for (int i = row; i < Math.min(to, row + CHUNK); i++) {
          rows.append(1_700_000_000_000L + i).append(',').append(i).append(".5\n");
        }
        publisher.write(rows.toString());
      }
    } catch (IOException e) {
      throw new IllegalStateException("the publisher ended early: " + publisher, e);
    }
  }

  private static void assertRows(CommandProcess tail) throws InterruptedException {
    assertThat(tail.awaitExit()).as(tail::toString).isZero();
    List<String> lines = tail.out();
    double[] values = lines.stream().mapToDouble(ServerKillTest::value).toArray();
    assertThat(values)
        .as(tail::toString)
        .containsExactly(IntStream.range(0, ROWS).mapToDouble(i -> i + 0.5).toArray());
    assertThat(lines.get(ROWS - 1)).contains("\"time\":\"2023-11-14T22:16:39.999000000Z\"");
  }

  private static double value(String line) {
    Matcher reading = READING.matcher(line);
    assertThat(reading.matches()).as("a reading: %s", line).isTrue();
    return Double.parseDouble(reading.group(2));
  }
}
