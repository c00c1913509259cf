package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** P5b: what a TCP connection with one idle subscription costs. Stateless. */
public final class ConnectionMemoryScenario implements Scenario {
  private static final String WEIR = "weir";
  private static final String NATS = "nats";
  private static final int CONNECTIONS = 10_000;
  private static final int OTHER_FILES = 500;
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final int HARD_COLUMN = 4;

  @Override
  public String name() {
    return "memory-connections";
  }

  @Override
  public List<BenchTarget> targets() {
    return List.of(
        new BenchTarget(
            "P5b",
            String.format("resident bytes per connection with a subscription, %,d", CONNECTIONS),
            "resident_bytes",
            WEIR,
            NATS,
            BenchTarget.Form.RATIO,
            BenchTarget.Bound.AT_MOST,
            1,
            0.5));
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure {
    MemoryRun bout = new MemoryRun(setting);
    long files = openFilesMax();
    for (String name : List.of(WEIR, NATS)) {
      if (files < CONNECTIONS + OTHER_FILES) {
        bout.leaveOut(
            name,
            String.format(
                "a process may open %,d files here, and needs %,d (ulimit -Hn)",
                files, CONNECTIONS + OTHER_FILES));
      } else {
        bout.add(new MemoryCase(name, name.equals(NATS), CONNECTIONS, CONNECTIONS, 1));
      }
    }
    return bout;
  }

  /** The hard limit: both Java and Go raise the soft one to it when they start. */
  private static long openFilesMax() throws BenchFailure {
    try (Stream<String> lines = Files.lines(LIMITS)) {
      String hard =
          lines
              .filter(line -> line.startsWith("Max open files"))
              .map(line -> line.trim().split(" +", -1)[HARD_COLUMN])
              .findFirst()
              .orElse("0");
      return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
    } catch (IOException e) {
      throw new BenchFailure(LIMITS + " cannot be read", e);
    }
  }
}
