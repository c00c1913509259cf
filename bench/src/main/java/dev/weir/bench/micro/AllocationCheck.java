package dev.weir.bench.micro;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The program that compares what the way of a delivery allocates with what it once did: bytes per
 * delivery, or per reading where the benchmark counts readings. Owned by its main thread.
 */
public final class AllocationCheck {
  private static final String[] WATCHED = {
    DeliveryBenchmark.class.getName(),
    ColumnDecodeBenchmark.class.getName(),
    ColumnEncodeBenchmark.class.getName(),
    BatchCheckBenchmark.class.getName(),
    ViewFilterBenchmark.class.getName()
  };
  private static final String BYTES_PER_OPERATION = "gc.alloc.rate.norm";
  private static final String WRITE = "--write";

  /** The tolerated growth of a figure, which may come from differences in JIT compilation. */
  private static final double TOLERATED_RATIO = 1.10;

  private static final double TOLERATED_BYTES = 1;
  private static final int ITERATIONS = 3;

  private AllocationCheck() {}

  /**
   * Measures, and compares with the file of the first argument; exit code 1 where something
   * allocates more. With {@code --write} as the second, the file is written instead.
   */
  public static void main(String[] args) throws Exception {
    Path baseline = Path.of(args[0]);
    Map<String, Double> measured = measure();
    if (args.length > 1 && args[1].equals(WRITE)) {
      write(baseline, measured);
      return;
    }
    if (!compare(read(baseline), measured)) {
      System.exit(1);
    }
  }

  private static Map<String, Double> measure() throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    for (String watched : WATCHED) {
      options.include(watched.replace(".", "\\."));
    }
    Collection<RunResult> results =
        new Runner(
                options
                    .addProfiler(GCProfiler.class)
                    .warmupIterations(ITERATIONS)
                    .measurementIterations(ITERATIONS)
                    .measurementTime(TimeValue.seconds(1))
                    .build())
            .run();
    Map<String, Double> bytes = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark().replaceAll(".*\\.(.*\\..*)", "$1");
      StringBuilder key = new StringBuilder(name);
      for (String parameter : result.getParams().getParamsKeys()) {
        key.append('.')
            .append(parameter)
            .append('.')
            .append(result.getParams().getParam(parameter));
      }
      Result<?> allocated = result.getSecondaryResults().get(BYTES_PER_OPERATION);
      bytes.put(key.toString(), allocated.getScore());
    }
    return bytes;
  }

  private static Properties read(Path file) throws IOException {
    Properties baseline = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      baseline.load(in);
    }
    return baseline;
  }

  private static void write(Path file, Map<String, Double> measured) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      out.write(
          "# Bytes allocated per delivery (DeliveryBenchmark) or per reading (the others).\n");
      out.write("# bench/check-allocation compares with it; --write makes it anew.\n");
      for (Map.Entry<String, Double> one : measured.entrySet()) {
        out.write(String.format("%s=%.2f%n", one.getKey(), one.getValue()));
      }
    }
  }

  private static boolean compare(Properties baseline, Map<String, Double> measured) {
    boolean within = true;
    System.out.println("| allocated bytes | baseline | now | |");
    System.out.println("|---|--:|--:|---|");
    for (Map.Entry<String, Double> one : measured.entrySet()) {
      String known = baseline.getProperty(one.getKey());
      double before = known == null ? 0 : Double.parseDouble(known);
      boolean fine = one.getValue() <= Math.max(before * TOLERATED_RATIO, before + TOLERATED_BYTES);
      System.out.printf(
          "| %s | %s | %.2f | %s |%n",
          one.getKey(), known == null ? "none" : known, one.getValue(), fine ? "" : "more");
      within &= fine;
    }
    return within;
  }
}
