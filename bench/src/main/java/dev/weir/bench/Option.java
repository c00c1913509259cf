package dev.weir.bench;

import java.util.Locale;

/** What can be chosen on the command line, with its default. Immutable. */
enum Option {
  RUNS("5", "runs whose rate is measured"),
  SECONDS("30", "length of the measured window of a run"),
  WARMUP("5", "seconds before the window"),
  WIRE_SECONDS("8", "length of the run that counts bytes; 0: none"),
  SENSORS("1024", "sensors of each publisher, published in turn"),
  PARTITIONS("1", "partitions of the topic"),
  PUBLISHERS("1", "publishing processes"),
  BATCH_READINGS("0", "the client's batchReadingsMax; 0: its default"),
  BATCH_BYTES("0", "the client's batchBytesMax; 0: its default"),
  LINGER_MICROS("0", "the client's linger; 0: its default"),
  BUFFERED_BYTES("0", "the client's bufferedBytesMax; 0: its default"),
  LIMITS("", "the server's limits as name:value,… of docs/limits.md"),
  JVM("-Xms1g -Xmx1g", "options of every process"),
  SERVER_JVM("", "more options of the server"),
  PUBLISHER_JVM("", "more options of the publishers"),
  SUBSCRIBER_JVM("", "more options of the subscriber"),
  JFR("", "directory for a flight recording of every process; empty: none"),
  DATA("bench/target/data", "directory for the log; emptied after each run"),
  OUT("bench/target/results.json", "file for the results");

  private final String defaultText;
  private final String meaning;

  Option(String defaultText, String meaning) {
    this.defaultText = defaultText;
    this.meaning = meaning;
  }

  String defaultText() {
    return defaultText;
  }

  /** The name as it is typed. */
  String flag() {
    return "--" + key().replace('_', '-');
  }

  /** The name as it stands in the results. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  String help() {
    String shown = defaultText.isEmpty() ? "nothing" : defaultText;
    return String.format("  %-18s %s (default %s)", flag(), meaning, shown);
  }
}
