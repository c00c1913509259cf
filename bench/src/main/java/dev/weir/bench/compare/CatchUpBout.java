package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.ChildProcess;
import dev.weir.bench.Mark;
import dev.weir.bench.load.CatchUpFillProcess;
import dev.weir.bench.load.CatchUpProcess;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.ServerProcess;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.service.app.WeirServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A log is filled, and its server started anew so that nothing of it is in the server's memory; a
 * subscriber then reads all of it in every round. The relay has no log: its publisher publishes
 * while its subscriber reads. Owned by the runner's thread.
 */
final class CatchUpBout implements Bout {
  static final String LOG = "weir-log";
  static final Entrant RELAY = Entrant.RELAY_COLUMNS;

  private static final Load LOAD = Load.STANDARD;
  private static final int READINGS = LOAD.sensors() * 40_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Setting setting;
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final List<Contender> contenders = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private ChildProcess server;
  private ChildProcess subscriber;
  private Rig relay;

  private CatchUpBout(Setting setting) {
    this.setting = setting;
  }

  static CatchUpBout open(Setting setting) throws BenchFailure, InterruptedException {
    CatchUpBout bout = new CatchUpBout(setting);
    try {
      bout.openLog();
      bout.openRelay();
      return bout;
    } catch (BenchFailure | InterruptedException | RuntimeException e) {
      bout.closeAfter(e);
      throw e;
    }
  }

  private void openLog() throws BenchFailure, InterruptedException {
    if (!setting.admits(LOG)) {
      missing.put(LOG, "left out by --entrants");
      return;
    }
    Path data = setting.data().resolve(LOG);
    fill(data);
    server = started(server(data, ""));
    Fields place = place(server.answer().count("port"));
    subscriber = started(setting.launch().start(LOG + "-subscriber", CatchUpProcess.class, place));
    subscriber.answer();
    contenders.add(
        new Contender(
            LOG,
            "weir " + WeirServer.class.getPackage().getImplementationVersion(),
            "fsynced before the ack and before any delivery",
            String.format(
                "%,d readings of %,d sensors in the log, read through the page cache",
                READINGS, LOAD.sensors())));
    long begin = System.nanoTime();
    do {
      subscriber.ask("run");
    } while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(setting.warmupSeconds()));
  }

  private ChildProcess started(ChildProcess process) {
    open.add(process);
    return process;
  }

  private ChildProcess server(Path data, String suffix) throws BenchFailure {
    Fields serving = Fields.none().with("data", data).with("limits", setting.launch().limits());
    return setting.launch().start(LOG + "-server" + suffix, ServerProcess.class, serving);
  }

  private static Fields place(int port) {
    return Fields.none()
        .with("target", "127.0.0.1:" + port)
        .with("topic", "bench")
        .with("sensors", LOAD.sensors());
  }

  private void fill(Path data) throws BenchFailure, InterruptedException {
    try (ChildProcess filled = server(data, "-filled")) {
      Fields place = place(filled.answer().count("port"));
      try (ChildProcess publisher =
          setting.launch().start(LOG + "-publisher", CatchUpFillProcess.class, place)) {
        publisher.answer();
        Fields answer = publisher.ask("fill " + READINGS);
        if (answer.number("acknowledged") != READINGS) {
          throw new BenchFailure("the log was not filled: " + answer);
        }
      }
    }
  }

  private void openRelay() throws BenchFailure, InterruptedException {
    if (!setting.admits(RELAY.label())) {
      missing.put(RELAY.label(), "left out by --entrants");
      return;
    }
    try {
      Contender contender = RELAY.contender();
      relay = Rig.open(RELAY, LOAD, setting);
      open.add(relay);
      relay.warmUp(setting.warmupSeconds());
      contenders.add(contender);
    } catch (MissingPeer e) {
      missing.put(RELAY.label(), e.getMessage());
    }
  }

  @Override
  public List<Contender> contenders() {
    return contenders;
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    return contender.name().equals(LOG)
        ? measureLog()
        : relay.round(Duration.ofSeconds(setting.windowSeconds()));
  }

  private Sample measureLog() throws BenchFailure, InterruptedException {
    Mark serverBegin = server.mark();
    Mark subscriberBegin = subscriber.mark();
    Fields run = subscriber.ask("run");
    Mark used = server.mark().since(serverBegin).plus(subscriber.mark().since(subscriberBegin));
    long readings = run.number("readings");
    List<String> problems = new ArrayList<>();
    if (readings != READINGS || run.number("wrong") != 0 || run.number("gaps") != 0) {
      problems.add("of " + READINGS + " readings came " + run);
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put(CatchUp.READINGS_PER_SECOND, readings * NANOS_PER_SECOND / run.number("run_nanos"));
    numbers.put("cpu_seconds_per_million", used.cpuSecondsPerMillion(readings));
    return new Sample(numbers, problems);
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (BenchFailure e) {
      failure.addSuppressed(e);
    }
  }

  /** Ends what was started, the newest first. */
  @Override
  public void close() throws BenchFailure {
    BenchFailure first = null;
    for (int i = open.size() - 1; i >= 0; i--) {
      try {
        open.get(i).close();
      } catch (Exception e) {
        if (first == null) {
          first = new BenchFailure("catch-up did not end cleanly", e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    open.clear();
    if (first != null) {
      throw first;
    }
  }
}
