package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.BenchTarget;
import dev.weir.bench.measure.BenchTarget.Bound;
import dev.weir.bench.measure.BenchTarget.Form;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.Scenario;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.peer.MissingPeer;
import java.util.List;

/**
 * Bytes on the wire for each double, HTTP/2 and acks included, counted at the sockets by something
 * that stands between: P7. Stateless.
 */
public final class WireBytesScenario implements Scenario {
  /** The greater of what the publisher's and the subscriber's socket carried, both directions. */
  static final String NUMBER = "wire_bytes_per_double";

  private static final String CADENCE = "weir-one-sensor";
  private static final String INTERLEAVED = "weir-interleaved";

  @Override
  public String name() {
    return "wire-bytes";
  }

  @Override
  public List<BenchTarget> targets() {
    return List.of(
        alone("wire bytes per double, one sensor at a fixed cadence", CADENCE, 9, 4),
        alone("wire bytes per double, 1,024 interleaved with µs jitter", INTERLEAVED, 13, 8));
  }

  private static BenchTarget alone(String what, String ours, double required, double goal) {
    return new BenchTarget("P7", what, NUMBER, ours, "", Form.ALONE, Bound.AT_MOST, required, goal);
  }

  @Override
  public ScenarioRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    WireBytesRun bout = new WireBytesRun(setting);
    try {
      bout.add(CADENCE, "one sensor, a reading every µs", LoadShape.STANDARD.ofSensors(1, 0));
      bout.add(
          INTERLEAVED, "1,024 sensors in turn, times jittered by whole µs", LoadShape.STANDARD);
      return bout;
    } catch (MissingPeer e) {
      throw new BenchFailure("Weir itself is missing", e);
    } finally {
      bout.closeUnlessComplete();
    }
  }
}
