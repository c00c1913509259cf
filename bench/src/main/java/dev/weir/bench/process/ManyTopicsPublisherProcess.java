package dev.weir.bench.process;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ManyTopicsShape;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.v1.Durability;
import dev.weir.v1.Retention;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A process that publishes to many topics as users write it: one thread, a publisher per topic, one
 * {@code publish} per reading. Its thread owns the walks.
 *
 * <p>Commands: {@code define} (creates the topics, and publishes one reading of every sensor),
 * {@code go}, {@code mark}, {@code stop} (drains and returns what was published and acknowledged).
 */
public final class ManyTopicsPublisherProcess {
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

  /** With the default of 16 MiB, a thousand publishers would gather more than the heap. */
  private static final int BUFFERED_BYTES = 256 * 1024;

  /** The bytes kept of each topic, so that one in memory has room for a subscriber's lag. */
  private static final long KEPT_BYTES = 512 << 20;

  private final ManyTopicsShape shape;
  private final ManyTopicsClients clients;
  private final Durability durability;
  private final Publisher[] publishers;
  private final SensorHandle[][] handles;
  private final RandomWalks[] walks;
  private volatile boolean stopped;
  private long published;
  private FutureTask<Long> publishing;

  private ManyTopicsPublisherProcess(ManyTopicsClients clients, KeyValues settings) {
    this.clients = clients;
    this.shape = ManyTopicsShape.of(settings);
    this.durability = Durability.valueOf(settings.text("durability"));
    this.publishers = new Publisher[shape.topics()];
    this.handles = new SensorHandle[shape.topics()][shape.sensorsEach()];
    this.walks = new RandomWalks[shape.topics()];
  }

  /** Publishes bursts of {@code burst=} of the {@code sensors=} of each of {@code topics=}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    try (var clients = new ManyTopicsClients(settings.text("target"))) {
      var process = new ManyTopicsPublisherProcess(clients, settings);
      ProcessConsole.serve(KeyValues.none().with("ready", true), process::onCommand);
    }
  }

  private KeyValues onCommand(String command, String argument) throws Exception {
    return switch (command) {
      case "mark" -> KeyValues.none().with("readings", acknowledged());
      case "define" -> define();
      case "go" -> {
        publishing = BenchRuntime.start("bench-publisher", this::publishAll);
        yield KeyValues.none().with("going", true);
      }
      case "stop" -> stop();
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private KeyValues define() {
    Retention retention = Retention.newBuilder().setMaxBytes(KEPT_BYTES).build();
    for (int topic = 0; topic < shape.topics(); topic++) {
      String name = ManyTopicsShape.topic(topic);
      WeirClient client = clients.next();
      client.topics().createTopic(name, 1, durability, retention);
      publishers[topic] =
          client.publisher(PublisherOptions.builder(name).bufferedBytesMax(BUFFERED_BYTES).build());
      walks[topic] = new RandomWalks(topic, shape.sensorsEach());
      for (int sensor = 0; sensor < shape.sensorsEach(); sensor++) {
        handles[topic][sensor] = publishers[topic].sensor(ManyTopicsShape.sensor(sensor));
      }
    }
    publishRound();
    for (Publisher publisher : publishers) {
      publisher.flush().join();
    }
    return KeyValues.none().with("defined", acknowledged());
  }

  private long publishAll() {
    while (!stopped) {
      publishRound();
    }
    return published;
  }

  private void publishRound() {
    int burst = shape.burst();
    for (int first = 0; first < shape.sensorsEach() && !stopped; first += burst) {
      for (int topic = 0; topic < shape.topics(); topic++) {
        for (int sensor = first; sensor < first + burst; sensor++) {
          walks[topic].step(sensor);
          handles[topic][sensor].publish(
              walks[topic].timeNanos(sensor), walks[topic].value(sensor));
        }
      }
      published += (long) burst * shape.topics();
    }
  }

  private long acknowledged() {
    long acknowledged = 0;
    for (Publisher publisher : publishers) {
      acknowledged += publisher.readingsAcknowledged();
    }
    return acknowledged;
  }

  private KeyValues stop() throws Exception {
    stopped = true;
    long all = publishing.get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    for (Publisher publisher : publishers) {
      publisher.flush().get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
    return KeyValues.none().with("published", all).with("acknowledged", acknowledged());
  }
}
