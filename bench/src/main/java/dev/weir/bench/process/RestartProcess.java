package dev.weir.bench.process;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.bench.load.ReadingCheck;
import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Kind;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Start;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A process that publishes until its server is killed, then reads from the one that is started in
 * its place. Its counts belong to its main thread; one more thread publishes.
 *
 * <p>Commands: {@code fill BYTES} (of blobs), {@code go}, {@code killed} (returns what had been
 * acknowledged), {@code read PORT} (answers after the first successful read), {@code verify PORT}
 * (reads all since {@code go} and returns what was wrong).
 */
public final class RestartProcess {
  private static final int BLOB_BYTES = 64 * 1024;
  private static final int BATCH_BYTES = 512 * 1024;
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration RETRY = Duration.ofMillis(5);
  private static final long VERIFY_SECONDS = 60;

  private final WeirClient client;
  private final String topic;
  private final int sensors;
  private Publisher publisher;
  private String begin;
  private volatile boolean killed;

  private RestartProcess(WeirClient client, KeyValues settings) {
    this.client = client;
    this.topic = settings.text("topic");
    this.sensors = settings.count("sensors");
  }

  /** Publishes {@code sensors=} to {@code topic=} at {@code target=}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    var process = new RestartProcess(client(settings.text("target")), settings);
    process.client.topics().createTopic(process.topic, 1);
    ProcessConsole.serve(KeyValues.none().with("ready", true), process::onCommand);
    System.exit(0); // its server is gone: there is nothing to drain
  }

  private static WeirClient client(String target) {
    return WeirClient.connect(ClientOptions.builder(target).build());
  }

  private KeyValues onCommand(String command, String argument) throws Exception {
    return switch (command) {
      case "mark" -> KeyValues.none().with("readings", publisher.readingsAcknowledged());
      case "fill" -> fill(Long.parseLong(argument));
      case "go" -> go();
      case "killed" -> {
        killed = true;
        yield KeyValues.none().with("acknowledged", publisher.readingsAcknowledged());
      }
      case "read" -> {
        KeyValues answer = KeyValues.none().with("tries", awaitRead("127.0.0.1:" + argument));
        yield answer;
      }
      case "verify" -> verify("127.0.0.1:" + argument);
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private KeyValues fill(long bytes) {
    PublisherOptions options = PublisherOptions.builder(topic).batchBytesMax(BATCH_BYTES).build();
    byte[] blob = new byte[BLOB_BYTES];
    try (Publisher filling = client.publisher(options)) {
      SensorHandle sensor =
          filling.sensor(SensorOptions.builder("bulk").kind(Kind.KIND_BLOB).build());
      long blobs = bytes / BLOB_BYTES;
      for (long i = 0; i < blobs; i++) {
        sensor.publishBlob(i + 1, blob);
      }
      filling.drain(DRAIN_TIMEOUT);
      return KeyValues.none().with("complete", filling.readingsAcknowledged() == blobs);
    }
  }

  private KeyValues go() {
    begin = page(client, Start.newBuilder().setLatest(true).build()).getNextCursor();
    publisher = client.publisher(topic);
    SensorHandle[] handles = new SensorHandle[sensors];
    for (int sensor = 0; sensor < sensors; sensor++) {
      handles[sensor] = publisher.sensor(RandomWalks.name(0, sensor));
    }
    RandomWalks walks = new RandomWalks(0, sensors);
    BenchRuntime.start(
        "bench-publisher",
        () -> {
          while (!killed) {
            for (int sensor = 0; sensor < sensors; sensor++) {
              walks.step(sensor);
              handles[sensor].publish(walks.timeNanos(sensor), walks.value(sensor));
            }
          }
          return null;
        });
    return KeyValues.none().with("going", true);
  }

  private ReadResponse page(WeirClient reading, Start start) {
    return reading.read(ReadRequest.newBuilder().setTopic(topic).setStart(start).build());
  }

  private long awaitRead(String target) throws InterruptedException {
    for (long tries = 1; ; tries++) {
      try (WeirClient reading = client(target)) {
        if (page(reading, Start.newBuilder().setEarliest(true).build()).getReadingsCount() > 0) {
          return tries;
        }
      } catch (WeirException e) {
        BenchRuntime.pause(RETRY);
      }
    }
  }

  private KeyValues verify(String target) throws Exception {
    ReadingCheck check = new ReadingCheck(new RandomWalks(0, sensors));
    var options = SubscriberOptions.builder(topic).afterCursor(begin).untilNow().build();
    try (WeirClient reading = client(target);
        Subscriber subscriber = reading.subscribe(options, check)) {
      subscriber.completion().get(VERIFY_SECONDS, TimeUnit.SECONDS);
      check.firstWrong().ifPresent(System.err::println);
      return KeyValues.none().with("stored", check.delivered()).with("wrong", check.wrong());
    }
  }
}
