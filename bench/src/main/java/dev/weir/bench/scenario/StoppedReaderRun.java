package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.peer.JavaPeer;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.process.BystanderProcess;
import dev.weir.bench.process.LatencyProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One server of Weir, a process with a publisher and 99 subscriptions under steady load, and in
 * every other round a process that subscribes and is stopped. Owned by the runner's thread.
 */
final class StoppedReaderRun implements ScenarioRun {
  private static final KeyValues LOAD =
      KeyValues.none().with("subscriptions", 99).with("rate", 5_000).with("blob_bytes", 1_024);

  /** Time for the stopped one's connection to fill up, and as long without it. */
  private static final Duration SETTLE = Duration.ofSeconds(4);

  private static final double MICROS_PER_MILLI = 1e3;

  private final RunSettings setting;
  private final List<ContenderInfo> contenders = new ArrayList<>();
  private JavaPeer server;
  private BenchProcess load;
  private KeyValues place;

  private StoppedReaderRun(RunSettings setting) {
    this.setting = setting;
  }

  static StoppedReaderRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    StoppedReaderRun bout = new StoppedReaderRun(setting);
    boolean started = false;
    try {
      bout.start();
      started = true;
      return bout;
    } catch (MissingPeer e) {
      throw new BenchFailure("Weir itself is missing", e);
    } finally {
      if (!started) {
        bout.end();
      }
    }
  }

  private void start() throws BenchFailure, InterruptedException, MissingPeer {
    ContenderInfo weir = ComparedSystem.WEIR_SYNCED.contender();
    contenders.add(
        new ContenderInfo(StoppedReaderScenario.QUIET, weir.version(), weir.durability(), words()));
    contenders.add(
        new ContenderInfo(
            StoppedReaderScenario.BESIDE, weir.version(), weir.durability(), words()));
    server = JavaPeer.weir("weir-server", setting.launch(), setting.data().resolve("weir"));
    place = KeyValues.none().with("target", "127.0.0.1:" + server.port()).with("topic", "bench");
    load = setting.launch().start("weir-load", LatencyProcess.class, place.with(LOAD));
    load.answer();
    load.ask("go");
    BenchRuntime.pause(Duration.ofSeconds(setting.warmupSeconds()));
  }

  private static String words() {
    return "99 subscriptions to a sensor each, 5,000 BLOBs of 1 KiB per second in all";
  }

  @Override
  public List<ContenderInfo> contenders() {
    return contenders;
  }

  @Override
  public Map<String, String> missing() {
    return Map.of();
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    return contender.name().equals(StoppedReaderScenario.QUIET)
        ? measure()
        : measureBesideStopped();
  }

  private RoundSample measure() throws BenchFailure, InterruptedException {
    BenchRuntime.pause(SETTLE);
    load.ask("begin");
    BenchRuntime.pause(Duration.ofSeconds(setting.windowSeconds()));
    KeyValues measured = load.ask("end");
    return new RoundSample(
        Map.of("p50_millis", millis(measured, "p50"), "p99_millis", millis(measured, "p99")),
        measured.number("readings") > 0 ? List.of() : List.of("nothing was delivered"));
  }

  private static double millis(KeyValues measured, String percentile) {
    return Double.parseDouble(measured.text(percentile + "_micros")) / MICROS_PER_MILLI;
  }

  private RoundSample measureBesideStopped() throws BenchFailure, InterruptedException {
    try (BenchProcess bystander =
        setting.launch().start("bystander", BystanderProcess.class, place)) {
      bystander.answer();
      bystander.pause();
      try {
        return measure();
      } finally {
        bystander.resume();
      }
    }
  }

  /** A live reading that was lost is a failure. */
  @Override
  public void close() throws BenchFailure {
    try {
      KeyValues end = load.ask("stop");
      long lost = end.number("published") - end.number("received");
      if (lost != 0 || end.number("gaps") != 0) {
        throw new BenchFailure("live subscribers: " + end);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailure("interrupted while the load was to stop", e);
    } finally {
      end();
    }
  }

  private void end() throws BenchFailure {
    try {
      if (load != null) {
        load.close();
      }
    } finally {
      if (server != null) {
        server.close();
      }
    }
  }
}
