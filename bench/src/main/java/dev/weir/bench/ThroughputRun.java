package dev.weir.bench;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.PublisherProcess;
import dev.weir.bench.load.ServerProcess;
import dev.weir.bench.load.SubscriberProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One run: its processes from start to exit. Owned by the runner's thread. */
final class ThroughputRun implements AutoCloseable {
  /** Bounds a run by count as well as by time, well above any rate measured so far. */
  private static final long READINGS_PER_SECOND_MAX = 50_000_000;

  private static final String LOOPBACK = "127.0.0.1:";
  private static final String TOPIC = "bench";

  private final Options options;
  private final long warmupSeconds;
  private final long windowSeconds;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<ChildProcess> publishers = new ArrayList<>();
  private ChildProcess server;
  private ChildProcess subscriber;
  private String durability;

  ThroughputRun(Options options, long warmupSeconds, long windowSeconds) {
    this.options = options;
    this.warmupSeconds = warmupSeconds;
    this.windowSeconds = windowSeconds;
  }

  /** Clients talk to the server itself. */
  RunResult measure() throws BenchFailure, InterruptedException {
    int port = startServer();
    startClients(port, port);
    return load();
  }

  /** Clients talk to the server through relays that count. */
  WireResult measureWire() throws BenchFailure, InterruptedException {
    int port = startServer();
    Relay publishing = Relay.start(port);
    open.add(publishing);
    Relay subscribing = Relay.start(port);
    open.add(subscribing);
    startClients(publishing.port(), subscribing.port());
    RunResult result = load();
    return new WireResult(
        publishing.bytesToServer(),
        publishing.bytesFromServer(),
        subscribing.bytesFromServer(),
        subscribing.bytesToServer(),
        result);
  }

  private int startServer() throws BenchFailure, InterruptedException {
    Fields settings =
        Fields.none()
            .with("data", options.text(Option.DATA))
            .with("limits", options.text(Option.LIMITS));
    server = start("server", ServerProcess.class, Option.SERVER_JVM, settings);
    return server.answer().count("port");
  }

  private void startClients(int publisherPort, int subscriberPort)
      throws BenchFailure, InterruptedException {
    Fields shared =
        Fields.none().with("topic", TOPIC).with("sensors", options.count(Option.SENSORS));
    Fields subscribing =
        shared
            .with("target", LOOPBACK + subscriberPort)
            .with("partitions", options.count(Option.PARTITIONS))
            .with("publishers", options.count(Option.PUBLISHERS));
    subscriber = start("subscriber", SubscriberProcess.class, Option.SUBSCRIBER_JVM, subscribing);
    durability = subscriber.answer().text("durability");
    Fields publishing =
        shared
            .with("target", LOOPBACK + publisherPort)
            .with("readings_max", (warmupSeconds + windowSeconds) * READINGS_PER_SECOND_MAX)
            .with("batch_readings", options.count(Option.BATCH_READINGS))
            .with("batch_bytes", options.count(Option.BATCH_BYTES))
            .with("linger_micros", options.number(Option.LINGER_MICROS))
            .with("buffered_bytes", options.number(Option.BUFFERED_BYTES));
    for (int i = 0; i < options.count(Option.PUBLISHERS); i++) {
      Fields one = publishing.with("publisher", i);
      publishers.add(start("publisher" + i, PublisherProcess.class, Option.PUBLISHER_JVM, one));
    }
    for (ChildProcess publisher : publishers) {
      publisher.answer();
    }
  }

  private ChildProcess start(String name, Class<?> main, Option jvmOption, Fields settings)
      throws BenchFailure {
    List<String> jvm = new ArrayList<>(options.words(Option.JVM));
    jvm.addAll(options.words(jvmOption));
    String recordings = options.text(Option.JFR);
    if (!recordings.isEmpty()) {
      String file = recordings + "/" + name + ".jfr";
      jvm.add("-XX:StartFlightRecording=settings=profile,filename=" + file);
      jvm.add("-Xlog:jfr+startup=off");
    }
    ChildProcess child = ChildProcess.start(name, main, jvm, settings);
    open.add(child);
    return child;
  }

  private RunResult load() throws BenchFailure, InterruptedException {
    for (ChildProcess publisher : publishers) {
      publisher.ask("go");
    }
    BenchRuntime.pause(Duration.ofSeconds(warmupSeconds));
    Mark serverBegin = server.mark();
    Mark publishersBegin = markPublishers();
    Mark subscriberBegin = subscriber.mark();
    BenchRuntime.pause(Duration.ofSeconds(windowSeconds));
    Mark serverWindow = server.mark().since(serverBegin);
    Mark publishersWindow = markPublishers().since(publishersBegin);
    Mark subscriberWindow = subscriber.mark().since(subscriberBegin);
    Fields published = stopPublishers();
    Fields subscribed = subscriber.ask("expect " + published.number("acknowledged"));
    return new RunResult(
        serverWindow,
        publishersWindow,
        subscriberWindow,
        Outcome.of(durability, published, subscribed));
  }

  private Mark markPublishers() throws BenchFailure, InterruptedException {
    Mark sum = publishers.get(0).mark();
    for (ChildProcess publisher : publishers.subList(1, publishers.size())) {
      sum = sum.plus(publisher.mark());
    }
    return sum;
  }

  private Fields stopPublishers() throws BenchFailure, InterruptedException {
    for (ChildProcess publisher : publishers) {
      publisher.tell("stop");
    }
    long published = 0;
    long acknowledged = 0;
    long disconnects = 0;
    long bounded = 0;
    for (ChildProcess publisher : publishers) {
      Fields answer = publisher.answer();
      bounded += answer.number("bounded");
      published += answer.number("published");
      acknowledged += answer.number("acknowledged");
      disconnects += answer.number("disconnects");
    }
    return Fields.none()
        .with("published", published)
        .with("acknowledged", acknowledged)
        .with("disconnects", disconnects)
        .with("bounded", bounded);
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
          first = new BenchFailure("a run did not end cleanly", e);
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
