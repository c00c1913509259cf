package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rigs of {@link Latency} and the disk beside them. SYNCED follows MEMORY in each round, and
 * its p99 less that of the same round is what it adds. Owned by the runner's thread.
 */
final class LatencyBout implements Bout {
  /** What SYNCED adds to the p99; of the disk: the p99 itself. */
  static final String ADDED = "added_p99_millis";

  private static final String P99 = "p99_millis";

  private final RigBout rigs;
  private final SyncProbe probe;
  private double memoryP99 = Double.NaN;

  LatencyBout(RigBout rigs, SyncProbe probe) {
    this.rigs = rigs;
    this.probe = probe;
  }

  @Override
  public List<Contender> contenders() {
    List<Contender> all = new ArrayList<>(rigs.contenders());
    all.add(SyncProbe.CONTENDER);
    return all;
  }

  @Override
  public Map<String, String> missing() {
    return rigs.missing();
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    if (contender.equals(SyncProbe.CONTENDER)) {
      return withAdded(probe.measure(), 0);
    }
    Sample sample = rigs.measure(contender);
    if (contender.name().equals(Entrant.WEIR_MEMORY.label())) {
      memoryP99 = sample.numbers().get(P99);
    }
    boolean adds = contender.name().equals(Entrant.WEIR_SYNCED.label()) && !Double.isNaN(memoryP99);
    return adds ? withAdded(sample, memoryP99) : sample;
  }

  private static Sample withAdded(Sample sample, double toP99) {
    Map<String, Double> numbers = new LinkedHashMap<>(sample.numbers());
    numbers.put(ADDED, numbers.get(P99) - toP99);
    return new Sample(numbers, sample.problems());
  }

  @Override
  public void close() throws BenchFailure {
    rigs.close();
  }
}
