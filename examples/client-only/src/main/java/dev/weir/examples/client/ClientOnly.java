package dev.weir.examples.client;

import dev.weir.client.ClientOptions;
import dev.weir.client.DoubleHandler;
import dev.weir.client.Publisher;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Publishes three readings and subscribes from the topic's beginning until now. The server is
 * {@code WEIR_SERVER}, or the one that {@code make run} starts.
 */
public final class ClientOnly {
  private static final String TOPIC = "examples.client";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private ClientOnly() {}

  public static void main(String[] args) throws Exception {
    String server = System.getenv().getOrDefault("WEIR_SERVER", "localhost:7474");
    // By default the client tries for ever; an example had better say that nobody is there.
    ClientOptions options = ClientOptions.builder(server).giveUpAfter(PATIENCE).build();
    try (WeirClient client = WeirClient.connect(options)) {
      publish(client);
      subscribe(client);
    }
  }

  private static void publish(WeirClient client) throws Exception {
    try (Publisher publisher = client.publisher(TOPIC)) {
      SensorHandle temperature = publisher.sensor("boiler/temperature");
      long nowNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
      for (double celsius : new double[] {20.5, 21.0, 21.5}) {
        temperature.publish(nowNanos++, celsius);
      }
      // Completes when everything above is stored as the topic's durability says.
      publisher.flush().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      System.out.printf("stored %d readings%n", publisher.readingsAcknowledged());
    }
  }

  private static void subscribe(WeirClient client) throws Exception {
    SubscriberOptions options = SubscriberOptions.builder(TOPIC).fromEarliest().untilNow().build();
    DoubleHandler print =
        (sensor, timeNanos, value) ->
            System.out.printf(
                "%s %s %s%n", sensor.name(), Instant.ofEpochSecond(0, timeNanos), value);
    try (Subscriber subscriber = client.subscribe(options, print)) {
      subscriber.completion().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
