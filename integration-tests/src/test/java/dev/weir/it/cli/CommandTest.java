package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against one running server. */
class CommandTest {
  @TempDir private static Path directory;

  private static CommandProcess server;

  @BeforeAll
  static void start() throws IOException {
    server = CommandProcess.server(directory.resolve("data"), 0);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void readyLine_comesFirstAndSaysAddressEngineDurabilityAndData() {
    assertThat(server.out().get(0))
        .isEqualTo(
            "weir ready grpc="
                + server.address()
                + " engine=segment durability=SYNCED data="
                + directory.resolve("data"));
  }

  @Test
  void linesOfTheBanner_workAsPrinted() {
    assertThat(server.awaitLine("A topic keeps the newest ")).contains(" 16GiB of each partition");
    List<CommandResult> done = new ArrayList<>();
    for (String line : server.out()) {
      if (line.startsWith("  bin/weir ")) {
        CommandResult call =
            CommandResult.of(List.of(line.substring("  bin/weir ".length()).split(" ")));
        assertThat(call.exitCode()).as(call::toString).isZero();
        done.add(call);
      }
    }
    assertThat(done).hasSize(2);
    assertThat(done.get(0).out()).containsExactly("published 1 acknowledged 1");
    assertThat(done.get(1).out()).hasSize(1);
    assertThat(done.get(1).out().get(0)).endsWith("  boiler/temperature  21.5");
  }

  @Test
  void readingsOfEveryKind_comeBackAsJson() {
    String time = "2023-11-14T22:13:20.000000001Z";
    ok("publish", "kinds", "d", "NaN", "--time", time);
    ok("publish", "kinds", "i", "-7", "--kind", "integer", "--time", "1700000000");
    ok("publish", "kinds", "b", "true", "--kind", "boolean", "--time", "1700000000");
    ok("publish", "kinds", "t", "say \"hi\"", "--kind", "text", "--time", "1700000000");
    List<String> lines = ok("tail", "kinds", "--from", "earliest", "--until", "now", "--json");
    assertThat(lines.stream().map(line -> line.replaceFirst("\"cursor\":\"[^\"]+\"", "C")))
        .containsExactly(
            "{\"topic\":\"kinds\",\"sensor\":\"d\",\"time\":\"" + time + "\",\"value\":\"NaN\",C}",
            reading("kinds", "i", "-7"),
            reading("kinds", "b", "true"),
            reading("kinds", "t", "\"say \\\"hi\\\"\""));
  }

  @Test
  void limitAndCursor_goOnWithTheNextReading() throws IOException {
    Path csv = directory.resolve("limit.csv");
    Files.writeString(csv, "t,who,v\n1,a,0\n2,b,1\n3,\"a\",2\n4,b,3\n5,a,4\n");
    assertThat(
            ok(
                "publish",
                "limit",
                "--csv",
                csv,
                "--time-column",
                "t",
                "--value-column",
                "v",
                "--sensor-column",
                "who"))
        .containsExactly("published 5 acknowledged 5");
    List<String> first = ok("tail", "limit", "--from", "earliest", "--limit", 2, "--json");
    assertThat(values(first)).containsExactly("0.0", "1.0");
    assertThat(
            values(ok("tail", "limit", "--from", cursor(first.get(1)), "--until", "now", "--json")))
        .containsExactly("2.0", "3.0", "4.0");
    assertThat(
            values(
                ok(
                    "tail",
                    "limit",
                    "--from",
                    cursor(first.get(0)),
                    "--until",
                    "now",
                    "--json",
                    "--sensor",
                    "a")))
        .containsExactly("2.0", "4.0");
    assertThat(ok("tail", "limit", "--from", "2200-01-01T00:00:00Z", "--until", "now")).isEmpty();
  }

  @Test
  void badRow_endsBeforeItIsPublished_andSaysWhatIsStored() throws IOException {
    Path csv = directory.resolve("bad.csv");
    Files.writeString(csv, "t,v\n1,0\n2,1\n3,oops\n4,3\n");
    CommandResult publish =
        weir(
            "publish",
            "bad",
            "--csv",
            csv,
            "--time-column",
            "t",
            "--value-column",
            "v",
            "--sensor",
            "s");
    assertThat(publish.exitCode()).isEqualTo(1);
    assertThat(publish.out()).containsExactly("published 2 acknowledged 2");
    assertThat(publish.err()).startsWith("weir: line 4: ").contains("value: \"oops\"");
    assertThat(values(ok("tail", "bad", "--from", "earliest", "--until", "now", "--json")))
        .containsExactly("0.0", "1.0");
  }

  @Test
  void refusedReading_failsWithTheServersReason() {
    ok("publish", "refused", "s", "1");
    CommandResult publish = weir("publish", "refused", "s", "x", "--kind", "text");
    assertThat(publish.exitCode()).isEqualTo(1);
    assertThat(publish.out()).containsExactly("published 1 acknowledged 0");
    assertThat(publish.err()).contains("KIND_MISMATCH");
    CommandResult tail = weir("tail", "refused", "--from", "nonsense");
    assertThat(tail.exitCode()).isEqualTo(1);
    assertThat(tail.err()).contains("CURSOR_INVALID");
  }

  @Test
  void refusedSensorInACsv_costsItsOwnRowsOnly() throws IOException {
    ok("publish", "mixed", "known", "1");
    Path csv = directory.resolve("mixed.csv");
    Files.writeString(csv, "t,s,v\n1,new,a\n2,known,b\n3,new,c\n");
    CommandResult publish =
        weir(
            "publish",
            "mixed",
            "--csv",
            csv,
            "--time-column",
            "t",
            "--value-column",
            "v",
            "--sensor-column",
            "s",
            "--kind",
            "text");
    assertThat(publish.exitCode()).as(publish::toString).isEqualTo(1);
    assertThat(publish.err()).contains("KIND_MISMATCH");
    List<String> stored =
        values(
            ok(
                "tail",
                "mixed",
                "--sensor",
                "new",
                "--from",
                "earliest",
                "--until",
                "now",
                "--json"));
    assertThat(stored).as("unless the refusal came first").startsWith("\"a\"");
    assertThat(publish.out())
        .containsExactly("published " + (stored.size() + 1) + " acknowledged " + stored.size());
  }

  @Test
  void topics_areCreatedAndListed() {
    assertThat(ok("topics", "create", "listed.4", "--partitions", 4))
        .containsExactly("topic listed.4 has partitions: 4");
    assertThat(ok("topics", "create", "listed.4", "--partitions", 4)).hasSize(1);
    assertThat(ok("topics", "--json"))
        .anyMatch(
            line ->
                line.startsWith(
                    "{\"topic\":\"listed.4\",\"partitions\":4,\"durability\":\"SYNCED\",\"created\":\"20"));
    assertThat(ok("topics").get(0)).startsWith("TOPIC ");
    CommandResult other = weir("topics", "create", "listed.4", "--partitions", 5);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("TOPIC_EXISTS");
  }

  @Test
  void dumpOfARunningServer_listsRecords() {
    ok("publish", "dumped", "some/sensor", "1");
    CommandResult dump = CommandResult.of(List.of("dump", directory.resolve("data")));
    assertThat(dump.exitCode()).as(dump::toString).isZero();
    assertThat(dump.out())
        .allMatch(line -> line.startsWith("{\"log\":\"") && line.endsWith("}"))
        .anyMatch(line -> line.contains("\"type\":\"SYSTEM\""))
        .anyMatch(line -> line.matches(".*\"sequence\":1,\"type\":\"BATCH\",\"readings\":1,.*"));
  }

  @Test
  void verifyOfARunningServersDirectory_isRefused() {
    CommandResult verify = CommandResult.of(List.of("verify", directory.resolve("data")));
    assertThat(verify.exitCode()).isEqualTo(2);
    assertThat(verify.err()).contains("in use by another Weir process", "stop that process");
    assertThat(verify.out()).isEmpty();
  }

  @Test
  void verifyOfAStoppedServersDirectory_isClean_thenTellsTheDamagedRange() throws Exception {
    Path data = directory.resolve("verified");
    try (CommandProcess own = CommandProcess.server(data, 0)) {
      for (int i = 0; i < 3; i++) {
        CommandResult publish =
            CommandResult.of(List.of("publish", "checked", "s", i, "--server", own.address()));
        assertThat(publish.exitCode()).as(publish::toString).isZero();
      }
      own.terminate();
      assertThat(own.awaitExit()).as(own::toString).isZero();
    }
    CommandResult clean = CommandResult.of(List.of("verify", data));
    assertThat(clean.exitCode()).as(clean::toString).isZero();
    assertThat(clean.out()).last().asString().startsWith("clean; 2 partitions");
    CommandResult json = CommandResult.of(List.of("verify", data, "--json"));
    assertThat(json.out()).last().asString().startsWith("{\"type\":\"SUMMARY\",\"clean\":true,");

    String second = secondBatch(data);
    String file = second.replaceFirst(".*\"place\":\"(.*) bytes .*", "$1");
    int end = Integer.parseInt(second.replaceFirst(".* to (\\d+)\"}", "$1"));
    byte[] bytes = Files.readAllBytes(Path.of(file));
    bytes[end - 1] ^= 1;
    Files.write(Path.of(file), bytes);

    CommandResult damaged = CommandResult.of(List.of("verify", data, "--json"));
    assertThat(damaged.exitCode()).as(damaged::toString).isEqualTo(1);
    String offset = second.replaceFirst(".*\"offset\":(\\d+),.*", "$1");
    assertThat(damaged.out())
        .filteredOn(line -> line.contains("\"damage\":true"))
        .singleElement()
        .asString()
        .contains(
            "\"type\":\"RECORDS\"",
            "\"topic\":\"checked\"",
            "\"offset\":" + offset + ",\"next_offset\":" + (Long.parseLong(offset) + 1),
            "\"readings\":1",
            file + " bytes ");
    assertThat(damaged.out()).last().asString().contains("\"clean\":false", "\"readings_lost\":1");
    CommandResult words = CommandResult.of(List.of("verify", data));
    assertThat(words.exitCode()).isEqualTo(1);
    assertThat(words.out())
        .anyMatch(
            line ->
                line.matches("RECORDS [0-9a-f]{16}/0 \\(topic checked\\): .*")
                    && line.contains("offsets " + offset + " to " + offset + ", readings lost: 1"));
    assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(bytes);
  }

  private static String secondBatch(Path data) {
    return CommandResult.of(List.of("dump", data)).out().stream()
        .filter(line -> line.contains("\"type\":\"BATCH\""))
        .skip(1)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void secondServerOnTheDirectory_isRefused() {
    CommandResult second =
        CommandResult.of(List.of("serve", "--port", 0, "--data", directory.resolve("data")));
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.err()).contains("in use by another Weir process");
  }

  @Test
  void terminatedServer_endsLiveTailInOrder_andExitsWith0() throws Exception {
    try (CommandProcess own = CommandProcess.server(directory.resolve("own"), 0)) {
      CommandResult publish =
          CommandResult.of(List.of("publish", "live", "s", "1", "--server", own.address()));
      assertThat(publish.exitCode()).as(publish::toString).isZero();
      try (CommandProcess tail =
          CommandProcess.start(
              "tail",
              "live",
              "--from",
              "earliest",
              "--server",
              own.address(),
              "--retry-seconds",
              0)) {
        tail.awaitLines(1);
        own.terminate();
        assertThat(own.awaitExit()).as(own::toString).isZero();
        assertThat(tail.awaitExit()).as(tail::toString).isEqualTo(1);
        assertThat(tail.err()).contains("weir: ");
      }
    }
  }

  private static CommandResult weir(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.add("--server");
    all.add(server.address());
    return CommandResult.of(all);
  }

  private static List<String> ok(Object... arguments) {
    CommandResult call = weir(arguments);
    assertThat(call.exitCode()).as(call::toString).isZero();
    return call.out();
  }

  private static String reading(String topic, String sensor, String value) {
    return String.format(
        Locale.ROOT,
        "{\"topic\":\"%s\",\"sensor\":\"%s\",\"time\":\"2023-11-14T22:13:20.000000000Z\","
            + "\"value\":%s,C}",
        topic,
        sensor,
        value);
  }

  private static List<String> values(List<String> lines) {
    return lines.stream().map(line -> line.replaceFirst(".*\"value\":([^,]+),.*", "$1")).toList();
  }

  private static String cursor(String line) {
    return line.replaceFirst(".*\"cursor\":\"([^\"]+)\".*", "$1");
  }
}
