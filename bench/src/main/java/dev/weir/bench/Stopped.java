package dev.weir.bench;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.BystanderProcess;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.LatencyProcess;
import dev.weir.bench.load.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The program that asks what one stopped (SIGSTOP) subscriber costs the others: rounds of latency
 * without and with it, by turns, against one server. Owned by the main thread.
 */
public final class Stopped {
  private static final Path DATA = Path.of("bench/target/stopped-data");
  private static final List<String> JVM = List.of("-Xms512m", "-Xmx512m");
  private static final Duration WARM_UP = Duration.ofSeconds(10);

  /** Time for the stopped one's connection to fill up, and as long without it. */
  private static final Duration SETTLE = Duration.ofSeconds(4);

  private static final Fields DEFAULTS =
      Fields.none()
          .with("pairs", 5)
          .with("seconds", 10)
          .with("subscriptions", 99)
          .with("rate", 5_000)
          .with("blob_bytes", 1_024);
  private static final double MICROS_PER_MILLI = 1e3;
  private static final int EXIT_FAILED = 1;

  private final Fields settings;
  private final List<Round> without = new ArrayList<>();
  private final List<Round> with = new ArrayList<>();

  private Stopped(Fields settings) {
    this.settings = settings;
  }

  /** One window's latencies. */
  private record Round(long readings, double p50Millis, double p99Millis) {
    static Round of(Fields answer) {
      return new Round(
          answer.number("readings"),
          Double.parseDouble(answer.text("p50_micros")) / MICROS_PER_MILLI,
          Double.parseDouble(answer.text("p99_micros")) / MICROS_PER_MILLI);
    }
  }

  /** Settings as {@code name=value}; exit code 1 where a reading was lost or nothing was run. */
  public static void main(String[] args) throws Exception {
    DataDirectory data = new DataDirectory(DATA);
    boolean complete;
    data.requireAbsent();
    try {
      complete = new Stopped(DEFAULTS.with(Fields.parse(args))).run();
    } finally {
      data.delete();
    }
    System.exit(complete ? 0 : EXIT_FAILED);
  }

  private boolean run() throws BenchFailure, InterruptedException {
    Fields serving = Fields.none().with("data", DATA).with("limits", "");
    try (ChildProcess server = ChildProcess.start("server", ServerProcess.class, JVM, serving)) {
      Fields place =
          Fields.none()
              .with("target", "127.0.0.1:" + server.answer().count("port"))
              .with("topic", "bench");
      Fields loading = place.with(settings);
      try (ChildProcess load = ChildProcess.start("load", LatencyProcess.class, JVM, loading)) {
        load.answer();
        load.ask("go");
        BenchRuntime.pause(WARM_UP);
        for (int pair = 0; pair < settings.count("pairs"); pair++) {
          without.add(measure(load));
          with.add(measureBesideStopped(load, place));
        }
        Fields end = load.ask("stop");
        print(end);
        return end.number("received") == end.number("published") && end.number("gaps") == 0;
      }
    }
  }

  private Round measure(ChildProcess load) throws BenchFailure, InterruptedException {
    BenchRuntime.pause(SETTLE);
    load.ask("begin");
    BenchRuntime.pause(Duration.ofSeconds(settings.number("seconds")));
    Round round = Round.of(load.ask("end"));
    System.err.println(round);
    return round;
  }

  private Round measureBesideStopped(ChildProcess load, Fields place)
      throws BenchFailure, InterruptedException {
    try (ChildProcess bystander =
        ChildProcess.start("bystander", BystanderProcess.class, JVM, place)) {
      bystander.answer();
      bystander.pause();
      try {
        return measure(load);
      } finally {
        bystander.resume();
      }
    }
  }

  private void print(Fields end) {
    System.out.println("Machine: " + Machine.present());
    System.out.println("Settings: " + settings + "; every live reading: " + end);
    System.out.println();
    System.out.println(
        "| round | readings | p50 ms | p99 ms | beside a stopped one: readings | p50 ms | p99 ms"
            + " |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int i = 0; i < without.size(); i++) {
      Round alone = without.get(i);
      Round beside = with.get(i);
      System.out.printf(
          Locale.ROOT,
          "| %d | %,d | %.2f | %.2f | %,d | %.2f | %.2f |%n",
          i + 1,
          alone.readings(),
          alone.p50Millis(),
          alone.p99Millis(),
          beside.readings(),
          beside.p50Millis(),
          beside.p99Millis());
    }
    System.out.println();
    printMedians("p50", Round::p50Millis);
    printMedians("p99", Round::p99Millis);
  }

  private void printMedians(String name, ToDoubleFunction<Round> number) {
    double alone = Spread.of(without, number).median();
    double beside = Spread.of(with, number).median();
    System.out.printf(
        Locale.ROOT,
        "Median %s: %.2f ms without, %.2f ms with the stopped one, ratio %.2f.%n",
        name,
        alone,
        beside,
        beside / alone);
  }
}
