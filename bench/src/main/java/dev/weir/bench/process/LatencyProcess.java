package dev.weir.bench.process;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.system.WeirSubscriber;
import dev.weir.client.Publisher;
import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorInfo;
import dev.weir.client.SensorOptions;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Durability;
import dev.weir.v1.Gap;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * A process that publishes BLOBs at a steady rate to one sensor per subscription, and measures how
 * long each took from the time it was meant to be sent to its handler: a publisher that is held up
 * does not hide it. Publisher and subscribers have a connection each. Its counts are thread-safe.
 *
 * <p>Commands: {@code go}, {@code begin} (of a window), {@code end} (what was measured), {@code
 * stop} (waits for what is under way and returns what was lost).
 */
public final class LatencyProcess {
  /** 2026-01-01T00:00:00Z; a reading's time is this plus the clock at which it was due. */
  private static final long BASE_NANOS = 1_767_225_600_000_000_000L;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final double NANOS_PER_MICRO = 1e3;

  private final Recorder recorder = new Recorder(TimeUnit.MINUTES.toNanos(10), 3);
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();
  private final CountDownLatch active;
  private final Publisher publisher;
  private final SensorHandle[] sensors;
  private final byte[] blob;
  private final long intervalNanos;
  private volatile boolean stopped;
  private FutureTask<Long> publishing;

  private LatencyProcess(KeyValues settings, WeirClient publishing, WeirClient subscribing) {
    String topic = settings.text("topic");
    sensors = new SensorHandle[settings.count("subscriptions")];
    active = new CountDownLatch(sensors.length);
    blob = new byte[settings.count("blob_bytes")];
    intervalNanos = TimeUnit.SECONDS.toNanos(1) / settings.number("rate");
    WeirSubscriber.create(publishing, topic, Durability.DURABILITY_SYNCED);
    publisher = publishing.publisher(topic);
    for (int i = 0; i < sensors.length; i++) {
      String name = "line/" + i;
      sensors[i] = publisher.sensor(SensorOptions.builder(name).kind(Kind.KIND_BLOB).build());
      var options = SubscriberOptions.builder(topic).sensors(name).listener(new Listener());
      subscribing
          .subscribe(options.build(), new Handler())
          .completion()
          .whenComplete(
              (end, failure) -> {
                if (failure != null) {
                  System.err.println(name + " ended: " + failure);
                }
              });
    }
  }

  /** Publishes to and subscribes at {@code target=}. */
  public static void main(String[] args) throws Exception {
    KeyValues settings = KeyValues.parse(args);
    String target = settings.text("target");
    try (WeirClient publishing = WeirClient.connect(target);
        WeirClient subscribing = WeirClient.connect(target)) {
      var process = new LatencyProcess(settings, publishing, subscribing);
      if (!process.active.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("not subscribed after " + PATIENCE);
      }
      ProcessConsole.serve(KeyValues.none().with("ready", true), process::onCommand);
    }
  }

  private KeyValues onCommand(String command, String argument) throws Exception {
    return switch (command) {
      case "go" -> {
        publishing = BenchRuntime.start("bench-publisher", this::publishAll);
        yield KeyValues.none().with("going", true);
      }
      case "begin" -> {
        recorder.reset();
        yield KeyValues.none().with("begun", true);
      }
      case "end" -> measured(recorder.getIntervalHistogram());
      case "stop" -> stop();
      default -> throw ProcessConsole.unknown(command);
    };
  }

  private long publishAll() throws InterruptedException {
    long published = 0;
    for (long due = System.nanoTime(); !stopped; due += intervalNanos) {
      long early = due - System.nanoTime();
      if (early > 0) {
        BenchRuntime.pause(Duration.ofNanos(early));
      }
      sensors[(int) (published % sensors.length)].publishBlob(BASE_NANOS + due, blob);
      published++;
    }
    return published;
  }

  private static KeyValues measured(Histogram latencies) {
    return KeyValues.none()
        .with("readings", latencies.getTotalCount())
        .with("p50_micros", latencies.getValueAtPercentile(50) / NANOS_PER_MICRO)
        .with("p99_micros", latencies.getValueAtPercentile(99) / NANOS_PER_MICRO);
  }

  private KeyValues stop() throws Exception {
    stopped = true;
    long published = publishing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    publisher.drain(PATIENCE);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (received.get() < published && System.nanoTime() < deadline) {
      BenchRuntime.pause(Duration.ofMillis(10));
    }
    return KeyValues.none()
        .with("published", published)
        .with("received", received.get())
        .with("gaps", gaps.get());
  }

  private final class Handler implements ReadingHandler {
    @Override
    public void onBlob(SensorInfo sensor, long timeNanos, byte[] value) {
      recorder.recordValue(Math.max(0, System.nanoTime() - (timeNanos - BASE_NANOS)));
      received.incrementAndGet();
    }

    @Override
    public void onReading(Reading reading) {
      throw new IllegalStateException("not a BLOB: " + reading.getSensor());
    }
  }

  private final class Listener implements SubscriberListener {
    @Override
    public void onActive(SubscriptionStatus status) {
      active.countDown();
    }

    @Override
    public void onGap(Gap gap) {
      gaps.incrementAndGet();
    }
  }
}
