package dev.weir.it.proof;

import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A publishing session without our library, which sends exactly what a test wants. Thread-safe. */
final class RawPublisher implements StreamObserver<PublishStreamResponse> {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final StreamObserver<PublishStreamRequest> requests;
  private final Map<Integer, Long> acked = new HashMap<>(); // guarded by this, as all below
  private final List<Problem> problems = new ArrayList<>();
  private PublishOpened opened;
  private Throwable failure;
  private boolean over;

  /** Asks for a session. */
  RawPublisher(Channel channel, String topic, String producer, long epoch) {
    requests = PublishServiceGrpc.newStub(channel).publishStream(this);
    PublishOpen open =
        PublishOpen.newBuilder().setTopic(topic).setProducer(producer).setEpoch(epoch).build();
    requests.onNext(PublishStreamRequest.newBuilder().setOpen(open).build());
  }

  /** The session; null where it was refused. */
  PublishOpened awaitOpened() {
    ProcessWait.until(() -> isOpened() || isOver(), PATIENCE);
    synchronized (this) {
      return opened;
    }
  }

  /** Sends a batch of one reading. */
  synchronized void send(int partition, long sequence, String sensor, double value) {
    if (!over) {
      Batch batch =
          Batch.newBuilder()
              .addRows(Reading.newBuilder().setSensor(sensor).setDouble(value))
              .build();
      requests.onNext(
          PublishStreamRequest.newBuilder()
              .setBatch(
                  PublishBatch.newBuilder()
                      .setPartition(partition)
                      .setSequence(sequence)
                      .setBatch(batch))
              .build());
    }
  }

  /** Returns whether everything up to a sequence is acknowledged, in time. */
  boolean awaitAcked(int partition, long sequence) {
    ProcessWait.until(() -> acked(partition) >= sequence || isOver(), PATIENCE);
    return acked(partition) >= sequence;
  }

  synchronized long acked(int partition) {
    return acked.getOrDefault(partition, 0L);
  }

  synchronized boolean isOpened() {
    return opened != null;
  }

  /** Returns whether anything was rejected or refused. */
  synchronized boolean isRefused() {
    return !problems.isEmpty();
  }

  synchronized boolean isOver() {
    return over;
  }

  @Override
  public synchronized void onNext(PublishStreamResponse response) {
    switch (response.getResponseCase()) {
      case OPENED -> opened = response.getOpened();
      case ACK -> {
        Ack ack = response.getAck();
        acked.merge(ack.getPartition(), ack.getThroughSequence(), Math::max);
      }
      case REJECT -> problems.add(response.getReject().getProblem());
      case REFUSED -> problems.add(response.getRefused().getProblem());
      default -> {
        // Nothing else was asked for.
      }
    }
  }

  @Override
  public synchronized void onError(Throwable cause) {
    failure = cause;
    over = true;
  }

  @Override
  public synchronized void onCompleted() {
    over = true;
  }

  @Override
  public synchronized String toString() {
    return "opened "
        + (opened != null)
        + ", acked "
        + acked
        + ", problems "
        + problems
        + ", "
        + failure;
  }
}
