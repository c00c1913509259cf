package dev.weir.it.proof;

import dev.weir.v1.Batch;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A small client without our library: one unary Publish after the other, under a producer and a
 * sequence, each repeated until it is answered. Thread-safe.
 */
final class UnaryLoad implements PublishLoad {
  private static final int SENSORS = 2;
  private static final int READINGS = 3;
  private static final long DEADLINE_SECONDS = 5;

  /** UNKNOWN is the status of gRPC for Java where the connection ended while a call was written. */
  private static final Set<Status.Code> TRANSPORT =
      Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.UNKNOWN);

  private final NumberedSource source;
  private final String topic;
  private final AuditFindings complaints;
  private final Channel channel;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private volatile boolean finishing;
  private volatile boolean closed;
  private volatile boolean underWay;
  private final AtomicLong repeated = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();

  UnaryLoad(Channel channel, NumberedSources sources, AuditFindings complaints) {
    this.topic = sources.topic();
    this.complaints = complaints;
    source = sources.add("unary", sources.partitions() - 1, SENSORS);
    this.channel = channel;
    thread.execute(this::publish);
  }

  private void publish() {
    for (long sequence = 1; !finishing && !closed; sequence++) {
      Batch.Builder batch = Batch.newBuilder();
      for (int i = 0; i < READINGS; i++) {
        batch.addRows(UploadLoad.reading(source, source.next()));
      }
      PublishRequest request =
          PublishRequest.newBuilder()
              .setTopic(topic)
              .setProducer(source.producer())
              .setSequence(sequence)
              .setBatch(batch)
              .build();
      underWay = true;
      PublishResponse answer = null;
      while (answer == null && !closed) {
        answer = tryOnce(request);
      }
      underWay = false;
      if (answer != null) {
        duplicates.addAndGet(answer.getDuplicate() ? 1 : 0);
        source.acknowledge(READINGS);
        acknowledged.incrementAndGet();
      }
    }
  }

  /** The answer; null where another try may help. */
  private PublishResponse tryOnce(PublishRequest request) {
    try {
      return PublishServiceGrpc.newBlockingStub(channel)
          .withWaitForReady()
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .publish(request);
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      repeated.incrementAndGet();
      if (!TRANSPORT.contains(code) && !closed) {
        complaints.add("%s: refused: %s", source, e);
        close();
      }
      return null;
    }
  }

  /** Calls that were made again. */
  long repeated() {
    return repeated.get();
  }

  /** Batches that the server knew already. */
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
    finishing = true;
    thread.shutdown();
    complaints.unless(
        thread.awaitTermination(1, TimeUnit.MINUTES), "unary publishing does not end");
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }
}
