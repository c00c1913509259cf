package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many subscribers of one client, which share its connection. */
final class ManySubscribersTest extends ClientServerTest {
  private static final int SUBSCRIBERS = 250;

  @Test
  void subscribersClosedAllAtOnce_doNotCostTheClientItsConnection() throws Exception {
    List<WeirException> lost = new ArrayList<>();
    PublisherOptions options =
        PublisherOptions.builder("t")
            .listener(
                new PublisherListener() {
                  @Override
                  public void onDisconnected(WeirException cause, Duration retryIn) {
                    lost.add(cause);
                  }
                })
            .build();
    try (Publisher publisher = client.publisher(options)) {
      SensorHandle sensor = publisher.sensor("s");
      sensor.publish(TIME, 1).get(10, TimeUnit.SECONDS);
      AtomicInteger got = new AtomicInteger();
      List<Subscriber> subscribers = new ArrayList<>();
      for (int i = 0; i < SUBSCRIBERS; i++) {
        subscribers.add(
            client.subscribe(
                SubscriberOptions.builder("t").fromEarliest().build(),
                reading -> got.incrementAndGet()));
      }
      await("all are subscribed")
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> got.get() == SUBSCRIBERS);
      subscribers.forEach(Subscriber::close);
      await("their sessions have ended")
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> server.sessions() == 1);
      sensor.publish(TIME + 1, 2).get(10, TimeUnit.SECONDS);
      assertThat(lost).isEmpty();
    }
  }
}
