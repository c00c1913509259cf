package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.LaunchOptions;
import dev.weir.bench.ProcessCounters;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import dev.weir.bench.measure.RunSettings;
import dev.weir.bench.measure.ScenarioRun;
import dev.weir.bench.process.ManyTopicsPublisherProcess;
import dev.weir.bench.process.ManyTopicsReaderProcess;
import dev.weir.bench.process.WeirServerProcess;
import dev.weir.service.app.WeirServer;
import dev.weir.v1.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One publisher and one subscriber process against one server, with many topics or with one. Every
 * round has processes of its own, because a million sensors would slow down whatever stands beside
 * them. Owned by the runner's thread.
 */
final class ManyTopicsRun implements ScenarioRun {
  private static final List<String> JVM = List.of("-Xms3g", "-Xmx3g");
  private static final int TOPICS = 1_000;
  private static final int SENSORS_EACH = 1_000;

  private final RunSettings setting;
  private final LaunchOptions launch;
  private final Map<ContenderInfo, Case> cases = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private int rounds;

  /** The load of one contender. */
  private record Case(Durability durability, int topics, int burst) {}

  ManyTopicsRun(RunSettings setting) {
    this.setting = setting;
    this.launch = new LaunchOptions(JVM, setting.launch().recordings(), setting.launch().limits());
    add("weir-many-memory", Durability.DURABILITY_MEMORY, TOPICS, SENSORS_EACH);
    add("weir-one-memory", Durability.DURABILITY_MEMORY, 1, SENSORS_EACH);
    add("weir-many-synced", Durability.DURABILITY_SYNCED, TOPICS, SENSORS_EACH);
    add("weir-one-synced", Durability.DURABILITY_SYNCED, 1, SENSORS_EACH);
    if (setting.full()) {
      add("weir-many-memory-tens", Durability.DURABILITY_MEMORY, TOPICS, 10);
    }
  }

  private void add(String name, Durability durability, int topics, int burst) {
    if (!setting.admits(name)) {
      missing.put(name, "left out by --entrants");
      return;
    }
    ContenderInfo contender =
        new ContenderInfo(
            name,
            "weir " + WeirServer.class.getPackage().getImplementationVersion(),
            durability == Durability.DURABILITY_MEMORY
                ? "in the server's memory"
                : "fsynced before the ack and before any delivery",
            String.format(
                "topics %,d, sensors %,d, each topic in turn publishes %,d readings; filters of 7"
                    + " globs; JVM %s",
                topics, topics * SENSORS_EACH, burst, JVM));
    cases.put(contender, new Case(durability, topics, burst));
  }

  @Override
  public List<ContenderInfo> contenders() {
    return List.copyOf(cases.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public RoundSample measure(ContenderInfo contender) throws BenchFailure, InterruptedException {
    Case one = cases.get(contender);
    String round = contender.name() + "-" + rounds++;
    KeyValues serving =
        KeyValues.none()
            .with("data", setting.data().resolve(round))
            .with("limits", launch.limits());
    try (BenchProcess server = launch.start(round + "-server", WeirServerProcess.class, serving)) {
      KeyValues place =
          KeyValues.none()
              .with("target", "127.0.0.1:" + server.answer().count("port"))
              .with("topics", one.topics())
              .with("sensors", SENSORS_EACH)
              .with("burst", one.burst())
              .with("durability", one.durability());
      try (BenchProcess publisher =
          launch.start(round + "-publisher", ManyTopicsPublisherProcess.class, place)) {
        publisher.answer();
        publisher.ask("define");
        try (BenchProcess subscriber =
            launch.start(round + "-subscriber", ManyTopicsReaderProcess.class, place)) {
          subscriber.answer();
          return measure(server, publisher, subscriber);
        }
      }
    }
  }

  private RoundSample measure(BenchProcess server, BenchProcess publisher, BenchProcess subscriber)
      throws BenchFailure, InterruptedException {
    publisher.ask("go");
    BenchRuntime.pause(Duration.ofSeconds(setting.warmupSeconds()));
    ProcessCounters publisherBegin = publisher.mark();
    ProcessCounters serverBegin = server.mark();
    ProcessCounters subscriberBegin = subscriber.mark();
    BenchRuntime.pause(Duration.ofSeconds(setting.windowSeconds()));
    ProcessCounters subscriberWindow = subscriber.mark().since(subscriberBegin);
    ProcessCounters serverWindow = server.mark().since(serverBegin);
    ProcessCounters publisherWindow = publisher.mark().since(publisherBegin);
    KeyValues published = publisher.ask("stop");
    KeyValues received = subscriber.ask("expect " + published.number("published"));
    List<String> problems = new ArrayList<>();
    if (published.number("published") != published.number("acknowledged")) {
      problems.add("not all was acknowledged: " + published);
    }
    if (received.number("differing") + received.number("wrong") + received.number("gaps") > 0) {
      problems.add("of " + published + " came " + received);
    }
    long deliveries = subscriberWindow.readings();
    return new RoundSample(
        Map.of(
            ManyTopicsScenario.DELIVERIES_PER_SECOND,
            subscriberWindow.readingsPerSecond(),
            "server_cpu_seconds_per_million",
            serverWindow.cpuSecondsPerMillion(deliveries),
            "publisher_cpu_seconds_per_million",
            publisherWindow.cpuSecondsPerMillion(deliveries),
            "subscriber_cpu_seconds_per_million",
            subscriberWindow.cpuSecondsPerMillion(deliveries)),
        problems);
  }

  @Override
  public void close() {}
}
