package dev.weir.it.contract.harness;

import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Format;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.Until;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A topic of a test server.
 *
 * @param server the server
 * @param name the topic's name
 * @param partitions how many
 */
public record TestTopic(TestServer server, String name, int partitions) {
  /** Bounds every unary call of a test. */
  public static final int DEADLINE_SECONDS = 20;

  /** The n-th sensor name of a partition. */
  public String sensor(int partition, int n) {
    for (int salt = 0; ; salt++) {
      String candidate = "line" + n + "/temp" + salt;
      if (Partitioner.partition(candidate, partitions) == partition) {
        return candidate;
      }
    }
  }

  /** The last partition, which is not the first where there are several. */
  public int lastPartition() {
    return partitions - 1;
  }

  /** A publisher on the shared connection, not opened yet. */
  public RawPublishSession publisher() {
    return new RawPublishSession(this, server.channel());
  }

  /** A publisher on a connection of its own. */
  public RawPublishSession publisherOn(Channel channel) {
    return new RawPublishSession(this, channel);
  }

  /** A subscriber on the shared connection, not opened yet. */
  public RawSubscribeSession subscriber() {
    return new RawSubscribeSession(this, server.channel());
  }

  /** A subscriber on a connection of its own, not opened yet. */
  public RawSubscribeSession subscriberOn(ManagedChannel channel) {
    return new RawSubscribeSession(this, channel);
  }

  /** Unary and server-streaming calls. */
  public SubscribeServiceGrpc.SubscribeServiceBlockingStub reader() {
    return SubscribeServiceGrpc.newBlockingStub(server.channel())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** Unary publishing. */
  public PublishServiceGrpc.PublishServiceBlockingStub writer() {
    return PublishServiceGrpc.newBlockingStub(server.channel())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** A tail of everything stored now. */
  public TailRequest.Builder everything() {
    return TailRequest.newBuilder()
        .setTopic(name)
        .setStart(Start.newBuilder().setEarliest(true))
        .setUntil(Until.newBuilder().setNow(true))
        .setFormat(Format.FORMAT_ROWS);
  }

  /** Every stored reading, in order per partition. */
  public List<DeliveredReading> stored() {
    return tail(everything().build());
  }

  /** The stored readings of one partition, in order. */
  public List<DeliveredReading> stored(int partition) {
    return stored().stream().filter(got -> got.partition() == partition).toList();
  }

  /** The stored values of one partition, in order. */
  public List<Double> values(int partition) {
    return stored(partition).stream().map(DeliveredReading::value).toList();
  }

  /** The readings of a tail that ends by itself. */
  public List<DeliveredReading> tail(TailRequest request) {
    DeliveryDecoding decoder = new DeliveryDecoding();
    reader().tail(request).forEachRemaining(decoder::take);
    return decoder.readings();
  }
}
