package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The program: several runs whose rate is measured, one that counts bytes, a table, a file. Owns
 * nothing beyond its runs.
 */
public final class Throughput {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_USAGE = 2;

  private final Options options;
  private final DataDirectory data;

  private Throughput(Options options) {
    this.options = options;
    this.data = new DataDirectory(Path.of(options.text(Option.DATA)));
  }

  /** See {@code --help}. Exit code 0 means that every reading was right, 1 not, 2 wrong usage. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length > 0 && args[0].equals("--help")) {
      System.out.println(Options.help());
      return;
    }
    try {
      boolean right = new Throughput(Options.parse(args)).run();
      System.exit(right ? 0 : EXIT_FAILED);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.help());
      System.exit(EXIT_USAGE);
    } catch (BenchFailure e) {
      System.err.println("bench: " + describe(e));
      System.exit(EXIT_FAILED);
    }
  }

  private static String describe(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure.getMessage() : failure.getMessage() + ": " + describe(cause);
  }

  private boolean run() throws BenchFailure, InterruptedException {
    data.requireAbsent();
    List<RunResult> runs = new ArrayList<>();
    int count = options.count(Option.RUNS);
    for (int i = 1; i <= count; i++) {
      RunResult result = measure();
      runs.add(result);
      System.err.printf(
          "run %d of %d: %,.0f readings/s acknowledged, %,.0f delivered%n",
          i, count, result.acknowledgedPerSecond(), result.deliveredPerSecond());
    }
    Optional<WireResult> wire =
        options.number(Option.WIRE_SECONDS) == 0 ? Optional.empty() : Optional.of(measureWire());
    Report report = new Report(Instant.now(), Machine.present(), options, runs, wire);
    System.out.println(report.markdown());
    save(report);
    return report.allRight();
  }

  private RunResult measure() throws BenchFailure, InterruptedException {
    long warmup = options.number(Option.WARMUP);
    try (ThroughputRun run = new ThroughputRun(options, warmup, options.number(Option.SECONDS))) {
      return run.measure();
    } finally {
      data.delete();
    }
  }

  private WireResult measureWire() throws BenchFailure, InterruptedException {
    long seconds = options.number(Option.WIRE_SECONDS);
    try (ThroughputRun run = new ThroughputRun(options, 0, seconds)) {
      return run.measureWire();
    } finally {
      data.delete();
    }
  }

  private void save(Report report) throws BenchFailure {
    Path out = Path.of(options.text(Option.OUT)).toAbsolutePath();
    try {
      Files.createDirectories(out.getParent());
      Files.writeString(out, report.json());
    } catch (IOException e) {
      throw new BenchFailure(out + " cannot be written", e);
    }
  }
}
