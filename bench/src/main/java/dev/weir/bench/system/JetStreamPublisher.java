package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import io.nats.client.JetStream;
import io.nats.client.api.PublishAck;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * NATS JetStream, one message per reading as in {@link NatsPublisher}, published without waiting
 * for each ack, with at most {@code pending=} acks open.
 */
final class JetStreamPublisher implements SystemPublisher {
  private final NatsConnections opener = new NatsConnections();
  private final JetStream jetStream;
  private final String[] subjects;
  private final int pendingMax;
  private final Semaphore room;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  JetStreamPublisher(KeyValues settings) throws Exception {
    jetStream = opener.open(settings.count("port")).jetStream();
    subjects = NatsPublisher.subjects(settings);
    pendingMax = settings.count("pending");
    room = new Semaphore(pendingMax);
  }

  @Override
  public void publish(int sensor, long timeNanos, double value) throws Exception {
    room.acquire();
    jetStream
        .publishAsync(subjects[sensor], ReadingBytes.of(timeNanos, value))
        .whenComplete(this::onAck);
  }

  private void onAck(PublishAck ack, Throwable failure) {
    if (failure == null) {
      acknowledged.incrementAndGet();
    } else if (refused.incrementAndGet() == 1) {
      System.err.println("jetstream: " + failure);
    }
    room.release();
  }

  @Override
  public boolean drain(Duration timeout) throws Exception {
    boolean drained = room.tryAcquire(pendingMax, timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (drained) {
      room.release(pendingMax);
    }
    return drained;
  }

  @Override
  public long acknowledged() {
    return acknowledged.get();
  }

  @Override
  public long failures() {
    return refused.get() + opener.failures();
  }

  @Override
  public void close() {
    opener.close();
  }
}
