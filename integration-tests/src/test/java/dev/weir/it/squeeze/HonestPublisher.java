package dev.weir.it.squeeze;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.it.proof.AuditFindings;
import dev.weir.v1.PublishOpened;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * An honest publisher: 1,000 readings per second into a SYNCED topic, however the server is.
 * Reading n has the value n, is due at a fixed time, and is one of sensor n modulo {@value
 * #SENSORS}; so whoever gets it knows all about it. A thread of its own publishes. Thread-safe.
 */
final class HonestPublisher implements AutoCloseable {
  static final String TOPIC = "honest";
  static final int SENSORS = 8;
  static final int PARTITIONS = 2;
  private static final long PERIOD_NANOS = 1_000_000;
  private static final long TICK_NANOS = 2_000_000;
  private static final long FIRST_EVENT_NANOS = 1_700_000_000_000_000_000L;
  private static final Duration FINISH = Duration.ofMinutes(1);

  private final AuditFindings findings;
  private final OpenLoop acks = new OpenLoop(System.nanoTime(), PERIOD_NANOS);
  private final RefusalTime refusedTime = new RefusalTime();
  private final Set<Long> unstored = ConcurrentHashMap.newKeySet();
  private final Publisher publisher;
  private final List<SensorHandle> sensors = new ArrayList<>();
  private final Thread thread = new Thread(this::publishAll, "honest-publisher");
  private volatile long sent;
  private volatile boolean over;

  HonestPublisher(WeirClient client, AuditFindings findings) {
    this.findings = findings;
    publisher = publisher(client, new Listener());
    for (int i = 0; i < SENSORS; i++) {
      sensors.add(publisher.sensor(sensor(i)));
    }
    thread.setDaemon(true);
  }

  private static Publisher publisher(WeirClient client, PublisherListener listener) {
    return client.publisher(
        PublisherOptions.builder(TOPIC).producerId("honest").listener(listener).build());
  }

  /** Opens a session of its producer, which the server knows from then on, and ends it. */
  static void introduce(WeirClient client)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<PublishOpened> open = new CompletableFuture<>();
    PublisherListener listener =
        new PublisherListener() {
          @Override
          public void onConnected(PublishOpened opened) {
            open.complete(opened);
          }
        };
    Publisher publisher = publisher(client, listener);
    try {
      open.get(FINISH.toSeconds(), TimeUnit.SECONDS);
    } finally {
      publisher.close();
    }
  }

  static String sensor(long number) {
    return "honest/" + number % SENSORS;
  }

  /** Begins; those who are to hear the first reading have subscribed before. */
  void start() {
    sent = acks.dueBy(System.nanoTime()); // those due before are never sent
    firstSent = sent;
    thread.start();
  }

  private volatile long firstSent;

  /** The first reading that was ever sent. */
  long firstSent() {
    return firstSent;
  }

  /** The number of the next reading that is sent. */
  long sent() {
    return sent;
  }

  /** A number's time in the log. */
  static long eventNanos(long number) {
    return FIRST_EVENT_NANOS + number * PERIOD_NANOS;
  }

  /** Returns the times at which readings are due, and were acknowledged. */
  OpenLoop acks() {
    return acks;
  }

  /** Another one with the same times due. */
  OpenLoop sameTimes() {
    return new OpenLoop(acks.dueNanos(0), PERIOD_NANOS);
  }

  RefusalTime refusedTime() {
    return refusedTime;
  }

  private void publishAll() {
    while (!over) {
      long due = acks.dueBy(System.nanoTime());
      while (sent < due && !over) {
        publishNext();
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private void publishNext() {
    long number = sent;
    try {
      sensors
          .get((int) (number % SENSORS))
          .publish(eventNanos(number), (double) number)
          .whenComplete((ack, failure) -> settled(number, failure));
      sent = number + 1;
    } catch (WeirException e) {
      if (e.reason().equals(WeirException.BLOCK_TIMEOUT)) {
        refusedTime.refused(System.nanoTime(), e.toString());
      } else {
        over = true;
        findings.add("the honest publisher cannot go on: %s", e);
      }
    }
  }

  private void settled(long number, Throwable failure) {
    if (failure == null) {
      acks.done(number, System.nanoTime());
    } else {
      unstored.add(number);
      findings.add("reading %d of the honest publisher was not stored: %s", number, failure);
    }
  }

  /** Publishes nothing new, and waits until all that was sent is stored. */
  void finish() throws InterruptedException {
    over = true;
    thread.join(FINISH.toMillis());
    try {
      publisher.flush().get(FINISH.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      findings.add("the honest publisher's last readings are not stored: %s", e);
    }
  }

  /** Returns whether a reading was refused for good; a finding was made of it. */
  boolean isUnstored(long number) {
    return unstored.contains(number);
  }

  @Override
  public void close() {
    over = true;
  }

  private final class Listener implements PublisherListener {
    @Override
    public void onConnected(PublishOpened opened) {
      long now = System.nanoTime();
      refusedTime.accepted(now, now);
    }

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      refusedTime.refused(System.nanoTime(), cause.toString());
    }

    @Override
    public void onLost(int partition, long fromSequence, long throughSequence) {
      findings.add(
          "acknowledged batches %d to %d of partition %d are no longer stored",
          fromSequence, throughSequence, partition);
    }
  }
}
