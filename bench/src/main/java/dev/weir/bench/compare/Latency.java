package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.compare.Target.Bound;
import dev.weir.bench.compare.Target.Form;
import java.util.List;

/**
 * Time from the moment at which a reading was meant to be sent to its handler, at 10,000 readings
 * per second, open loop, beside the time of one fdatasync on the same disk: P4 and P4b. Stateless.
 */
final class Latency implements Scenario {
  private static final int RATE = 10_000;

  /** Few stalls decide a p99, so that a short round says little. */
  private static final int TIMES = 2;

  private static final String P50 = "p50_millis";
  private static final String P99 = "p99_millis";

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public List<Target> targets() {
    String what = "ms from the intended send time, 10,000 readings/s, open loop, MEMORY";
    String ours = Entrant.WEIR_MEMORY.label();
    String nats = Entrant.NATS.label();
    return List.of(
        new Target("P4", "p50 " + what, P50, ours, nats, Form.DIFFERENCE, Bound.AT_MOST, 0.5, 0.5),
        new Target("P4", "p99 " + what, P99, ours, nats, Form.RATIO, Bound.AT_MOST, 2, 1),
        new Target(
            "P4b",
            "ms that SYNCED adds to the p99 of MEMORY, against the p99 of one fdatasync",
            LatencyBout.ADDED,
            Entrant.WEIR_SYNCED.label(),
            SyncProbe.CONTENDER.name(),
            Form.RATIO,
            Bound.AT_MOST,
            3,
            1.5));
  }

  @Override
  public Bout open(Setting setting) throws BenchFailure, InterruptedException {
    Load load = Load.STANDARD.atRate(RATE);
    RigBout rigs =
        RigBout.open(
            setting.longer(TIMES),
            List.of(
                new RigBout.Entry(Entrant.WEIR_MEMORY, load),
                new RigBout.Entry(Entrant.NATS, load),
                new RigBout.Entry(Entrant.WEIR_SYNCED, load)));
    return new LatencyBout(rigs, new SyncProbe(setting.data()));
  }
}
