package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Publisher;
import dev.weir.client.SensorHandle;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second server on the same data directory, started before the first one ends. */
final class StandbyServerTest {
  @TempDir private Path dir;

  private static void publish(CommandProcess server, String value) throws Exception {
    try (CommandProcess publish =
        CommandProcess.start("publish", "t", "s", value, "--server", server.address())) {
      assertThat(publish.awaitExit()).as(publish::toString).isZero();
    }
  }

  @Test
  void waitingServer_takesOverWhenTheFirstIsTerminated_withAllItsReadings() throws Exception {
    Path data = dir.resolve("data");
    try (CommandProcess first = CommandProcess.server(data, 0);
        CommandProcess second =
            CommandProcess.start("serve", "--data", data, "--port", 0, "--wait-for-lock")) {
      second.awaitErrWith("waiting for its end, as long as it takes");
      publish(first, "1");
      assertThat(second.out()).as("it does not serve yet").isEmpty();
      first.terminate();
      assertThat(first.awaitExit()).isZero();

      second.awaitLine("weir ready ");
      publish(second, "2");
      try (CommandProcess tail =
          CommandProcess.start(
              "tail", "t", "--from", "earliest", "--until", "now", "--server", second.address())) {
        assertThat(tail.awaitExit()).as(tail::toString).isZero();
        assertThat(tail.out()).hasSize(2);
      }
      second.terminate();
      assertThat(second.awaitExit()).isZero();
    }
  }

  @Test
  void clientOfBothServers_goesOnWithTheSecond_andMissesNothing() throws Exception {
    Path data = dir.resolve("data");
    int port = freePort();
    List<Double> seen = Collections.synchronizedList(new ArrayList<>());
    try (CommandProcess first = CommandProcess.server(data, 0);
        CommandProcess second =
            CommandProcess.start("serve", "--data", data, "--port", port, "--wait-for-lock");
        WeirClient client = WeirClient.connect(first.address() + ",127.0.0.1:" + port);
        Publisher publisher = client.publisher("t")) {
      SensorHandle sensor = publisher.sensor("s");
      sensor.publish(0, 0).get(30, TimeUnit.SECONDS);
      client.subscribe(
          SubscriberOptions.builder("t").fromEarliest().build(),
          reading -> seen.add(reading.getDouble()));
      await("subscribed").atMost(CommandProcess.PATIENCE).until(() -> !seen.isEmpty());
      int next = 1;
      first.terminate();
      while (second.out().isEmpty()) {
        sensor.publish(next, next);
        next++;
        await().pollDelay(2, TimeUnit.MILLISECONDS).until(() -> true);
      }
      sensor.publish(next, next).get(60, TimeUnit.SECONDS);
      int all = next + 1;
      await("everything").atMost(CommandProcess.PATIENCE).until(() -> seen.size() >= all);
      assertThat(seen)
          .containsExactlyElementsOf(IntStream.range(0, all).mapToObj(i -> (double) i).toList());
      assertThat(first.awaitExit()).isZero();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }

  @Test
  void boundedWait_thatIsOver_saysWhoHasTheDirectory() throws Exception {
    Path data = dir.resolve("data");
    try (CommandProcess first = CommandProcess.server(data, 0);
        CommandProcess second =
            CommandProcess.start("serve", "--data", data, "--port", 0, "--wait-for-lock", "1")) {
      assertThat(second.awaitExit()).isNotZero();
      assertThat(second.err())
          .contains("waiting for its end, at most 1 s")
          .contains("is in use by another Weir process");
      assertThat(first.out()).isNotEmpty();
    }
  }
}
