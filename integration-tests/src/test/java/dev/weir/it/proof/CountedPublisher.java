package dev.weir.it.proof;

import dev.weir.v1.Batch;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.Topic;
import dev.weir.v1.Until;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Publishes 1, 2, 3, ... one call after the other, until one fails, and knows what was
 * acknowledged. Owned by its test.
 */
final class CountedPublisher implements AutoCloseable {
  private static final String TOPIC = "counted";
  private static final int DEADLINE_SECONDS = 10;

  private final ManagedChannel channel;
  private volatile long acked;

  CountedPublisher(RealServer server) {
    channel = NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
  }

  void createTopic() {
    CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .createTopic(
            CreateTopicRequest.newBuilder()
                .setTopic(Topic.newBuilder().setName(TOPIC).setPartitionCount(1))
                .build());
  }

  /** Publishes so many more; the first that fails is thrown. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
  void publish(int count) {
    for (int i = 0; i < count; i++) {
      PublishServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .publish(
              PublishRequest.newBuilder()
                  .setTopic(TOPIC)
                  .setProducer("counter")
                  .setSequence(acked + 1)
                  .setBatch(
                      Batch.newBuilder()
                          .addRows(Reading.newBuilder().setSensor("n").setInteger(acked + 1)))
                  .build());
      acked++;
    }
  }

  /** Publishes until a call fails, on a thread of its own. */
  CompletableFuture<Void> publishToTheEnd() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            publish(Integer.MAX_VALUE);
          } catch (StatusRuntimeException ended) {
            // that is what it waits for
          }
        });
  }

  long acked() {
    return acked;
  }

  /** All that is stored. */
  List<Long> stored() {
    Iterator<TailResponse> answers =
        SubscribeServiceGrpc.newBlockingStub(channel)
            .withWaitForReady()
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .tail(
                TailRequest.newBuilder()
                    .setTopic(TOPIC)
                    .setStart(Start.newBuilder().setEarliest(true))
                    .setUntil(Until.newBuilder().setNow(true))
                    .build());
    List<Long> all = new ArrayList<>();
    answers.forEachRemaining(
        answer ->
            answer
                .getDelivery()
                .getReadingsList()
                .forEach(reading -> all.add(reading.getInteger())));
    return all;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
