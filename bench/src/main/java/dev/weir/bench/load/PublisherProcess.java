package dev.weir.bench.load;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that publishes as users write it: one thread, one {@code publish} per reading, its
 * sensors in turn, held back by the client alone. Its thread owns the walks; the counts are
 * thread-safe.
 *
 * <p>Commands: {@code go}, {@code mark}, {@code stop} (drains and says what was published and
 * acknowledged).
 */
public final class PublisherProcess {
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

  private final Publisher publisher;
  private final SensorHandle[] handles;
  private final Walks walks;
  private final long readingsMax;
  private final AtomicLong disconnects;
  private volatile boolean stopped;
  private Future<Long> publishing;

  private PublisherProcess(WeirClient client, Fields settings) {
    int index = settings.count("publisher");
    this.disconnects = new AtomicLong();
    this.publisher = client.publisher(options(settings, disconnects));
    this.handles = new SensorHandle[settings.count("sensors")];
    for (int sensor = 0; sensor < handles.length; sensor++) {
      handles[sensor] = publisher.sensor(Walks.name(index, sensor));
    }
    this.walks = new Walks(index, handles.length);
    this.readingsMax = settings.number("readings_max");
  }

  /** Publishes to {@code target=} and {@code topic=}; see {@code ThroughputRun} for the others. */
  public static void main(String[] args) throws Exception {
    Fields settings = Fields.parse(args);
    try (WeirClient client = WeirClient.connect(settings.text("target"))) {
      var process = new PublisherProcess(client, settings);
      Console.serve(Fields.none().with("ready", true), process::onCommand);
    }
  }

  private static PublisherOptions options(Fields settings, AtomicLong disconnects) {
    var options = PublisherOptions.builder(settings.text("topic"));
    // 0 stands for the client's default, so that the default is what is measured.
    if (settings.count("batch_readings") > 0) {
      options.batchReadingsMax(settings.count("batch_readings"));
    }
    if (settings.count("batch_bytes") > 0) {
      options.batchBytesMax(settings.count("batch_bytes"));
    }
    if (settings.number("linger_micros") > 0) {
      options.linger(Duration.of(settings.number("linger_micros"), ChronoUnit.MICROS));
    }
    if (settings.number("buffered_bytes") > 0) {
      options.bufferedBytesMax(settings.number("buffered_bytes"));
    }
    options.listener(
        new PublisherListener() {
          @Override
          public void onDisconnected(WeirException cause, Duration retryIn) {
            disconnects.incrementAndGet();
          }
        });
    return options.build();
  }

  private Fields onCommand(String command, String argument) throws Exception {
    return switch (command) {
      case "go" -> {
        publishing = BenchRuntime.start("bench-publisher", this::publishAll);
        yield Fields.none().with("going", true);
      }
      case "mark" -> Fields.none().with("readings", publisher.readingsAcknowledged());
      case "stop" -> stop();
      default -> throw Console.unknown(command);
    };
  }

  private long publishAll() {
    long published = 0;
    while (!stopped && published < readingsMax) {
      for (int sensor = 0; sensor < handles.length; sensor++) {
        walks.step(sensor);
        handles[sensor].publish(walks.timeNanos(sensor), walks.value(sensor));
      }
      published += handles.length;
    }
    return published;
  }

  private Fields stop() throws Exception {
    stopped = true;
    long published = publishing.get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    boolean drained = publisher.drain(DRAIN_TIMEOUT);
    return Fields.none()
        .with("published", published)
        .with("acknowledged", publisher.readingsAcknowledged())
        .with("drained", drained)
        .with("disconnects", disconnects.get())
        .with("bounded", published >= readingsMax ? 1 : 0);
  }
}
