package dev.weir.service.sim;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Runs seeds one by one and says what happened. Stateless. */
final class Seeds {
  private static final int PRINTED_EACH = 5_000;

  private Seeds() {}

  /**
   * Runs so many seeds, and prints what went wrong in them, how often.
   *
   * @param target of make, that runs one again
   * @throws Simulation.Failure for the first one that breaks a promise, and how to see it again
   */
  static void run(String target, long first, long count, SimPlan.Kind kind) {
    NamedCounts tally = new NamedCounts();
    long began = System.nanoTime();
    for (long done = 0; done < count; done += PRINTED_EACH) {
      tally.addAll(quietly(target, first + done, Math.min(PRINTED_EACH, count - done), kind));
      System.out.printf(
          Locale.ROOT,
          "%s: seeds %d to %d are clean, %.1f s, %.1f s of them computing%n",
          target,
          first,
          first + Math.min(done + PRINTED_EACH, count) - 1,
          (System.nanoTime() - began) / 1e9,
          ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9);
    }
    System.out.print(tally);
  }

  /** The same, and prints nothing. */
  static NamedCounts quietly(String target, long first, long count, SimPlan.Kind kind) {
    NamedCounts tally = new NamedCounts();
    for (long seed = first; seed < first + count; seed++) {
      SimTrace trace = new SimTrace(Boolean.getBoolean("weir.sim.trace") ? System.out : null);
      Simulation simulation = new Simulation(seed, InjectedDefects.NOTHING, trace, kind);
      try {
        simulation.run();
      } catch (Simulation.Failure broken) {
        throw new Simulation.Failure(report(target, seed, broken, trace));
      }
      tally.addAll(simulation.world().tally);
    }
    return tally;
  }

  private static String report(
      String target, long seed, Simulation.Failure broken, SimTrace trace) {
    return String.format(
        "seed %d: %s%nthe last events:%n%s%nsee it again: make %s SEEDS=1 SEED=%d TRACE=true",
        seed, broken.getMessage(), String.join(System.lineSeparator(), trace.last()), target, seed);
  }
}
