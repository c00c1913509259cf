package dev.weir.it.squeeze;

import com.google.protobuf.util.Timestamps;
import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.it.proof.AuditFindings;
import dev.weir.v1.Gap;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An honest subscriber of everything that {@link HonestPublisher} sends. It makes a finding of each
 * reading that is missing, comes twice, comes out of order, or was never sent. Thread-safe.
 */
final class HonestReader implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String name;
  private final HonestPublisher publisher;
  private final AuditFindings findings;
  private final OpenLoop delivered;
  private final RefusalTime refusedTime = new RefusalTime();
  private final CountDownLatch active = new CountDownLatch(1);
  private final long[] next = new long[HonestPublisher.SENSORS]; // -1: none yet; guarded by this
  private final Subscriber subscriber;

  private HonestReader(
      String name,
      WeirClient client,
      HonestPublisher publisher,
      AuditFindings findings,
      SubscriberOptions.Builder options) {
    this.name = name;
    this.publisher = publisher;
    this.findings = findings;
    delivered = publisher.sameTimes();
    Arrays.fill(next, -1);
    subscriber = client.subscribe(options.listener(new Listener()).build(), new Readings());
  }

  /** Follows live, in columns. */
  static HonestReader columns(
      WeirClient client, HonestPublisher publisher, AuditFindings findings) {
    return new HonestReader("columns", client, publisher, findings, live());
  }

  /** Follows live, in rows. */
  static HonestReader rows(WeirClient client, HonestPublisher publisher, AuditFindings findings) {
    return new HonestReader("rows", client, publisher, findings, live().rows());
  }

  private static SubscriberOptions.Builder live() {
    return SubscriberOptions.builder(HonestPublisher.TOPIC).fromLatest();
  }

  /** Reads everything that is stored, once; whatever was acknowledged before must be there. */
  static void readBack(WeirClient client, HonestPublisher publisher, AuditFindings findings)
      throws InterruptedException {
    SubscriberOptions.Builder all =
        SubscriberOptions.builder(HonestPublisher.TOPIC).fromEarliest().untilNow();
    try (HonestReader reader = new HonestReader("reading back", client, publisher, findings, all)) {
      reader.subscriber.completion().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      reader.expectAll();
    } catch (ExecutionException | TimeoutException e) {
      findings.add("what was stored cannot be read back: %s", e);
    }
  }

  /** Waits until it is subscribed. */
  void awaitActive() throws InterruptedException {
    findings.unless(
        active.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "%s: cannot subscribe", name);
  }

  /** Returns the times at which readings are due, and were delivered. */
  OpenLoop delivered() {
    return delivered;
  }

  RefusalTime refusedTime() {
    return refusedTime;
  }

  /** Returns whether it has everything that was sent and acknowledged by now. */
  synchronized boolean hasAll() {
    for (long n = Math.max(publisher.firstSent(), publisher.sent() - HonestPublisher.SENSORS);
        n < publisher.sent();
        n++) {
      if (publisher.acks().isDone(n) && next[(int) (n % HonestPublisher.SENSORS)] <= n) {
        return false;
      }
    }
    return true;
  }

  /** Makes a finding of everything that was acknowledged and did not come. */
  synchronized void expectAll() {
    for (int sensor = 0; sensor < HonestPublisher.SENSORS; sensor++) {
      long last = publisher.sent() - 1 - (publisher.sent() - 1 - sensor) % HonestPublisher.SENSORS;
      findings.unless(
          next[sensor] > last || !publisher.acks().isDone(last),
          "%s: lost: readings %d to %d of sensor %d, which were acknowledged",
          name,
          next[sensor],
          last,
          sensor);
    }
  }

  private synchronized void onReading(String sensor, long timeNanos, double value) {
    long number = (long) value;
    if (number < publisher.firstSent()
        || number > publisher.sent()
        || !sensor.equals(HonestPublisher.sensor(number))
        || timeNanos != HonestPublisher.eventNanos(number)) {
      findings.add("%s: never sent: %s at %d, value %s", name, sensor, timeNanos, value);
      return;
    }
    int index = (int) (number % HonestPublisher.SENSORS);
    long expected = next[index] >= 0 ? next[index] : firstOf(index);
    while (expected < number && publisher.isUnstored(expected)) {
      expected += HonestPublisher.SENSORS;
    }
    findings.unless(
        number == expected,
        "%s: reading %d of %s where %d is next",
        name,
        number,
        sensor,
        expected);
    next[index] = Math.max(next[index], number + HonestPublisher.SENSORS);
    delivered.done(number, System.nanoTime());
  }

  private long firstOf(int index) {
    long first = publisher.firstSent();
    return first
        + Math.floorMod(index - (int) (first % HonestPublisher.SENSORS), HonestPublisher.SENSORS);
  }

  @Override
  public void close() {
    subscriber.close();
  }

  private final class Readings implements ReadingHandler {
    @Override
    public void onDouble(SensorInfo sensor, long timeNanos, double value) {
      HonestReader.this.onReading(sensor.name(), timeNanos, value);
    }

    @Override
    public void onReading(Reading reading) {
      long timeNanos = Timestamps.toNanos(reading.getTime());
      HonestReader.this.onReading(reading.getSensor(), timeNanos, reading.getDouble());
    }
  }

  private final class Listener implements SubscriberListener {
    @Override
    public void onActive(SubscriptionStatus status) {
      active.countDown();
      long now = System.nanoTime();
      refusedTime.accepted(now, now);
    }

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      refusedTime.refused(System.nanoTime(), cause.toString());
    }

    @Override
    public void onGap(Gap gap) {
      findings.add("%s: a gap that must not be: %s", name, gap);
    }
  }
}
