package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.client.Publisher;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import java.time.Duration;

/**
 * A process that fills a log with readings, through the public client. Owned by its main thread.
 *
 * <p>Commands: {@code fill N} (answers when N readings are acknowledged; whole rounds of all
 * sensors).
 */
public final class LogFillProcess {
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

  private LogFillProcess() {}

  /** Publishes {@code sensors=} to {@code topic=} at {@code target=}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    try (WeirClient client = WeirClient.connect(settings.text("target"))) {
      client.topics().createTopic(settings.text("topic"), 1);
      ProcessConsole.serve(
          KeyValues.none().with("ready", true),
          (command, argument) ->
              switch (command) {
                case "mark" -> KeyValues.none().with("readings", 0);
                case "fill" -> fill(client, settings, Long.parseLong(argument));
                default -> throw ProcessConsole.unknown(command);
              });
    }
  }

  private static KeyValues fill(WeirClient client, KeyValues settings, long readings) {
    RandomWalks walks = new RandomWalks(0, settings.count("sensors"));
    SensorHandle[] handles = new SensorHandle[settings.count("sensors")];
    try (Publisher publisher = client.publisher(settings.text("topic"))) {
      for (int sensor = 0; sensor < handles.length; sensor++) {
        handles[sensor] = publisher.sensor(RandomWalks.name(0, sensor));
      }
      for (long published = 0; published < readings; published += handles.length) {
        for (int sensor = 0; sensor < handles.length; sensor++) {
          walks.step(sensor);
          handles[sensor].publish(walks.timeNanos(sensor), walks.value(sensor));
        }
      }
      publisher.drain(DRAIN_TIMEOUT);
      return KeyValues.none().with("acknowledged", publisher.readingsAcknowledged());
    }
  }
}
