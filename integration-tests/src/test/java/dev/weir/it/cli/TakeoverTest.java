package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second server on the same data directory, started before the first one ends. */
final class TakeoverTest {
  @TempDir private Path dir;

  private static void publish(WeirProcess server, String value) throws Exception {
    try (WeirProcess publish =
        WeirProcess.start("publish", "t", "s", value, "--server", server.address())) {
      assertThat(publish.awaitExit()).as(publish::toString).isZero();
    }
  }

  @Test
  void waitingServer_takesOverWhenTheFirstIsTerminated_withAllItsReadings() throws Exception {
    Path data = dir.resolve("data");
    try (WeirProcess first = WeirProcess.server(data, 0);
        WeirProcess second =
            WeirProcess.start("serve", "--data", data, "--port", 0, "--wait-for-lock")) {
      second.awaitErrWith("waiting for its end, as long as it takes");
      publish(first, "1");
      assertThat(second.out()).as("it does not serve yet").isEmpty();
      first.terminate();
      assertThat(first.awaitExit()).isZero();

      second.awaitLine("weir ready ");
      publish(second, "2");
      try (WeirProcess tail =
          WeirProcess.start(
              "tail", "t", "--from", "earliest", "--until", "now", "--server", second.address())) {
        assertThat(tail.awaitExit()).as(tail::toString).isZero();
        assertThat(tail.out()).hasSize(2);
      }
      second.terminate();
      assertThat(second.awaitExit()).isZero();
    }
  }

  @Test
  void boundedWait_thatIsOver_saysWhoHasTheDirectory() throws Exception {
    Path data = dir.resolve("data");
    try (WeirProcess first = WeirProcess.server(data, 0);
        WeirProcess second =
            WeirProcess.start("serve", "--data", data, "--port", 0, "--wait-for-lock", "1")) {
      assertThat(second.awaitExit()).isNotZero();
      assertThat(second.err())
          .contains("waiting for its end, at most 1 s")
          .contains("is in use by another Weir process");
      assertThat(first.out()).isNotEmpty();
    }
  }
}
