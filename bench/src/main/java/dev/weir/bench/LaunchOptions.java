package dev.weir.bench;

import dev.weir.bench.load.KeyValues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings with which the processes of a run are started. Immutable.
 *
 * @param jvm options of every JVM, whichever system it belongs to
 * @param recordings directory for a flight recording of every JVM; empty: none
 * @param limits limits of Weir's server as {@code name:value,…} of docs/limits.md; may be empty
 */
public record LaunchOptions(List<String> jvm, Optional<Path> recordings, String limits) {
  private static final String PROGRAM = "bin/weir";

  /** Starts a process of {@code dev.weir.bench.load}; the name is unique within a run. */
  public BenchProcess start(String name, Class<?> main, KeyValues settings) throws BenchFailure {
    return BenchProcess.start(name, main, options(name), settings);
  }

  /**
   * Starts {@code bin/weir} as its users do, with these arguments; the name is unique within a run.
   */
  public BenchProcess startWeir(String name, List<String> words) throws BenchFailure {
    List<String> command = new ArrayList<>(List.of(PROGRAM));
    command.addAll(words);
    String options = String.join(" ", options(name));
    return BenchProcess.start(name, command, Map.of("WEIR_JAVA_OPTS", options));
  }

  private List<String> options(String name) {
    List<String> options = new ArrayList<>(jvm);
    recordings.ifPresent(
        directory -> {
          Path file = directory.resolve(name + ".jfr");
          options.add("-XX:StartFlightRecording=settings=profile,filename=" + file);
          options.add("-Xlog:jfr+startup=off");
        });
    return options;
  }
}
