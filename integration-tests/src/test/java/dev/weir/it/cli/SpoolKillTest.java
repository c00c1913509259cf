package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code weir publish --spool} whose processes are killed, and whose servers are (O2, O3 across
 * restarts of the client).
 */
class SpoolKillTest {
  private static final int KILLS = Integer.getInteger("weir.it.spool.kills", 4);
  private static final long SEED = Long.getLong("weir.it.seed", 20261126);
  private static final int ROWS_PER_KILL = 15_000;
  private static final int SENSORS = 7;
  private static final int CHUNK = 500;

  @TempDir private Path directory;

  @Test
  void commandAndServerKilledAgainAndAgain_everyRowIsStoredOnceInOrder() throws Exception {
    Random random = new Random(SEED);
    int rows = KILLS * ROWS_PER_KILL;
    List<String> resumed = new ArrayList<>();
    CommandProcess server = CommandProcess.server(directory.resolve("data"), 0);
    int port = server.port();
    String address = server.address();
    createTopic(address);
    try {
      int fed = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        fed = Math.min(rows, fed + random.nextInt(2 * ROWS_PER_KILL));
        boolean withServer = kill % 2 == 1;
        try (CommandProcess publisher = publisher(address)) {
          feed(publisher, withServer ? fed / 2 : fed);
          if (withServer) {
            server.kill();
            feed(publisher, fed / 2, fed);
          }
          publisher.kill();
          resumed.addAll(publisher.err().lines().filter(line -> line.contains("behind")).toList());
        }
        if (withServer) {
          server = CommandProcess.server(directory.resolve("data"), port);
        }
      }
      try (CommandProcess last = publisher(address)) {
        feed(last, rows);
        last.closeInput();
        assertThat(last.awaitExit()).as(last::toString).isZero();
        resumed.addAll(last.err().lines().filter(line -> line.contains("behind")).toList());
      }
      System.out.printf(
          "seed %d: %d kills of the command, %d of the server, %d rows; resumed: %s%n",
          SEED, KILLS, KILLS / 2, rows, resumed);
      assertThat(resumed).as("runs that went on behind rows of earlier ones").isNotEmpty();
      assertStored(address, rows);
    } finally {
      server.close();
    }
  }

  @Test
  void secondCommandOnTheSameDirectory_isRefused_andAnotherMachineFencesTheFirst()
      throws Exception {
    try (CommandProcess server = CommandProcess.server(directory.resolve("data"), 0);
        CommandProcess first = publisher(server.address())) {
      createTopic(server.address());
      feed(first, CHUNK);
      awaitStored(server.address(), 1);
      Path csv = csv(10);
      CommandResult second = publish(server.address(), csv, "spool");
      assertThat(second.exitCode()).as(second.err()).isEqualTo(1);
      assertThat(second.err()).contains("SPOOL_IN_USE").contains("in another process");

      CommandResult elsewhere = publish(server.address(), csv, "spool of another machine");
      assertThat(elsewhere.exitCode()).as(elsewhere.err()).isZero();
      feed(first, CHUNK, CHUNK + 1);
      first.closeInput();
      assertThat(first.awaitExit()).as(first::toString).isEqualTo(1);
      assertThat(first.err()).containsAnyOf("PRODUCER_FENCED", "REPLACED");
      CommandResult again = publish(server.address(), csv(CHUNK + 20), "spool");
      assertThat(again.exitCode()).as(again.err()).isEqualTo(1);
      assertThat(again.err()).as("it stays shut out").contains("PRODUCER_FENCED");
    }
  }

  @Test
  void noServer_rowsAreKept_andTheSameCommandSendsThemOnceLater() throws Exception {
    Path csv = csv(2_000);
    Path data = directory.resolve("data");
    int port;
    try (CommandProcess server = CommandProcess.server(data, 0)) {
      port = server.port();
    }
    String address = "127.0.0.1:" + port;
    CommandResult without = publish(address, csv, "spool", "--retry-seconds", 1);
    assertThat(without.exitCode()).as(without.err()).isEqualTo(1);
    assertThat(without.err()).contains("the spool keeps 2000 readings: run the command again");

    try (CommandProcess server = CommandProcess.server(data, port)) {
      CommandResult rest = publish(server.address(), csv, "spool");
      assertThat(rest.exitCode()).as(rest.err()).isZero();
      assertThat(rest.err()).contains("going on behind 2000 rows");
      assertThat(rest.out()).containsExactly("published 0 acknowledged 2000");
      CommandResult finished = publish(server.address(), csv, "spool");
      assertThat(finished.out()).containsExactly("published 0 acknowledged 0");
      Files.writeString(csv, row(2_000), StandardOpenOption.APPEND);
      CommandResult appended = publish(server.address(), csv, "spool");
      assertThat(appended.out()).containsExactly("published 1 acknowledged 1");
      assertStored(server.address(), 2_001);
    }
  }

  @Test
  void anotherInputWhileOneIsUnfinished_isRefused_andAnotherFileAfterwardsIsPublished()
      throws Exception {
    try (CommandProcess server = CommandProcess.server(directory.resolve("data"), 0)) {
      createTopic(server.address());
      try (CommandProcess killed = publisher(server.address())) {
        feed(killed, CHUNK);
        awaitStored(server.address(), 1);
        killed.kill();
      }
      Path other = directory.resolve("other.csv");
      Files.writeString(other, "t,v,s\n1700000000000,0.25,s1\n");
      CommandResult refused = publish(server.address(), other, "spool");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("was not read to its end");

      assertThat(publish(server.address(), csv(CHUNK), "spool").exitCode()).isZero();
      assertStored(server.address(), CHUNK);
      CommandResult taken = publish(server.address(), other, "spool");
      assertThat(taken.out()).as(taken.err()).containsExactly("published 1 acknowledged 1");
    }
  }

  // ---- what the tests are made of

  private static void createTopic(String address) {
    CommandResult created = run(address, "topics", "create", "plant", "--partitions", 3);
    assertThat(created.exitCode()).as(created.err()).isZero();
  }

  private CommandProcess publisher(String address) throws IOException {
    return CommandProcess.start(arguments(address, "-", "spool").toArray());
  }

  private CommandResult publish(String address, Path csv, String spool, Object... more) {
    List<Object> words = arguments(address, csv, spool);
    words.addAll(List.of(more));
    return CommandResult.of(words);
  }

  private List<Object> arguments(String address, Object csv, String spool) {
    return new ArrayList<>(
        List.of(
            "publish",
            "plant",
            "--csv",
            csv,
            "--time-column",
            "t",
            "--value-column",
            "v",
            "--sensor-column",
            "s",
            "--producer",
            "import",
            "--spool",
            directory.resolve(spool),
            "--server",
            address));
  }

  private static CommandResult run(String address, Object... words) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--server", address));
    return CommandResult.of(all);
  }

  private Path csv(int rows) throws IOException {
    Path file = directory.resolve("rows.csv");
    StringBuilder text = new StringBuilder("t,v,s\n");
    for (int i = 0; i < rows; i++) {
      text.append(row(i));
    }
    return Files.writeString(file, text);
  }

  private static String row(int i) {
    return (1_700_000_000_000L + i) + "," + i + ".5,s" + i % SENSORS + "\n";
  }

  private static void feed(CommandProcess publisher, int to) throws IOException {
    publisher.write("t,v,s\n");
    feed(publisher, 0, to);
  }

  private static void feed(CommandProcess publisher, int from, int to) throws IOException {
    for (int row = from; row < to; row += CHUNK) {
      StringBuilder rows = new StringBuilder();
      for (int i = row; i < Math.min(to, row + CHUNK); i++) {
        rows.append(row(i));
      }
      publisher.write(rows.toString());
    }
  }

  private static void awaitStored(String address, int readings) throws Exception {
    try (WeirClient client = WeirClient.connect(address)) {
      var options = SubscriberOptions.builder("plant").fromEarliest().untilCount(readings).build();
      client.subscribe(options, reading -> {}).completion().get(60, TimeUnit.SECONDS);
    }
  }

  private static void assertStored(String address, int rows) throws Exception {
    Map<String, List<Double>> stored = new TreeMap<>();
    try (WeirClient client = WeirClient.connect(address)) {
      var options = SubscriberOptions.builder("plant").fromEarliest().untilNow().build();
      client
          .subscribe(
              options,
              reading ->
                  stored
                      .computeIfAbsent(reading.getSensor(), name -> new ArrayList<>())
                      .add(reading.getDouble()))
          .completion()
          .get(60, TimeUnit.SECONDS);
    }
    for (int sensor = 0; sensor < Math.min(SENSORS, rows); sensor++) {
      List<Double> expected = new ArrayList<>();
      for (int i = sensor; i < rows; i += SENSORS) {
        expected.add(i + 0.5);
      }
      assertThat(stored.get("s" + sensor)).as("sensor s%s", sensor).isEqualTo(expected);
    }
  }
}
