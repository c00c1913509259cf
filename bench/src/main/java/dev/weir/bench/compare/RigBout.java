package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.peer.MissingPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A bout of several {@link Rig}s, all up at once, warmed up one after the other. */
final class RigBout implements Bout {
  private final Map<Contender, Rig> rigs = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final Setting setting;

  private RigBout(Setting setting) {
    this.setting = setting;
  }

  /** An entrant with the load it gets. */
  record Entry(Entrant entrant, Load load) {}

  static RigBout open(Setting setting, List<Entry> entries)
      throws BenchFailure, InterruptedException {
    RigBout bout = new RigBout(setting);
    try {
      for (Entry entry : entries) {
        bout.add(entry);
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
      Contender contender = entry.entrant().contender();
      Rig rig = Rig.open(entry.entrant(), entry.load(), setting);
      rigs.put(contender, rig);
      rig.warmUp(setting.warmupSeconds());
    } catch (MissingPeer e) {
      missing.put(entry.entrant().label(), e.getMessage());
    }
  }

  @Override
  public List<Contender> contenders() {
    return List.copyOf(rigs.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
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
    for (Rig rig : rigs.values()) {
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
