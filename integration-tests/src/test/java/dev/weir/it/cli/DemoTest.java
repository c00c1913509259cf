package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo, whole: four processes, this machine's own sensors, and an account of every reading. */
class DemoTest {
  private static final String LAST_LINE =
      "demo done published=[1-9]\\d* delivered=\\d+ gaps=0 p50_ms=\\d+\\.\\d\\d"
          + " p99_ms=\\d+\\.\\d\\d";

  @TempDir private Path directory;

  @Test
  void demo_accountsForEveryReading_andItsDataStay() throws Exception {
    Path data = directory.resolve("data");
    try (CommandProcess demo = CommandProcess.start("demo", "--seconds", 3, "--data", data)) {
      assertThat(demo.awaitExit()).as(demo::toString).isZero();
      List<String> lines = demo.out();
      String last = lines.get(lines.size() - 1);
      assertThat(last).matches(LAST_LINE);
      assertThat(lines).contains("  bin/weir serve --data " + data);

      String published = last.replaceFirst(".*published=(\\d+) .*", "$1");
      assertThat(last).contains(" delivered=" + published + " ");
      try (CommandProcess server = CommandProcess.server(data, 0)) {
        List<String> tail =
            List.of("tail", "machine", "--from", "earliest", "--until", "now", "--json");
        List<String> line = new ArrayList<>(tail);
        line.addAll(List.of("--server", server.address()));
        assertThat(CommandResult.of(line).out()).hasSize(Integer.parseInt(published));
      }
    }
  }

  @Test
  void demoWhoseSubscriberDropsADelivery_failsAndSaysWhy() throws Exception {
    try (CommandProcess demo =
        CommandProcess.start(
            "demo", "--seconds", 3, "--data", directory.resolve("data"), "--drop-one-delivery")) {
      assertThat(demo.awaitExit()).as(demo::toString).isEqualTo(1);
      assertThat(demo.err()).containsPattern("\\d+ readings acknowledged, \\d+ delivered");
      assertThat(demo.err()).doesNotContain("in the log");
      assertThat(demo.out().get(demo.out().size() - 1)).matches(LAST_LINE);
    }
  }

  @Test
  void interruptedDemo_endsInOrder_andLeavesNoProcess() throws Exception {
    try (CommandProcess demo = CommandProcess.start("demo", "--data", directory.resolve("data"))) {
      demo.awaitLine("While it runs");
      List<ProcessHandle> children = demo.children();
      assertThat(children).hasSize(3);
      demo.terminate();
      assertThat(demo.awaitExit()).as(demo::toString).isZero();
      assertThat(demo.out().get(demo.out().size() - 1)).matches(LAST_LINE);
      assertThat(children).noneMatch(ProcessHandle::isAlive);
    }
  }

  @Test
  void killedDemo_leavesNoProcess() throws Exception {
    try (CommandProcess demo = CommandProcess.start("demo", "--data", directory.resolve("data"))) {
      demo.awaitLine("While it runs");
      List<ProcessHandle> children = demo.children();
      assertThat(children).hasSize(3);
      demo.kill();
      await("the end of " + children)
          .atMost(CommandProcess.PATIENCE)
          .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }
  }
}
