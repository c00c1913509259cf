package dev.weir.it.proof;

import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Gap;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A subscriber of every reading of a topic, from the first one on, that resumes by itself however
 * often its server dies. Thread-safe.
 */
final class ResumingSubscriber implements AutoCloseable {
  private final String who;
  private final ReadingOrderCheck order;
  private final AuditFindings complaints;
  private final boolean gapsPermitted;
  private final Subscriber subscriber;

  private ResumingSubscriber(
      String who,
      NumberedSources sources,
      AuditFindings complaints,
      boolean gapsPermitted,
      WeirClient client,
      SubscriberOptions.Builder options) {
    this.who = who;
    this.complaints = complaints;
    this.gapsPermitted = gapsPermitted;
    order = new ReadingOrderCheck(who, sources, complaints);
    if (gapsPermitted) {
      options.onExpired(OnExpired.ON_EXPIRED_EARLIEST);
    }
    subscriber = client.subscribe(options.listener(new Gaps()).build(), new Readings());
  }

  /** Follows for ever. */
  static ResumingSubscriber start(
      WeirClient client, NumberedSources sources, boolean gapsPermitted, AuditFindings complaints) {
    return new ResumingSubscriber(
        "follower of " + sources.topic(),
        sources,
        complaints,
        gapsPermitted,
        client,
        SubscriberOptions.builder(sources.topic()).fromEarliest());
  }

  /** Reads what is stored, once; whatever was acknowledged before must be there. */
  static void readBack(
      WeirClient client, NumberedSources sources, boolean retained, AuditFindings complaints)
      throws InterruptedException {
    Map<NumberedSource, Long> acked = sources.acked();
    SubscriberOptions.Builder all =
        SubscriberOptions.builder(sources.topic()).fromEarliest().untilNow();
    String who = "reading all of " + sources.topic();
    try (ResumingSubscriber reading =
        new ResumingSubscriber(who, sources, complaints, retained, client, all)) {
      if (retained) {
        reading.order.beginAnywhere();
      }
      reading.subscriber.completion().get(1, TimeUnit.MINUTES);
      reading.order.expect(acked, retained);
    } catch (ExecutionException | TimeoutException e) {
      complaints.add("%s: %s", who, e);
    }
  }

  /** Waits until it has all that is acknowledged by now. */
  void awaitAcked(NumberedSources sources, Duration patience) {
    Map<NumberedSource, Long> acked = sources.acked();
    if (!ProcessWait.until(
        () -> order.has(acked) || subscriber.completion().isDone() || !complaints.isEmpty(),
        patience)) {
      complaints.add("%s does not move: %s, acknowledged %s", who, order, acked);
    }
    if (subscriber.completion().isDone()) {
      complaints.add("%s ended: %s", who, subscriber.completion());
    }
  }

  /** Waits until its beginning is known. */
  void awaitBegun(Duration patience) {
    complaints.unless(
        ProcessWait.until(() -> !subscriber.cursor().isEmpty(), patience),
        "%s does not begin",
        who);
  }

  ReadingOrderCheck order() {
    return order;
  }

  long delivered() {
    return subscriber.readingsDelivered();
  }

  @Override
  public void close() {
    subscriber.close();
  }

  private final class Readings implements ReadingHandler {
    @Override
    public void onDouble(SensorInfo sensor, long timeNanos, double value) {
      order.onReading(sensor.name(), timeNanos, value);
    }

    @Override
    public void onReading(Reading reading) {
      complaints.add("%s: not a double: %s", who, reading);
    }
  }

  private final class Gaps implements SubscriberListener {
    @Override
    public void onGap(Gap gap) {
      order.onGap(gap, gapsPermitted);
    }
  }
}
