package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.peer.MissingPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A bout of several {@link SystemUnderTest}s, all up at once. They are warmed up one after the
 * other, and then each has two rounds that do not count, by turns: the first ones have rested for
 * minutes while the others were warmed up, and a process that has rested is slower. Those with a
 * pace are warmed up all together and for longer: what runs seldom is compiled late, and a compiler
 * that has one of two processors decides how late a reading comes.
 */
final class SystemsRun implements ScenarioRun {
  private static final double NANOS_PER_SECOND = 1e9;

  /** So many times the warm-up of others. */
  private static final int PACED_TIMES = 2;

  private static final int ROUNDS_NOT_COUNTED = 2;

  private final Map<ContenderInfo, SystemUnderTest> rigs = new LinkedHashMap<>();
  private final List<SystemUnderTest> paced = new ArrayList<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final RunSettings setting;

  private SystemsRun(RunSettings setting) {
    this.setting = setting;
  }

  /** An entrant with the load it gets. */
  record Entry(ComparedSystem entrant, LoadShape load) {}

  static SystemsRun open(RunSettings setting, List<Entry> entries)
      throws BenchFailure, InterruptedException {
    SystemsRun bout = new SystemsRun(setting);
    try {
      for (Entry entry : entries) {
        bout.add(entry);
      }
      bout.warmUpPaced();
      for (int round = 0; round < ROUNDS_NOT_COUNTED; round++) {
        bout.warmUpByTurns();
      }
      return bout;
    } catch (BenchFailure | InterruptedException | RuntimeException e) {
      bout.closeAfter(e);
      throw e;
    }
  }

  private void add(Entry entry) throws BenchFailure, InterruptedException {
    if (!setting.admits(entry.entrant().label())) {
      missing.put(entry.entrant().label(), "left out by --entrants");
      return;
    }
    try {
      ContenderInfo contender = entry.entrant().contender();
      SystemUnderTest rig = SystemUnderTest.open(entry.entrant(), entry.load(), setting);
      rigs.put(contender, rig);
      if (entry.load().rate() > 0) {
        paced.add(rig);
      } else {
        long begin = System.nanoTime();
        rig.warmUp(setting.warmupSeconds());
        double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
        System.err.printf("%s warmed up in %.0f s%n", contender.name(), seconds);
      }
    } catch (MissingPeer e) {
      missing.put(entry.entrant().label(), e.getMessage());
    }
  }

  private void warmUpByTurns() throws BenchFailure, InterruptedException {
    for (SystemUnderTest rig : rigs.values()) {
      if (!paced.contains(rig)) {
        rig.round(Duration.ofSeconds(setting.windowSeconds()));
      }
    }
  }

  private void warmUpPaced() throws BenchFailure, InterruptedException {
    List<FutureTask<RoundSample>> loads = new ArrayList<>();
    for (SystemUnderTest rig : paced) {
      loads.add(BenchRuntime.start("warm-up-" + rig.entrant().label(), () -> warmUpPaced(rig)));
    }
    for (FutureTask<RoundSample> load : loads) {
      try {
        load.get();
      } catch (ExecutionException e) {
        throw new BenchFailure("a warm-up failed", e.getCause());
      }
    }
  }

  private RoundSample warmUpPaced(SystemUnderTest rig) throws BenchFailure, InterruptedException {
    RoundSample last = null;
    for (int i = 0; i < PACED_TIMES; i++) {
      last = rig.round(Duration.ofSeconds(setting.warmupSeconds()));
    }
    return last;
  }

  @Override
  public List<ContenderInfo> contenders() {
    return List.copyOf(rigs.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    return rigs.get(contender).round(Duration.ofSeconds(setting.windowSeconds()));
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (BenchFailure e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws BenchFailure {
    List<BenchFailure> failures = new ArrayList<>();
    for (SystemUnderTest rig : rigs.values()) {
      try {
        rig.close();
      } catch (BenchFailure e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }
}
