package dev.weir.cli.demo;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.common.OwnedBy;
import dev.weir.v1.Gap;
import dev.weir.v1.SubscriptionStatus;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The demo's subscriber process: follows the topic and prints values, latency and a tally of what
 * was delivered. Owned by the main thread.
 */
@OwnedBy("main thread")
@Command(name = "demo-subscriber", hidden = true)
public final class DemoSubscriber implements Callable<Integer> {
  private static final long TELL_MILLIS = 500;
  private static final long LAST_DELIVERIES_MILLIS = 10_000;

  private final StandardStreams streams;

  @Option(names = "--topic", required = true)
  private String topic;

  @Option(names = "--drop-one-delivery")
  private boolean dropOneDelivery;

  @Mixin private ServerOption server;

  /** The command. */
  public DemoSubscriber(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    DemoStopSignal orders = DemoStopSignal.from(streams.in());
    int exitCode = server.with(client -> follow(client, orders));
    orders.finished();
    return exitCode;
  }

  private int follow(WeirClient client, DemoStopSignal orders) {
    DemoDeliveries delivered = new DemoDeliveries(CliRuntime::epochNanos, dropOneDelivery);
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void onActive(SubscriptionStatus status) {
            say("ready");
          }

          @Override
          public void onGap(Gap gap) {
            delivered.onGap(gap);
          }
        };
    SubscriberOptions options =
        SubscriberOptions.builder(topic).fromEarliest().listener(listener).build();
    try (Subscriber subscriber = client.subscribe(options, delivered)) {
      String order = orders.await(TELL_MILLIS);
      while (order == null) {
        delivered.news().forEach(this::say);
        if (subscriber.completion().isDone()) {
          subscriber.completion().join();
          return 1;
        }
        order = orders.await(TELL_MILLIS);
      }
      if (!order.isEmpty()) {
        delivered.await(Long.parseLong(order), LAST_DELIVERIES_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    delivered.news().forEach(this::say);
    delivered.tallyLines().forEach(line -> say("tally\t" + line));
    say("done");
    return 0;
  }

  /** A demo that does not listen any more is noticed by {@link DemoStopSignal}. */
  private void say(String line) {
    PrintStream out = streams.out();
    out.println(line);
    out.flush();
  }
}
