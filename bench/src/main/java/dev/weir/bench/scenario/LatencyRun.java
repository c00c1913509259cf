package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.ScenarioRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the systems of {@link LatencyScenario} and the disk beside them. SYNCED follows MEMORY
 * in each round, and its p99 less that of the same round is what it adds. Owned by the runner's
 * thread.
 */
final class LatencyRun implements ScenarioRun {
  /** The p99 of SYNCED less that of MEMORY; for the disk alone, its p99. */
  static final String ADDED = "added_p99_millis";

  private static final String P99 = "p99_millis";

  private final SystemsRun rigs;
  private final FsyncProbe probe;
  private double memoryP99 = Double.NaN;

  LatencyRun(SystemsRun rigs, FsyncProbe probe) {
    this.rigs = rigs;
    this.probe = probe;
  }

  @Override
  public List<ContenderInfo> contenders() {
    List<ContenderInfo> all = new ArrayList<>(rigs.contenders());
    all.add(FsyncProbe.CONTENDER);
    return all;
  }

  @Override
  public Map<String, String> missing() {
    return rigs.missing();
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    if (contender.equals(FsyncProbe.CONTENDER)) {
      return withAdded(probe.measure(), 0);
    }
    RoundSample sample = rigs.measure(contender);
    if (contender.name().equals(ComparedSystem.WEIR_MEMORY.label())) {
      memoryP99 = sample.numbers().get(P99);
    }
    boolean adds =
        contender.name().equals(ComparedSystem.WEIR_SYNCED.label()) && !Double.isNaN(memoryP99);
    return adds ? withAdded(sample, memoryP99) : sample;
  }

  private static RoundSample withAdded(RoundSample sample, double toP99) {
    Map<String, Double> numbers = new LinkedHashMap<>(sample.numbers());
    numbers.put(ADDED, numbers.get(P99) - toP99);
    return new RoundSample(numbers, sample.problems());
  }

  @Override
  public void close() throws BenchFailure {
    rigs.close();
  }
}
