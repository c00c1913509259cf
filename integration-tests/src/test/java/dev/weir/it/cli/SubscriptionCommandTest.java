package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Last values, snapshots, modes, durable tails, topics and sessions, from the command line. */
class SubscriptionCommandTest {
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
  void latest_isTheGreatestEventTimeOfEachSensor() throws IOException {
    publish("latest", "2,a/x,2\n1,a/x,1\n3,a/y,3\n1,b,4\n");
    CommandResult all = weir("latest", "latest");
    assertThat(all.exitCode()).as(all::toString).isZero();
    assertThat(all.out().get(0)).matches("SENSOR +TIME +VALUE +UNIT");
    assertThat(all.out().subList(1, all.out().size()).stream().map(line -> line.split(" +")))
        .extracting(words -> words[0] + "=" + words[3])
        .containsExactly("a/x=2.0", "a/y=3.0", "b=4.0");
    assertThat(all.err()).matches("weir: as of cursor \\S+\n");
    assertThat(ok("latest", "latest", "--glob", "a/*", "--json"))
        .containsExactly(
            "{\"topic\":\"latest\",\"sensor\":\"a/x\",\"time\":\"1970-01-01T00:00:02.000000000Z\","
                + "\"value\":2.0,\"unit\":\"\"}",
            "{\"topic\":\"latest\",\"sensor\":\"a/y\",\"time\":\"1970-01-01T00:00:03.000000000Z\","
                + "\"value\":3.0,\"unit\":\"\"}");
    assertThat(ok("latest", "latest", "--label", "site=north")).hasSize(1);
    String cursor = all.err().replaceFirst("(?s).*cursor (\\S+).*", "$1");
    ok("publish", "latest", "b", "5");
    assertThat(values(ok("tail", "latest", "--from", cursor, "--until", "now", "--json")))
        .containsExactly("5.0");
  }

