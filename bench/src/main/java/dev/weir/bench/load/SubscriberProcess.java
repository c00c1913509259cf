package dev.weir.bench.load;

import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.SubscriptionStatus;
import dev.weir.v1.Topic;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that creates the topic, subscribes to all of it and checks every reading. Its {@link
 * ReadingCheck} owns what was seen; the counts here are thread-safe.
 *
 * <p>Commands: {@code mark}, {@code expect N} (waits until N readings came, and says what was
 * wrong).
 */
public final class SubscriberProcess {
  private static final long READY_SECONDS = 30;
  private static final long EXPECT_SECONDS = 60;
  private static final int CREATE_ATTEMPTS = 5;
  private static final int DEADLINE_EXCEEDED = 4;

  private final ReadingCheck check;
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong disconnects = new AtomicLong();
  private final CountDownLatch active = new CountDownLatch(1);

  private SubscriberProcess(Fields settings) {
    this.check = new ReadingCheck(settings.count("publishers"), settings.count("sensors"));
  }

  /** Subscribes at {@code target=} to {@code topic=} of {@code partitions=}. */
  public static void main(String[] args) throws Exception {
    Fields settings = Fields.parse(args);
    var process = new SubscriberProcess(settings);
    try (WeirClient client = WeirClient.connect(settings.text("target"))) {
      Topic topic = create(client, settings.text("topic"), settings.count("partitions"));
      var options =
          SubscriberOptions.builder(topic.getName())
              .fromEarliest()
              .listener(process.listener())
              .build();
      client.subscribe(options, process.check);
      if (!process.active.await(READY_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("not subscribed after " + READY_SECONDS + " s");
      }
      Console.serve(Fields.none().with("durability", topic.getDurability()), process::onCommand);
    }
  }

  /** The first call of a process may need more than its deadline while all three warm up. */
  static Topic create(WeirClient client, String name, int partitions) {
    for (int attempt = 1; ; attempt++) {
      try {
        return client.topics().createTopic(name, partitions);
      } catch (WeirException e) {
        if (e.code() != DEADLINE_EXCEEDED || attempt == CREATE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private SubscriberListener listener() {
    return new SubscriberListener() {
      @Override
      public void onActive(SubscriptionStatus status) {
        active.countDown();
      }

      @Override
      public void onGap(Gap gap) {
        gaps.incrementAndGet();
      }

      @Override
      public void onDisconnected(WeirException cause, Duration retryIn) {
        disconnects.incrementAndGet();
      }
    };
  }

  private Fields onCommand(String command, String argument) throws InterruptedException {
    return switch (command) {
      case "mark" -> Fields.none().with("readings", check.delivered());
      case "expect" -> {
        boolean complete = check.awaitDelivered(Long.parseLong(argument), EXPECT_SECONDS);
        check.firstWrong().ifPresent(System.err::println);
        yield Fields.none()
            .with("complete", complete)
            .with("delivered", check.delivered())
            .with("wrong", check.wrong())
            .with("gaps", gaps.get())
            .with("disconnects", disconnects.get());
      }
      default -> throw Console.unknown(command);
    };
  }
}
