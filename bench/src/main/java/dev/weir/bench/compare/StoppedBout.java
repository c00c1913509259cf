package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.ChildProcess;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.BystanderProcess;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.LatencyProcess;
import dev.weir.bench.peer.JavaPeer;
import dev.weir.bench.peer.MissingPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One server of Weir, a process with a publisher and 99 subscriptions under steady load, and in
 * every other round a process that subscribes and is stopped. Owned by the runner's thread.
 */
final class StoppedBout implements Bout {
  private static final Fields LOAD =
      Fields.none().with("subscriptions", 99).with("rate", 5_000).with("blob_bytes", 1_024);

  /** Time for the stopped one's connection to fill up, and as long without it. */
  private static final Duration SETTLE = Duration.ofSeconds(4);

  private static final double MICROS_PER_MILLI = 1e3;

  private final Setting setting;
  private final List<Contender> contenders = new ArrayList<>();
  private JavaPeer server;
  private ChildProcess load;
  private Fields place;

  private StoppedBout(Setting setting) {
    this.setting = setting;
  }

  static StoppedBout open(Setting setting) throws BenchFailure, InterruptedException {
    StoppedBout bout = new StoppedBout(setting);
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
    Contender weir = Entrant.WEIR_SYNCED.contender();
    contenders.add(new Contender(Stopped.QUIET, weir.version(), weir.durability(), words()));
    contenders.add(new Contender(Stopped.BESIDE, weir.version(), weir.durability(), words()));
    server = JavaPeer.weir("weir-server", setting.launch(), setting.data().resolve("weir"));
    place = Fields.none().with("target", "127.0.0.1:" + server.port()).with("topic", "bench");
    load = setting.launch().start("weir-load", LatencyProcess.class, place.with(LOAD));
    load.answer();
    load.ask("go");
    BenchRuntime.pause(Duration.ofSeconds(setting.warmupSeconds()));
  }

  private static String words() {
    return "99 subscriptions to a sensor each, 5,000 BLOBs of 1 KiB per second in all";
  }

  @Override
  public List<Contender> contenders() {
    return contenders;
  }

  @Override
  public Map<String, String> missing() {
    return Map.of();
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    return contender.name().equals(Stopped.QUIET) ? measure() : measureBesideStopped();
  }

  private Sample measure() throws BenchFailure, InterruptedException {
    BenchRuntime.pause(SETTLE);
    load.ask("begin");
    BenchRuntime.pause(Duration.ofSeconds(setting.windowSeconds()));
    Fields measured = load.ask("end");
    return new Sample(
        Map.of("p50_millis", millis(measured, "p50"), "p99_millis", millis(measured, "p99")),
        measured.number("readings") > 0 ? List.of() : List.of("nothing was delivered"));
  }

  private static double millis(Fields measured, String percentile) {
    return Double.parseDouble(measured.text(percentile + "_micros")) / MICROS_PER_MILLI;
  }

  private Sample measureBesideStopped() throws BenchFailure, InterruptedException {
    try (ChildProcess bystander =
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
      Fields end = load.ask("stop");
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
