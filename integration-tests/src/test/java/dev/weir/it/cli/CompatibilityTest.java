package dev.weir.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data directory and a spool that an earlier version wrote are verified, read and continued.
 *
 * <p>{@code tools/write-compatibility-fixture} wrote them: 12,000 rows and three readings of other
 * kinds before a stop in order, 3,000 rows before a kill, a durable subscription that had read 500,
 * a topic that was deleted, and 500 rows in the spool of a publisher without a server.
 */
class CompatibilityTest {
  private static final int STORED_ROWS = 15_000;
  private static final int SPOOLED_ROWS = 500;
  private static final int OTHER_READINGS = 3;
  private static final int SENSORS = 10;
  private static final int COMMITTED = 500;
  private static final Pattern READING =
      Pattern.compile("\"sensor\":\"([^\"]+)\".*\"value\":([0-9.]+)");

  @TempDir private Path directory;
  private Path data;

  @BeforeEach
  void unpack() throws IOException {
    data = directory.resolve("data");
    try (InputStream packed = getClass().getResourceAsStream("/compatibility/before-renaming.zip");
        ZipInputStream zip = new ZipInputStream(packed)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path path = directory.resolve(entry.getName()).normalize();
        assertThat(path.startsWith(directory)).as("in the directory: %s", path).isTrue();
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else {
          Files.createDirectories(path.getParent());
          Files.copy(zip, path);
        }
      }
    }
  }

  @Test
  void directoryAndSpoolOfAnEarlierVersion_areVerified_read_andContinued() throws Exception {
    assertThat(logFiles()).as("segments").hasSizeGreaterThan(3);
    assertVerified();
    try (CommandProcess server = CommandProcess.server(data, 0)) {
      String address = server.address();
      assertThat(ok(address, "topics", "--json"))
          .singleElement()
          .asString()
          .contains("\"plant\"")
          .contains("north");
      assertRows(address, STORED_ROWS);
      assertThat(ok(address, "tail", "plant", "--durable", "billing", "--until", "now"))
          .as("a durable subscription continues after its commit")
          .hasSize(STORED_ROWS + OTHER_READINGS - COMMITTED);
      List<String> latest = ok(address, "latest", "plant", "--json");
      assertThat(latest).hasSize(SENSORS + OTHER_READINGS);
      assertThat(String.join("\n", latest)).contains("open").contains("true");

      assertThat(publish(address, "spooled.csv", "--producer", "spooled", "--spool", spool()))
          .containsExactly("published 0 acknowledged " + SPOOLED_ROWS);
      Path more = directory.resolve("more.csv");
      Files.writeString(more, "time,sensor,value\n1767250000000,line1/temp,15501\n");
      assertThat(publish(address, "more.csv", "--producer", "gateway"))
          .as("of a producer that the directory knows")
          .containsExactly("published 1 acknowledged 1");
      assertRows(address, STORED_ROWS + SPOOLED_ROWS + 1);
      server.terminate();
      assertThat(server.awaitExit()).as(server::toString).isZero();
    }
    assertVerified();
    try (CommandProcess server = CommandProcess.server(data, 0)) {
      assertRows(server.address(), STORED_ROWS + SPOOLED_ROWS + 1);
    }
  }

  private String spool() {
    return directory.resolve("spool").toString();
  }

  private List<Path> logFiles() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(file -> file.toString().endsWith(".log")).toList();
    }
  }

  private void assertVerified() {
    CommandResult verified = CommandResult.of(List.of("verify", data));
    assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();
  }

  /** Every row is there once, those of a sensor in order. */
  private static void assertRows(String address, int rows) {
    Map<String, List<Integer>> expected = new TreeMap<>();
    for (int row = 1; row <= rows; row++) {
      expected
          .computeIfAbsent("line" + row % SENSORS + "/temp", sensor -> new ArrayList<>())
          .add(row);
    }
    Map<String, List<Integer>> found = new TreeMap<>();
    for (String line :
        ok(address, "tail", "plant", "--from", "earliest", "--until", "now", "--json")) {
      Matcher reading = READING.matcher(line);
      if (line.contains("/temp\"") && reading.find()) {
        found
            .computeIfAbsent(reading.group(1), sensor -> new ArrayList<>())
            .add((int) Double.parseDouble(reading.group(2)));
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  private List<String> publish(String address, String csv, String... more) {
    List<Object> words =
        new ArrayList<>(List.of("publish", "plant", "--csv", directory.resolve(csv)));
    words.addAll(List.of("--time-column", "time", "--value-column", "value"));
    words.addAll(List.of("--sensor-column", "sensor"));
    words.addAll(List.of(more));
    return ok(address, words.toArray());
  }

  private static List<String> ok(String address, Object... words) {
    List<Object> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--server", address));
    CommandResult result = CommandResult.of(arguments);
    assertThat(result.exitCode()).as(result.line() + "\n" + result.err()).isZero();
    return result.out();
  }
}
