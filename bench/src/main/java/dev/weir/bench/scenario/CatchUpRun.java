package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.ProcessCounters;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.process.CatchUpProcess;
import dev.weir.bench.process.LogFillProcess;
import dev.weir.bench.process.WeirServerProcess;
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
final class CatchUpRun implements ScenarioRun {
  static final String LOG = "weir-log";
  static final ComparedSystem RELAY = ComparedSystem.RELAY_COLUMNS;

  private static final LoadShape LOAD = LoadShape.STANDARD;
  private static final int READINGS = LOAD.sensors() * 40_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final RunSettings setting;
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final List<ContenderInfo> contenders = new ArrayList<>();
  private final StartedProcesses open = new StartedProcesses();
  private BenchProcess server;
  private BenchProcess subscriber;
  private SystemUnderTest relay;

  private CatchUpRun(RunSettings setting) {
    this.setting = setting;
  }

  static CatchUpRun open(RunSettings setting) throws BenchFailure, InterruptedException {
    CatchUpRun bout = new CatchUpRun(setting);
    try {
      bout.openLog();
      bout.openRelay();
      return bout;
    } catch (BenchFailure | InterruptedException | RuntimeException e) {
      bout.open.closeAfter(e, "catch-up");
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
    server = open.add(server(data, ""));
    KeyValues place = place(server.answer().count("port"));
    subscriber = open.add(setting.launch().start(LOG + "-subscriber", CatchUpProcess.class, place));
    subscriber.answer();
    contenders.add(
        new ContenderInfo(
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

  private BenchProcess server(Path data, String suffix) throws BenchFailure {
    KeyValues serving =
        KeyValues.none().with("data", data).with("limits", setting.launch().limits());
    return setting.launch().start(LOG + "-server" + suffix, WeirServerProcess.class, serving);
  }

  private static KeyValues place(int port) {
    return KeyValues.none()
        .with("target", "127.0.0.1:" + port)
        .with("topic", "bench")
        .with("sensors", LOAD.sensors());
  }

  private void fill(Path data) throws BenchFailure, InterruptedException {
    try (BenchProcess filled = server(data, "-filled")) {
      KeyValues place = place(filled.answer().count("port"));
      try (BenchProcess publisher =
          setting.launch().start(LOG + "-publisher", LogFillProcess.class, place)) {
        publisher.answer();
        KeyValues answer = publisher.ask("fill " + READINGS);
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
      ContenderInfo contender = RELAY.contender();
      relay = open.add(SystemUnderTest.open(RELAY, LOAD, setting));
      relay.warmUp(setting.warmupSeconds());
      contenders.add(contender);
    } catch (MissingPeer e) {
      missing.put(RELAY.label(), e.getMessage());
    }
  }

  @Override
  public List<ContenderInfo> contenders() {
    return contenders;
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    return contender.name().equals(LOG)
        ? measureLog()
        : relay.round(Duration.ofSeconds(setting.windowSeconds()));
  }

  private RoundSample measureLog() throws BenchFailure, InterruptedException {
    ProcessCounters serverBegin = server.mark();
    ProcessCounters subscriberBegin = subscriber.mark();
    KeyValues run = subscriber.ask("run");
    ProcessCounters used =
        server.mark().since(serverBegin).plus(subscriber.mark().since(subscriberBegin));
    long readings = run.number("readings");
    List<String> problems = new ArrayList<>();
    if (readings != READINGS || run.number("wrong") != 0 || run.number("gaps") != 0) {
      problems.add("of " + READINGS + " readings came " + run);
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put(
        CatchUpScenario.READINGS_PER_SECOND, readings * NANOS_PER_SECOND / run.number("run_nanos"));
    numbers.put("cpu_seconds_per_million", used.cpuSecondsPerMillion(readings));
    return new RoundSample(numbers, problems);
  }

  @Override
  public void close() throws BenchFailure {
    open.close("catch-up");
  }
}