  @Test
  void latestOfManySensors_comesFromAllPages() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 2_500; i++) {
      rows.append(i).append(",s").append(i).append(',').append(i).append('\n');
    }
    publish("pages", rows.toString());
    assertThat(values(ok("latest", "pages", "--json"))).hasSize(2_500).doesNotHaveDuplicates();
  }

  @Test
  void snapshot_comesFirstBetweenItsMarks_thenWhatIsStoredAfterIt() throws Exception {
    publish("snapshot", "1,a,1\n2,a,2\n3,b,3\n");
    try (CommandProcess tail = live("snapshot", "--snapshot", "--limit", 1, "--json")) {
      tail.awaitLines(2);
      tail.awaitErr("weir: snapshot ends");
      ok("publish", "snapshot", "a", "9");
      assertThat(tail.awaitExit()).as(tail::toString).isZero();
      assertThat(values(tail.out())).containsExactly("2.0", "3.0", "9.0");
      assertThat(tail.out().get(0)).endsWith("\"cursor\":\"\"}");
      assertThat(tail.err()).startsWith("weir: snapshot begins");
    }
  }

  @Test
  void modes_printWhatTheyAskFor() throws Exception {
    ok("publish", "modes", "s", "0");
    try (CommandProcess above = live("modes", "--above", 5, "--hysteresis", 2, "--json");
        CommandProcess change = live("modes", "--on-change=1.5", "--json");
        CommandProcess crossing = live("modes", "--crossing", 5, "--json")) {
      for (CommandProcess tail : List.of(above, change, crossing)) {
        tail.awaitErr("weir: snapshot ends");
      }
      for (int value : new int[] {1, 6, 5, 6, 2, 7}) {
        ok("publish", "modes", "s", value);
      }
      above.awaitLines(3);
      change.awaitLines(4);
      crossing.awaitLines(4);
      assertThat(values(above.out())).containsExactly("0.0", "6.0", "7.0");
      assertThat(values(change.out())).containsExactly("0.0", "6.0", "2.0", "7.0");
      assertThat(values(crossing.out())).containsExactly("0.0", "6.0", "2.0", "7.0");
    }
  }

  @Test
  void eventTimes_selectReadings() throws IOException {
    publish("event", "10,a,1\n20,a,2\n30,a,3\n");
    String[] whole = {"tail", "event", "--from", "earliest", "--until", "now", "--json"};
    assertThat(values(ok(with(whole, "--event-from", 20)))).containsExactly("2.0", "3.0");
    assertThat(values(ok(with(whole, "--event-until", 20)))).containsExactly("1.0");
    assertThat(values(ok(with(whole, "--event-from", 20, "--event-until", 30))))
        .containsExactly("2.0");
    assertThat(ok(with(whole, "--until-time", "2001-01-01T00:00:00Z"))).isEmpty();
  }

  @Test
  void maxAge_skipsWithoutFailing() throws Exception {
    publish("aged", "1,a,1\n");
    await()
        .until(
            () ->
                ok("tail", "aged", "--from", "earliest", "--until", "now", "--max-age", "1ms")
                    .isEmpty());
    CommandResult tail =
        weir("tail", "aged", "--from", "earliest", "--until", "now", "--max-age", "1ms");
    assertThat(tail.exitCode()).as(tail::toString).isZero();
    assertThat(tail.err()).contains("1 readings of partition 0 are skipped (GAP_REASON_TOO_OLD)");
  }

  @Test
  void tailThatIsTooFarBehind_doesWhatItsOverflowSays() throws IOException {
    for (int i = 0; i < 5; i++) {
      publish("behind", i + ",a," + i + "\n" + i + ",b," + i + "\n");
    }
    String[] behind = {"tail", "behind", "--from", "earliest", "--until", "now", "--json"};
    CommandResult end = weir(with(behind, "--overflow", "end", "--max-lag", 4));
    assertThat(end.exitCode()).as(end::toString).isEqualTo(1);
    assertThat(end.out()).isEmpty();
    assertThat(end.err()).startsWith("weir: ended because it could not keep up");
    CommandResult dropped = weir(with(behind, "--overflow", "drop-oldest", "--max-lag", 4));
    assertThat(dropped.exitCode()).as(dropped::toString).isZero();
    assertThat(values(dropped.out())).containsExactly("4.0", "4.0");
    assertThat(dropped.err()).startsWith("weir: 8 readings of partition 0 are skipped (GAP_");
    CommandResult conflated = weir(with(behind, "--overflow", "conflate", "--max-lag", "1ms"));
    assertThat(conflated.exitCode()).as(conflated::toString).isEqualTo(1);
    assertThat(conflated.err()).contains("until.now: goes with an overflow other than CONFLATE");
    assertThat(ok(with(behind, "--overflow", "catch-up"))).hasSize(10);
  }

  @Test
  void durableTail_goesOnBehindWhatItPrinted() throws Exception {
    publish("durable", "1,a,1\n2,a,2\n");
    String[] once = {"tail", "durable", "--durable", "archive", "--until", "now", "--json"};
    assertThat(values(ok((Object[]) once))).containsExactly("1.0", "2.0");
    publish("durable", "3,a,3\n");
    List<String> listed = ok("cursors", "durable");
    assertThat(listed.get(0)).matches("NAME +LAG +COMMITTED +CURSOR");
    assertThat(listed.get(1)).matches("archive +1  20\\S+Z  \\S+");
    assertThat(values(ok((Object[]) once))).containsExactly("3.0");
    assertThat(ok("cursors", "durable", "--json"))
        .singleElement()
        .asString()
        .startsWith(
            "{\"topic\":\"durable\",\"name\":\"archive\",\"lag_readings\":0,\"committed\":\"20");
    assertThat(ok("cursors", "durable", "--delete", "archive"))
        .containsExactly("the cursor of archive is forgotten");
    assertThat(values(ok((Object[]) once))).containsExactly("1.0", "2.0", "3.0");
    CommandResult again = weir("cursors", "durable", "--delete", "nobody");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains("CURSOR_NOT_FOUND");
  }

  @Test
  void durableTailWhoseOutputIsClosed_hasCommittedNothingButWhatItWrote() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      rows.append(i).append(",s,").append(i).append('\n');
    }
    publish("cut", rows.toString());
    Object[] tail = {"tail", "cut", "--durable", "d", "--until", "now", "--json"};
    ClosedOutput pipe = new ClosedOutput(10 * 1_024);
    CommandResult first = CommandResult.to(pipe, List.of(with(tail, "--server", server.address())));
    assertThat(first.exitCode()).as(first::toString).isEqualTo(1);
    assertThat(first.err()).contains("standard output was closed");
    List<String> printed = new ArrayList<>(values(pipe.lines()));
    assertThat(printed).isNotEmpty().hasSizeLessThan(5_000);
    printed.addAll(values(ok(tail)));
    assertThat(Set.copyOf(printed)).as("every value was written").hasSize(5_000);
  }

  @Test
  void terminatedDurableTail_hasCommittedWhatItPrinted() throws Exception {
    publish("ended", "1,a,1\n2,a,2\n");
    try (CommandProcess tail = live("ended", "--durable", "archive")) {
      tail.awaitLines(2);
      tail.terminate();
      tail.awaitExit();
    }
    publish("ended", "3,a,3\n");
    assertThat(values(ok("tail", "ended", "--durable", "archive", "--until", "now", "--json")))
        .containsExactly("3.0");
  }

  @Test
  void topic_isCreatedChangedAndDeleted() {
    ok(
        "topics",
        "create",
        "life",
        "--durability",
        "memory",
        "--max-bytes",
        "2MiB",
        "--label",
        "site=north");
    assertThat(ok("topics", "--json"))
        .anyMatch(
            line ->
                line.startsWith("{\"topic\":\"life\",\"partitions\":1,\"durability\":\"MEMORY\",")
                    && line.endsWith(
                        ",\"max_age_seconds\":0,\"max_bytes\":2097152,"
                            + "\"labels\":{\"site\":\"north\"}}"));
    assertThat(ok("topics", "update", "life", "--max-age", "90m"))
        .containsExactly("topic life is changed");
    assertThat(ok("topics"))
        .anyMatch(line -> line.matches("life +1  MEMORY +1h 30m +2MiB  20\\S+Z +site=north"));
    assertThat(ok("topics", "update", "life", "--no-labels", "--json").get(0))
        .endsWith(",\"max_age_seconds\":5400,\"max_bytes\":2097152,\"labels\":{}}");
    assertThat(weir("topics", "delete", "life").exitCode()).isEqualTo(2);
    assertThat(ok("topics", "delete", "life", "--yes")).containsExactly("topic life is deleted");
    assertThat(ok("topics", "--json")).noneMatch(line -> line.contains("\"life\""));
  }

  @Test
  void optionsBeforeASubcommand_countForItToo() {
    String[] before = {"topics", "--server", server.address(), "--json"};
    assertThat(CommandResult.of(List.of(with(before, "create", "before"))).out().get(0))
        .startsWith("{\"topic\":\"before\",\"partitions\":1,");
    assertThat(CommandResult.of(List.of(with(before, "delete", "before", "--yes"))).out())
        .containsExactly("{\"topic\":\"before\",\"deleted\":true}");
    assertThat(ok("topics", "--json")).noneMatch(line -> line.contains("\"before\""));
  }

  @Test
  void deletedTopic_endsItsTailWithExitCode1() throws Exception {
    publish("gone", "1,a,1\n");
    try (CommandProcess tail = live("gone", "--from", "earliest")) {
      tail.awaitLines(1);
      ok("topics", "delete", "gone", "--yes");
      assertThat(tail.awaitExit()).as(tail::toString).isEqualTo(1);
      assertThat(tail.err()).contains("weir: the topic was deleted");
    }
  }

  @Test
  void session_isListedExplainedAndEnded() throws Exception {
    publish("watched", "1,a,1\n");
    try (CommandProcess tail = live("watched", "--from", "earliest", "--sensor", "a")) {
      tail.awaitLines(1);
      tail.awaitErr("weir: caught up");
      assertThat(ok("sessions").get(0))
          .matches("SESSION +METHOD +CLIENT +PEER +AGE +IDLE +READING");
      String id = sessionOf("watched");
      assertThat(ok("sessions"))
          .anyMatch(
              line -> line.matches(id + " +Subscribe +weir-cli +127\\.0\\.0\\.1:\\d+ .*  yes"));
      List<String> told = ok("sessions", id);
      assertThat(told).startsWith("session " + id, "  method       Subscribe");
      assertThat(told)
          .contains(
              "  topic        watched",
              "  selects      a",
              "  mode         every",
              "  phase        caught up",
              "  lag          0 readings, 0 bytes, 0ms",
              "  gaps         0 readings")
          .anyMatch(
              line ->
                  line.startsWith("  advice       The subscription has everything it asks for"));
      assertThat(ok("sessions", id, "--end", "--message", "maintenance"))
          .containsExactly("session " + id + " is ended");
      tail.awaitErr("weir: connected to ");
      assertThat(tail.err()).contains("SESSION_ENDED: maintenance");
    }
    CommandResult none = weir("sessions", "nobody");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).startsWith("weir: SESSION_NOT_FOUND: ");
  }

  @Test
  void info_tellsEachBudgetWithItsLimitAndUse() throws IOException {
    List<String> lines = ok("info");
    assertThat(lines.get(0)).matches("BUDGET +UNIT +LIMIT +USED +REFUSED");
    assertThat(lines).anyMatch(line -> line.matches("session_budget_bytes +bytes +[0-9,]+ .*"));
    assertThat(ok("info", "--json"))
        .anyMatch(line -> line.startsWith("{\"budget\":\"open_files_max\",\"unit\":\"files\","));
  }

  @Test
  void sessionWhoseSelectorMatchesNothing_saysSo() throws Exception {
    publish("nothing", "1,a,1\n");
    try (CommandProcess tail = live("nothing", "--from", "earliest", "--sensor", "b")) {
      tail.awaitErr("weir: caught up");
      assertThat(ok("sessions", sessionOf("nothing"), "--json").get(1))
          .contains("\"phase\":\"filter-matches-nothing\"", "\"names\":[\"b\"]");
    }
  }

  @Test
  void severalServers_areTriedUntilOneIsThere() throws IOException {
    publish("several", "1,a,1\n");
    int dead;
    try (ServerSocket free = new ServerSocket(0)) {
      dead = free.getLocalPort();
    }
    String servers = "127.0.0.1:" + dead + "," + server.address();
    List<Object> tail = List.of("tail", "several", "--from", "earliest", "--until", "now");
    for (List<Object> command :
        List.of(tail, List.<Object>of("topics"), List.<Object>of("sessions"))) {
      CommandResult call = CommandResult.of(List.of(with(command.toArray(), "--server", servers)));
      assertThat(call.exitCode()).as(call::toString).isZero();
    }
    CommandResult none =
        CommandResult.of(List.of("topics", "--server", "127.0.0.1:" + dead + ",[::1]:" + dead));
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).startsWith("weir: no server at 127.0.0.1:" + dead + ",[::1]:" + dead);
  }

  /** The one session with a subscription to this topic. */
  private static String sessionOf(String topic) {
    return ok("sessions", "--json").stream()
        .map(line -> line.replaceFirst(".*\"session\":\"([^\"]+)\".*", "$1"))
        .filter(id -> weir("sessions", id).out().contains("  topic        " + topic))
        .findFirst()
        .orElseThrow();
  }

  private static CommandProcess live(String topic, Object... options) throws IOException {
    return CommandProcess.start(
        with(new String[] {"tail", topic, "--server", server.address()}, options));
  }

  private static void publish(String topic, String rows) throws IOException {
    Path csv = Files.createTempFile(directory, topic, ".csv");
    Files.writeString(csv, "t,s,v\n" + rows);
    ok(
        "publish",
        topic,
        "--csv",
        csv,
        "--time-column",
        "t",
        "--sensor-column",
        "s",
        "--value-column",
        "v");
  }

  private static Object[] with(Object[] words, Object... more) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray();
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

  private static List<String> values(List<String> lines) {
    return lines.stream().map(line -> line.replaceFirst(".*\"value\":([^,]+),.*", "$1")).toList();
  }
}
