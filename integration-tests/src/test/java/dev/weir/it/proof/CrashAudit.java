package dev.weir.it.proof;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Real servers under load, killed at seeded points, with a comparison of all books after each kill.
 * Every twenty-fifth begins with an empty directory, and with the next seed, so that what went
 * wrong can be run again by itself. Owned by the test that runs it.
 */
final class CrashAudit {
  static final int ROUNDS_OF_ERA = 25;

  private final Path dir;
  private final List<String> faults;
  private final KillCounts counts = new KillCounts();
  private final List<String> findings = new ArrayList<>();
  private CrashTotals totals = CrashTotals.NONE;

  CrashAudit(Path dir, List<String> faults) {
    this.dir = dir;
    this.faults = faults;
  }

  /** Runs some rounds; ends early where something is wrong. */
  CrashAudit run(int rounds, long seed) throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (int done = 0; done < rounds && findings.isEmpty(); done += ROUNDS_OF_ERA) {
      long eraSeed = seed + done / ROUNDS_OF_ERA;
      era(eraSeed, KillPlan.plan(eraSeed, Math.min(ROUNDS_OF_ERA, rounds - done)));
      System.out.printf(
          "crash: %d of %d kills after %d s, seed %d%n",
          counts.total(), rounds, Duration.ofNanos(System.nanoTime() - start).toSeconds(), eraSeed);
    }
    return this;
  }

  private void era(long seed, List<KillPlan> plan) throws IOException, InterruptedException {
    Path data = Files.createDirectory(dir.resolve("era-" + seed));
    try (CrashDirectory era = new CrashDirectory(data, seed, faults, counts)) {
      int round = 0;
      while (round < plan.size() && era.complaints().isEmpty()) {
        era.round(plan.get(round++));
      }
      if (era.complaints().isEmpty()) {
        era.finish();
      }
      totals = totals.plus(era.totals());
      if (!era.complaints().isEmpty()) {
        findings.add(
            String.format(
                "seed %d, kill %d (%s): %s%nreplay: make crash ROUNDS=%d SEED=%d",
                seed, round, plan.get(round - 1), era.complaints(), plan.size(), seed));
      }
    }
    if (findings.isEmpty()) {
      MoreFiles.deleteRecursively(data, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /** Returns the problems found; empty: none. */
  List<String> findings() {
    return findings;
  }

  KillCounts counts() {
    return counts;
  }

  CrashTotals totals() {
    return totals;
  }
}
