package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.shell.StandardStreams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Exit codes and words of command lines that never reach a server. A {@code serve} that is not
 * refused as it should be would wait for its end in this process for ever; the limit fails it.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WeirCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "unknown",
        "publish",
        "publish plant",
        "publish plant boiler",
        "publish plant boiler abc",
        "publish plant boiler 1 --time yesterday",
        "publish plant boiler 1.5 --kind integer",
        "publish plant boiler 1 --kind number",
        "publish plant boiler 1 --sensor x",
        "publish plant --csv -",
        "publish plant --csv - --time-column t --value-column v",
        "publish plant --csv - --time-column t --value-column v --sensor a --sensor-column b",
        "publish plant boiler 1 --csv - --time-column t --value-column v --sensor a",
        "tail",
        "tail plant --until tomorrow",
        "tail plant --limit 0",
        "tail plant --limit many",
        "tail plant --from 2023-11-14",
        "tail plant --snapshot --from earliest",
        "tail plant --snapshot --durable d",
        "tail plant --on-change=-1",
        "tail plant --on-change x",
        "tail plant --on-change=1 --sample 1s",
        "tail plant --above 1 --below 2",
        "tail plant --above NaN",
        "tail plant --hysteresis 1",
        "tail plant --sample 1s --hysteresis 1",
        "tail plant --max-silence 1s",
        "tail plant --sample 25h",
        "tail plant --sample 5",
        "tail plant --overflow sometimes",
        "tail plant --max-lag 5",
        "tail plant --overflow end --max-lag 0",
        "tail plant --overflow end --max-lag soon",
        "tail plant --max-age 1",
        "tail plant --label site",
        "tail plant --until-time tomorrow",
        "tail plant --event-from 2023-11-14",
        "tail plant --event-from 5 --event-until 5",
        "tail plant --on-expired never",
        "latest",
        "latest plant --label site",
        "publish plant boiler 1 --spool dir",
        "publish plant --producer p",
        "publish plant --producer p --spool dir --sensor boiler",
        "sessions --end",
        "sessions id --message bye",
        "sessions id --end --message LONG",
        "sessions --retry-seconds 99999999999",
        "topics --retry-seconds 99999999999",
        "topics --retry-seconds=-1 delete plant --yes",
        "cursors",
        "topics create plant --durability replicated",
        "topics create plant --partitions 0",
        "topics create plant --partitions 65",
        "topics create plant --max-age 1y",
        "topics create plant --max-bytes 1.5GiB",
        "topics update plant",
        "topics update plant --label a=b --no-labels",
        "topics delete plant",
        "topics create",
        "serve --port 65536",
        "serve --port 0 --host 0.0.0.0",
        "serve --config no-such-file.yaml",
        "dump",
        "verify",
        "verify data --jsn",
        "demo --seconds soon",
      })
  void wrongUse_isToldWithExitCode2(String line) {
    String[] words = line.replace("LONG", "x".repeat(257)).split(" ");
    assertThat(weir("", line.isEmpty() ? new String[0] : words)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("weir: ").hasLineCount(lines(line));
    assertThat(out.size()).isZero();
  }

  /** A configuration's own message needs no hint at the command's help. */
  private static int lines(String line) {
    return line.startsWith("serve") ? 1 : 2;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "topics",
        "tail plant",
        "publish plant boiler 1",
        "topics create plant",
        "topics delete plant --yes",
        "topics SERVER delete plant --yes",
        "latest plant",
        "cursors plant",
        "sessions",
        "sessions id --end"
      })
  void nobodyListening_isToldWithWhatToDo(String line) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String server = "--server 127.0.0.1:" + port;
    String told = line.contains("SERVER") ? line.replace("SERVER", server) : line + " " + server;
    assertThat(weir("", told.split(" "))).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("weir: no server at 127.0.0.1:" + port + ": start one with `bin/weir serve`")
        .hasLineCount(1);
  }

  @Test
  void csvWithoutTheColumn_isToldWithItsHeader() {
    assertThat(csv("when,celsius\n1,2\n")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("weir: the CSV has no column t (its header: when, celsius)\n");
  }

  @Test
  void csvWithTheColumnTwice_isRefused() {
    assertThat(csv("t,v,t\n1,2,3\n")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("several columns t");
  }

  @Test
  void emptyCsv_isRefused() {
    assertThat(csv("")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("expected a header row");
  }

  @Test
  void missingFile_isTold() {
    assertThat(
            weir(
                "",
                "publish plant --csv no-such.csv --time-column t --value-column v --sensor s"
                    .split(" ")))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("weir: no-such.csv: no such file\n");
  }

  @Test
  void directoryInsteadOfAFile_isTold() {
    String[] line =
        ("publish plant --csv " + directory + " --time-column t --value-column v --sensor s")
            .split(" ");
    assertThat(weir("", line)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("weir: " + directory + ": is a directory (expected a file)\n");
  }

  @Test
  void retrySecondsOutOfBounds_areNamedAsTyped() {
    assertThat(weir("", "topics --retry-seconds 99999999999".split(" "))).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("weir: --retry-seconds: 99999999999 (expected 0 to 3153600000)\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":7474",
        "localhost",
        "localhost:",
        "localhost:abc",
        "localhost:99999",
        "localhost:7474,",
        "localhost:7474,localhost",
        "::1:7474",
        "[::1]",
        "dns:///localhost:abc"
      })
  void serverThatIsNoAddress_isToldWithWhatIsExpected(String server) {
    for (String command : List.of("topics", "tail plant", "sessions")) {
      err.reset();
      assertThat(weir("", (command + " --server " + server).split(" "))).isEqualTo(2);
      assertThat(err.toString(StandardCharsets.UTF_8))
          .startsWith("weir: --server: " + server + " (expected HOST:PORT")
          .hasLineCount(2);
    }
  }

  @Test
  void dumpOfWhatIsNoDataDirectory_isTold() throws IOException {
    assertThat(weir("", "dump", directory.toString())).isEqualTo(1);
    assertThat(weir("", "dump", directory.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no partitions", "not a directory");
    try (var entries = Files.list(directory)) {
      assertThat(entries).as("dump changes nothing").isEmpty();
    }
  }

  @Test
  void verifyOfWhatIsNoDataDirectory_isToldWithExitCode2() throws IOException {
    assertThat(weir("", "verify", directory.toString())).isEqualTo(2);
    assertThat(weir("", "verify", directory.resolve("none").toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no partitions", "not a directory");
    try (var entries = Files.list(directory)) {
      assertThat(entries).as("verify changes nothing").isEmpty();
    }
  }

  @Test
  void portThatIsTaken_isTold() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      String data = directory.resolve("data").toString();
      assertThat(weir("", "serve", "--data", data, "--port", port)).isEqualTo(1);
      assertThat(err.toString(StandardCharsets.UTF_8))
          .contains("cannot listen on 127.0.0.1:" + port, "--port");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "serve --help",
        "publish --help",
        "tail --help",
        "topics --help",
        "topics create --help",
        "topics update --help",
        "topics delete --help",
        "latest --help",
        "cursors --help",
        "sessions --help",
        "dump --help",
        "verify --help",
        "demo --help",
        "--version"
      })
  void help_isTold(String line) {
    assertThat(weir("", line.split(" "))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsIgnoringCase("weir")
        .doesNotContain("demo-publisher");
    assertThat(err.size()).isZero();
  }

  private int csv(String text) {
    return weir(
        text, "publish plant --csv - --time-column t --value-column v --sensor s".split(" "));
  }

  private int weir(String input, String... arguments) {
    StandardStreams streams =
        new StandardStreams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false);
    return WeirCommand.run(streams, arguments);
  }

  @Test
  void faultWithoutTheWordsThatItLosesData_isRefused_andNoHelpShowsIt() {
    Path data = directory.resolve("data");

    assertThat(weir("", "serve", "--data", data.toString(), "--port", "0", "--fault", "no-sync"))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("--i-know-this-loses-data");
    assertThat(data).doesNotExist();
    assertThat(weir("", "serve", "--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("--fault");
  }

  @Test
  void fault_isRefused_asTheProgramHasNone() {
    Path data = directory.resolve("data");
    String[] serve = {"serve", "--data", data.toString(), "--port", "0"};
    String[] faulty = {"--i-know-this-loses-data", "--fault", "no-such"}; // it must never start

    assertThat(weir("", Stream.of(serve, faulty).flatMap(Stream::of).toArray(String[]::new)))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no-such", "weir-fault-injection");
    assertThat(data).doesNotExist();
  }
}
