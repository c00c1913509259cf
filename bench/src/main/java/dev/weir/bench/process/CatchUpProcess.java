package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.load.RandomWalks;
import dev.weir.bench.load.ReadingCheck;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Gap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that reads a log from the earliest reading to what is stored now, through the public
 * client, and checks every reading. Owned by its main thread.
 *
 * <p>Commands: {@code run} (once through; returns how many readings came in how many {@code nanos},
 * and what was wrong).
 */
public final class CatchUpProcess {
  private static final long RUN_SECONDS = 80;

  private CatchUpProcess() {}

  /** Reads {@code sensors=} of {@code topic=} at {@code target=}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    try (WeirClient client = WeirClient.connect(settings.text("target"))) {
      client.topics().getTopic(settings.text("topic"));
      ProcessConsole.serve(
          KeyValues.none().with("ready", true),
          (command, argument) ->
              switch (command) {
                case "mark" -> KeyValues.none().with("readings", 0);
                case "run" -> run(client, settings);
                default -> throw ProcessConsole.unknown(command);
              });
    }
  }

  private static KeyValues run(WeirClient client, KeyValues settings) throws Exception {
    ReadingCheck check = new ReadingCheck(new RandomWalks(0, settings.count("sensors")));
    AtomicLong gaps = new AtomicLong();
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void onGap(Gap gap) {
            gaps.incrementAndGet();
          }
        };
    var options =
        SubscriberOptions.builder(settings.text("topic"))
            .fromEarliest()
            .untilNow()
            .listener(listener)
            .build();
    long start = System.nanoTime();
    try (Subscriber subscriber = client.subscribe(options, check)) {
      subscriber.completion().get(RUN_SECONDS, TimeUnit.SECONDS);
      long nanos = System.nanoTime() - start;
      check.firstWrong().ifPresent(System.err::println);
      return KeyValues.none()
          .with("readings", check.delivered())
          .with("run_nanos", nanos)
          .with("wrong", check.wrong())
          .with("gaps", gaps.get());
    }
  }
}
