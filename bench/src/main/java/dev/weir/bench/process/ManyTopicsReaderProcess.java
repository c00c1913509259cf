package dev.weir.bench.process;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ManyTopicsCheck;
import dev.weir.bench.load.ManyTopicsShape;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.v1.Gap;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A process with the filtered subscriptions of {@link ManyTopicsShape}, each checked by itself.
 * Owned by its main thread; the counts are thread-safe.
 *
 * <p>Commands: {@code mark}, {@code expect N} (waits for what N published readings give each
 * subscription, and returns what was wrong).
 */
public final class ManyTopicsReaderProcess {
  private static final long READY_SECONDS = 60;
  private static final Duration EXPECT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(10);

  private final ManyTopicsShape shape;
  private final List<Place> places = new ArrayList<>();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder wrong = new LongAdder();
  private final LongAdder gaps = new LongAdder();

  private ManyTopicsReaderProcess(ManyTopicsShape shape) {
    this.shape = shape;
  }

  /** A subscription. */
  private record Place(int topic, int subscription, ManyTopicsCheck check) {}

  /** Subscribes at {@code target=}, where the topics exist. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    try (var clients = new ManyTopicsClients(settings.text("target"))) {
      var process = new ManyTopicsReaderProcess(ManyTopicsShape.of(settings));
      process.subscribe(clients);
      ProcessConsole.serve(
          KeyValues.none().with("subscriptions", process.places.size()), process::onCommand);
    }
  }

  private void subscribe(ManyTopicsClients clients) throws InterruptedException {
    for (int topic = 0; topic < shape.topics(); topic++) {
      for (int i = 0; i < shape.subscriptions(topic); i++) {
        var walks = new RandomWalks(topic, shape.sensorsEach());
        places.add(new Place(topic, i, new ManyTopicsCheck(walks, i, delivered, wrong)));
      }
    }
    CountDownLatch active = new CountDownLatch(places.size());
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void onActive(SubscriptionStatus status) {
            active.countDown();
          }

          @Override
          public void onGap(Gap gap) {
            gaps.increment();
          }
        };
    for (Place place : places) {
      var options =
          SubscriberOptions.builder(ManyTopicsShape.topic(place.topic()))
              .globs(ManyTopicsShape.globs(place.subscription()))
              .fromEarliest()
              .listener(listener)
              .build();
      clients.next().subscribe(options, place.check());
    }
    if (!active.await(READY_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("not subscribed: " + active.getCount());
    }
  }

  private KeyValues onCommand(String command, String argument) throws InterruptedException {
    return switch (command) {
      case "mark" -> KeyValues.none().with("readings", delivered.sum());
      case "expect" -> expect(Long.parseLong(argument));
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private KeyValues expect(long published) throws InterruptedException {
    long deadline = System.nanoTime() + EXPECT.toNanos();
    long expected = 0;
    long differing = 0;
    for (Place place : places) {
      long matching = shape.matching(place.topic(), place.subscription(), published);
      while (place.check().delivered() < matching && System.nanoTime() < deadline) {
        BenchRuntime.pause(POLL);
      }
      expected += matching;
      differing += place.check().delivered() == matching ? 0 : 1;
    }
    return KeyValues.none()
        .with("expected", expected)
        .with("delivered", delivered.sum())
        .with("differing", differing)
        .with("wrong", wrong.sum())
        .with("gaps", gaps.sum());
  }
}
