package dev.weir.cli.demo;

import dev.weir.cli.shell.CommandFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The lines of a child process so far: fields separated by tabs, of which the first names the kind
 * of line. Thread-safe.
 */
final class DemoProcessOutput {
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final Map<String, Long> numbers = new HashMap<>(); // guarded by this, as the two below
  private final Map<String, Live> values = new TreeMap<>();
  private final ReadingDigest tally = new ReadingDigest();

  /**
   * The newest value of a sensor.
   *
   * @param value the value
   * @param unit in UCUM notation
   */
  record Live(double value, String unit) {}

  /** Takes a line. Other lines than a report's are for people who watch the process alone. */
  void take(String line) {
    if (line.startsWith("weir ready ")) {
      ready.complete(line);
      return;
    }
    String[] words = line.split("\t", 2);
    String rest = words.length > 1 ? words[1] : "";
    switch (words[0]) {
      case "ready" -> ready.complete(line);
      case "done" -> done.complete(null);
      case "number", "value", "tally" -> keep(words[0], rest);
      default -> {}
    }
  }

  private synchronized void keep(String what, String rest) {
    String[] words = rest.split("\t", 3);
    switch (what) {
      case "number" -> numbers.put(words[0], Long.parseLong(words[1]));
      case "value" -> values.put(words[2], new Live(Double.parseDouble(words[0]), words[1]));
      default -> tally.addLine(rest);
    }
  }

  /** No line follows: whoever still waits gets a failure. */
  void ended(String reason) {
    ready.completeExceptionally(new CommandFailure(reason));
    done.completeExceptionally(new CommandFailure(reason));
  }

  /** Completes with the line that reports readiness. */
  CompletableFuture<String> ready() {
    return ready;
  }

  /** Completes when the report is whole. */
  CompletableFuture<Void> done() {
    return done;
  }

  synchronized long number(String name) {
    return numbers.getOrDefault(name, 0L);
  }

  /** The newest value of every sensor, by name. */
  synchronized Map<String, Live> values() {
    return new TreeMap<>(values);
  }

  /** The tally; whole and unchanging once {@link #done()}. */
  ReadingDigest tally() {
    done.join();
    return tally;
  }
}
