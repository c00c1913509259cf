package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.SubscriptionStatus;
import java.util.concurrent.CountDownLatch;

/**
 * A process that subscribes to everything and does nothing with it, until it is stopped from
 * outside. Owns nothing. Commands: {@code mark}.
 */
public final class BystanderProcess {
  private BystanderProcess() {}

  /** Subscribes at {@code target=} to {@code topic=}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    CountDownLatch active = new CountDownLatch(1);
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void onActive(SubscriptionStatus status) {
            active.countDown();
          }
        };
    try (WeirClient client = WeirClient.connect(settings.text("target"))) {
      client.subscribe(
          SubscriberOptions.builder(settings.text("topic")).listener(listener).build(),
          reading -> {});
      active.await();
      ProcessConsole.serve(
          KeyValues.none().with("ready", true),
          (command, argument) -> KeyValues.none().with("readings", 0));
    }
  }
}
