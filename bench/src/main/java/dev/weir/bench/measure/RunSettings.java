package dev.weir.bench.measure;

import dev.weir.bench.LaunchOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * The number and the length of a scenario's rounds, and the processes that take part. Immutable.
 *
 * @param rounds rounds of each contender, alternating; at least 5 for a figure in a document
 * @param windowSeconds measured seconds of a round
 * @param warmupSeconds of load before the first round, at most; it may end when compilers rest and
 *     nothing gets faster
 * @param data an empty directory below which contenders keep their data; emptied after the bout
 * @param launch how processes are started; each JVM by {@code launch.start}
 * @param entrants names of the only contenders that take part; empty: all
 * @param full whether the long form is asked for: {@code make bench-full}
 */
public record RunSettings(
    int rounds,
    int windowSeconds,
    int warmupSeconds,
    Path data,
    LaunchOptions launch,
    List<String> entrants,
    boolean full) {
  /** The same with the data in a directory below. */
  public RunSettings below(String directory) {
    return new RunSettings(
        rounds, windowSeconds, warmupSeconds, data.resolve(directory), launch, entrants, full);
  }

  /** The same with rounds that are so many times as long. */
  public RunSettings longer(int times) {
    return new RunSettings(
        rounds, times * windowSeconds, warmupSeconds, data, launch, entrants, full);
  }

  /** Returns whether a contender takes part. */
  public boolean admits(String contender) {
    return entrants.isEmpty() || entrants.contains(contender);
  }
}
