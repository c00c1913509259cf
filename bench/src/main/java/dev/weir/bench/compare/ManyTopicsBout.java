package dev.weir.bench.compare;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.ChildProcess;
import dev.weir.bench.Launch;
import dev.weir.bench.Mark;
import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.ManyTopicsPublisherProcess;
import dev.weir.bench.load.ManyTopicsSubscriberProcess;
import dev.weir.bench.load.ServerProcess;
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
final class ManyTopicsBout implements Bout {
  private static final List<String> JVM = List.of("-Xms3g", "-Xmx3g");
  private static final int TOPICS = 1_000;
  private static final int SENSORS_EACH = 1_000;

  private final Setting setting;
  private final Launch launch;
  private final Map<Contender, Case> cases = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private int rounds;

  /** What a contender's round is. */
  private record Case(Durability durability, int topics, int burst) {}

  ManyTopicsBout(Setting setting) {
    this.setting = setting;
    this.launch = new Launch(JVM, setting.launch().recordings(), setting.launch().limits());
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
    Contender contender =
        new Contender(
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
  public List<Contender> contenders() {
    return List.copyOf(cases.keySet());
  }

  @Override
  public Map<String, String> missing() {
    return missing;
  }

  @Override
  public Sample measure(Contender contender) throws BenchFailure, InterruptedException {
    Case one = cases.get(contender);
    String round = contender.name() + "-" + rounds++;
    Fields serving =
        Fields.none().with("data", setting.data().resolve(round)).with("limits", launch.limits());
    try (ChildProcess server = launch.start(round + "-server", ServerProcess.class, serving)) {
      Fields place =
          Fields.none()
              .with("target", "127.0.0.1:" + server.answer().count("port"))
              .with("topics", one.topics())
              .with("sensors", SENSORS_EACH)
              .with("burst", one.burst())
              .with("durability", one.durability());
      try (ChildProcess publisher =
          launch.start(round + "-publisher", ManyTopicsPublisherProcess.class, place)) {
        publisher.answer();
        publisher.ask("define");
        try (ChildProcess subscriber =
            launch.start(round + "-subscriber", ManyTopicsSubscriberProcess.class, place)) {
          subscriber.answer();
          return measure(server, publisher, subscriber);
        }
      }
    }
  }

  private Sample measure(ChildProcess server, ChildProcess publisher, ChildProcess subscriber)
      throws BenchFailure, InterruptedException {
    publisher.ask("go");
    BenchRuntime.pause(Duration.ofSeconds(setting.warmupSeconds()));
    Mark publisherBegin = publisher.mark();
    Mark serverBegin = server.mark();
    Mark subscriberBegin = subscriber.mark();
    BenchRuntime.pause(Duration.ofSeconds(setting.windowSeconds()));
    Mark subscriberWindow = subscriber.mark().since(subscriberBegin);
    Mark serverWindow = server.mark().since(serverBegin);
    Mark publisherWindow = publisher.mark().since(publisherBegin);
    Fields published = publisher.ask("stop");
    Fields received = subscriber.ask("expect " + published.number("published"));
    List<String> problems = new ArrayList<>();
    if (published.number("published") != published.number("acknowledged")) {
      problems.add("not all was acknowledged: " + published);
    }
    if (received.number("differing") + received.number("wrong") + received.number("gaps") > 0) {
      problems.add("of " + published + " came " + received);
    }
    long deliveries = subscriberWindow.readings();
    return new Sample(
        Map.of(
            ManyTopics.DELIVERIES_PER_SECOND,
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
