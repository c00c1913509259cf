package dev.weir.it.proof;

import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A named producer on a publishing stream, through the public client. Thread-safe. */
final class StreamLoad implements PublishLoad {
  private static final int SENSORS = 3;
  private static final int BATCH_READINGS = 8;
  private static final long PERIOD_MICROS = 10_000;
  private static final int BUFFERED_BYTES = 64 * 1_024;

  private final String producer;
  private final AuditFindings complaints;
  private final Publisher publisher;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<PartitionPublisher> lanes = new ArrayList<>();

  StreamLoad(
      WeirClient client, NumberedSources sources, String producer, AuditFindings complaints) {
    this.producer = producer;
    this.complaints = complaints;
    publisher =
        client.publisher(
            PublisherOptions.builder(sources.topic())
                .producerId(producer)
                .batchReadingsMax(BATCH_READINGS)
                .batchBytesMax(BUFFERED_BYTES / 2)
                .bufferedBytesMax(BUFFERED_BYTES)
                .listener(new Losses())
                .build());
    for (int partition = 0; partition < sources.partitions(); partition++) {
      lanes.add(new PartitionPublisher(sources.add(producer, partition, SENSORS)));
    }
    clock.scheduleAtFixedRate(this::burst, 0, PERIOD_MICROS, TimeUnit.MICROSECONDS);
  }

  private void burst() {
    try {
      for (int i = 0; i < BATCH_READINGS; i++) {
        lanes.forEach(PartitionPublisher::publish);
      }
    } catch (WeirException e) {
      if (!e.reason().equals(WeirException.CLOSED)) {
        complaints.add("%s: cannot publish: %s", producer, e);
      }
      throw e; // ends the load
    }
  }

  @Override
  public int unacknowledged() {
    return lanes.stream().mapToInt(PartitionPublisher::sentAndUnacknowledged).sum();
  }

  @Override
  public long acknowledgedBatches() {
    return acknowledged.get();
  }

  @Override
  public void finish() throws InterruptedException {
    clock.shutdown();
    try {
      if (!clock.awaitTermination(1, TimeUnit.MINUTES)) {
        complaints.add("%s: publishing does not end", producer);
      }
      publisher.flush().get(1, TimeUnit.MINUTES);
    } catch (ExecutionException | TimeoutException e) {
      complaints.add("%s: not all is acknowledged: %s", producer, e);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  /** The publisher's way into one partition. Published to by the clock's thread. */
  private final class PartitionPublisher {
    private final NumberedSource source;
    private final Map<String, SensorHandle> handles = new HashMap<>();
    private final AtomicInteger batches = new AtomicInteger();
    private CompletableFuture<BatchAck> newest;
    private long lastSequence;

    PartitionPublisher(NumberedSource source) {
      this.source = source;
      source.sensors().forEach(name -> handles.put(name, publisher.sensor(name)));
    }

    void publish() {
      long number = source.next();
      CompletableFuture<BatchAck> batch =
          handles
              .get(source.sensor(number))
              .publish(NumberedSource.timeNanos(number), NumberedSource.value(number));
      if (batch != newest) {
        newest = batch;
        batches.incrementAndGet();
        batch.whenComplete(this::settled);
      }
    }

    private void settled(BatchAck ack, Throwable failure) {
      batches.decrementAndGet();
      if (failure != null) {
        complaints.add("%s: a batch was not stored: %s", source, failure);
        return;
      }
      if (ack.sequence() == lastSequence) {
        return; // sensors that were not accepted yet have futures of their own in one batch
      }
      complaints.unless(
          ack.partition() == source.partition() && ack.sequence() > lastSequence,
          "%s: acknowledged out of order: %s after %s",
          source,
          ack,
          lastSequence);
      lastSequence = ack.sequence();
      source.acknowledge(ack.readings());
      acknowledged.incrementAndGet();
    }

    /** One may still be gathering. */
    int sentAndUnacknowledged() {
      return Math.max(0, batches.get() - 1);
    }
  }

  private final class Losses implements PublisherListener {
    @Override
    public void onRejected(int partition, int readings, WeirException cause) {
      complaints.add("%s: rejected in partition %s: %s", producer, partition, cause);
    }

    @Override
    public void onLost(int partition, long fromSequence, long throughSequence) {
      complaints.add(
          "%s: batches %s to %s of partition %s were acknowledged, and the server lost them",
          producer, fromSequence, throughSequence, partition);
    }
  }
}
