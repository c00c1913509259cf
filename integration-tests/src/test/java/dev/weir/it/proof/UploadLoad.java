package dev.weir.it.proof;

import com.google.protobuf.util.Timestamps;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Reading;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One upload after the other, each under a producer of its own and repeated from its beginning
 * until it is answered. Thread-safe.
 */
final class UploadLoad implements PublishLoad {
  private static final int SENSORS = 2;
  private static final int READINGS = 60;
  private static final long PAUSE_MILLIS = 250;
  private static final Duration RETRY_EVERY = Duration.ofSeconds(1);

  /** The gRPC status code that leaves open what was stored: the client repeats and hears it. */
  private static final int DEADLINE_EXCEEDED = 4;

  private final String address;
  private final NumberedSources sources;
  private final AuditFindings complaints;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private volatile WeirClient client;
  private int uploads;
  private final AtomicInteger starts = new AtomicInteger();
  private volatile boolean closed;
  private volatile boolean underWay;
  private final AtomicLong repeated = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();

  UploadLoad(String address, NumberedSources sources, AuditFindings complaints) {
    this.address = address;
    client = WeirClient.connect(address);
    this.sources = sources;
    this.complaints = complaints;
    clock.scheduleWithFixedDelay(this::upload, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void upload() {
    int partition = uploads % sources.partitions();
    NumberedSource source = sources.add("upload-" + uploads++, partition, SENSORS);
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < READINGS; i++) {
      readings.add(reading(source, source.next()));
    }
    underWay = true;
    UploadResponse answer = null;
    while (answer == null && !closed) {
      try {
        answer = client.upload(sources.topic(), source.producer(), readings);
      } catch (WeirException broken) {
        boolean unknown = broken.retryable() || broken.code() == DEADLINE_EXCEEDED;
        complaints.unless(unknown || closed, "%s: refused: %s", source, broken);
        repeated.incrementAndGet();
        connectAgain();
      }
    }
    underWay = false;
    if (answer != null) {
      duplicates.addAndGet(answer.getDuplicates());
      complaints.unless(answer.getRejected() == 0, "%s: rejected: %s", source, answer);
      source.acknowledge(READINGS);
      acknowledged.incrementAndGet();
    }
  }

  static Reading reading(NumberedSource source, long number) {
    return Reading.newBuilder()
        .setSensor(source.sensor(number))
        .setTime(Timestamps.fromNanos(NumberedSource.timeNanos(number)))
        .setDouble(NumberedSource.value(number))
        .build();
  }

  /** Connects like a process that is started again, with its server, to repeat its upload. */
  private void connectAgain() {
    client.close();
    int seen = starts.get();
    ProcessWait.until(() -> starts.get() != seen || closed, RETRY_EVERY);
    if (!closed) {
      client = WeirClient.connect(address);
    }
  }

  /** There is a server again. */
  void serverIsBack() {
    starts.incrementAndGet();
  }

  /** Uploads that were begun again. */
  long repeated() {
    return repeated.get();
  }

  /** Batches of theirs that the server knew already. */
  long duplicates() {
    return duplicates.get();
  }

  @Override
  public int unacknowledged() {
    return underWay ? 1 : 0;
  }

  @Override
  public long acknowledgedBatches() {
    return acknowledged.get();
  }

  @Override
  public void finish() throws InterruptedException {
    clock.shutdown();
    complaints.unless(
        clock.awaitTermination(1, TimeUnit.MINUTES), "uploads: the last one does not end");
    client.close();
  }

  @Override
  public void close() {
    closed = true;
    clock.shutdownNow();
    ProcessWait.until(clock::isTerminated, RealServer.PATIENCE);
    client.close();
  }
}
