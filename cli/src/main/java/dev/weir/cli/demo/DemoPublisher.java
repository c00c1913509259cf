package dev.weir.cli.demo;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.ServerOption;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.WeirClient;
import dev.weir.common.OwnedBy;
import dev.weir.v1.PublishOpened;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The demo's publisher process: samples this machine's sensors and keeps a tally of what was
 * acknowledged. Owned by the main thread.
 */
@OwnedBy("main thread")
@Command(name = "demo-publisher", hidden = true)
public final class DemoPublisher implements Callable<Integer> {
  private static final long PERIOD_MILLIS = 200;
  private static final long OPEN_SECONDS = 30;
  private static final Duration DRAIN = Duration.ofSeconds(8);

  private final StandardStreams streams;
  private final ReadingDigest acknowledged = new ReadingDigest();
  private final Map<String, SensorHandle> handles = new HashMap<>();
  // Bounded by the publisher's buffer: a full one holds the next publish back.
  private final Queue<Pending> pending = new ArrayDeque<>();
  private long published;
  private long failed;

  @Option(names = "--topic", required = true)
  private String topic;

  @Mixin private ServerOption server;

  private record OpenListener(CountDownLatch opened) implements PublisherListener {
    @Override
    public void onConnected(PublishOpened session) {
      opened.countDown();
    }
  }

  private record Pending(
      String sensor, long timeNanos, double value, CompletableFuture<BatchAck> ack) {}

  /** The command. */
  public DemoPublisher(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    DemoStopSignal orders = DemoStopSignal.from(streams.in());
    int exitCode = server.with(client -> publish(client, orders));
    orders.finished();
    return exitCode;
  }

  private int publish(WeirClient client, DemoStopSignal orders) {
    HostSensors sensors = new HostSensors(CliRuntime::elapsedNanos);
    // Readings that wait for the first session would show how long it takes to open, not how long a
    // reading takes.
    CountDownLatch opened = new CountDownLatch(1);
    PublisherOptions options =
        PublisherOptions.builder(topic).listener(new OpenListener(opened)).build();
    try (Publisher publisher = client.publisher(options)) {
      if (!opened.await(OPEN_SECONDS, TimeUnit.SECONDS)) {
        throw new CommandFailure("no publishing session in " + OPEN_SECONDS + " s");
      }
      say("ready");
      do {
        sensors.sample((sensor, unit, value) -> publish(publisher, sensor, unit, value));
        account();
      } while (orders.await(PERIOD_MILLIS) == null);
      publisher.drain(DRAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    account();
    acknowledged.lines().forEach(line -> say("tally\t" + line));
    say("done");
    return 0;
  }

  private void publish(Publisher publisher, String sensor, String unit, double value) {
    SensorHandle handle =
        handles.computeIfAbsent(
            sensor, name -> publisher.sensor(SensorOptions.builder(name).unit(unit).build()));
    long timeNanos = CliRuntime.epochNanos();
    pending.add(new Pending(sensor, timeNanos, value, handle.publish(timeNanos, value)));
    published++;
  }

  /**
   * Counts what was answered meanwhile, oldest first, so that the tally keeps each sensor's order.
   */
  private void account() {
    while (!pending.isEmpty() && pending.element().ack().isDone()) {
      Pending answered = pending.remove();
      if (answered.ack().isCompletedExceptionally()) {
        failed++;
      } else {
        acknowledged.add(answered.sensor(), answered.timeNanos(), answered.value());
      }
    }
    say("number\tpublished\t" + published);
    say("number\tacknowledged\t" + acknowledged.readings());
    say("number\tfailed\t" + failed);
  }

  /** A demo that does not listen any more is noticed by {@link DemoStopSignal}. */
  private void say(String line) {
    PrintStream out = streams.out();
    out.println(line);
    out.flush();
  }
}
