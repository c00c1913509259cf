package dev.weir.bench;

import dev.weir.bench.load.Fields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the processes of a run are started. Immutable.
 *
 * @param jvm options of every JVM, whichever system it belongs to
 * @param recordings directory for a flight recording of every JVM; empty: none
 * @param limits limits of Weir's server as {@code name:value,…} of docs/limits.md; may be empty
 */
public record Launch(List<String> jvm, Optional<Path> recordings, String limits) {
  /** Starts a process of {@code dev.weir.bench.load}; the name is unique within a run. */
  public ChildProcess start(String name, Class<?> main, Fields settings) throws BenchFailure {
    List<String> options = new ArrayList<>(jvm);
    recordings.ifPresent(
        directory -> {
          Path file = directory.resolve(name + ".jfr");
          options.add("-XX:StartFlightRecording=settings=profile,filename=" + file);
          options.add("-Xlog:jfr+startup=off");
        });
    return ChildProcess.start(name, main, options, settings);
  }
}
