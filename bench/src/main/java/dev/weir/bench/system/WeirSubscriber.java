package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ReadingCheck;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Durability;
import dev.weir.v1.Gap;
import dev.weir.v1.Retention;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weir through its client with defaults: a client and one subscription from the earliest reading
 * per check, which takes its readings by {@code DoubleHandler}. Creates the topic, of {@code
 * durability=}.
 */
public final class WeirSubscriber implements SystemSubscriber {
  private static final long READY_SECONDS = 30;
  private static final int CREATE_ATTEMPTS = 5;
  private static final int DEADLINE_EXCEEDED = 4;

  private final List<WeirClient> clients = new ArrayList<>();
  private final AtomicLong failures = new AtomicLong();
  private final CountDownLatch active;

  WeirSubscriber(KeyValues settings, List<ReadingCheck> checks) throws InterruptedException {
    active = new CountDownLatch(checks.size());
    String topic = settings.text("topic");
    Durability durability = Durability.valueOf("DURABILITY_" + settings.text("durability"));
    for (ReadingCheck check : checks) {
      WeirClient client = WeirClient.connect("127.0.0.1:" + settings.count("port"));
      clients.add(client);
      create(client, topic, durability);
      var options = SubscriberOptions.builder(topic).fromEarliest().listener(new Listener());
      client
          .subscribe(options.build(), check)
          .completion()
          .whenComplete((end, failure) -> failures.addAndGet(failure == null ? 0 : 1));
    }
    if (!active.await(READY_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("not subscribed after " + READY_SECONDS + " s");
    }
  }

  /** The first call of a process may need more than its deadline while all of them warm up. */
  public static void create(WeirClient client, String name, Durability durability) {
    for (int attempt = 1; ; attempt++) {
      try {
        client.topics().createTopic(name, 1, durability, Retention.getDefaultInstance());
        return;
      } catch (WeirException e) {
        if (e.code() != DEADLINE_EXCEEDED || attempt == CREATE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @Override
  public long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    clients.forEach(WeirClient::close);
  }

  private final class Listener implements SubscriberListener {
    @Override
    public void onActive(SubscriptionStatus status) {
      active.countDown();
    }

    @Override
    public void onGap(Gap gap) {
      failures.incrementAndGet();
      System.err.println("gap: " + gap);
    }

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      failures.incrementAndGet();
    }
  }
}
