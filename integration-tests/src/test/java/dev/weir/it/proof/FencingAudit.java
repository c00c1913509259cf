package dev.weir.it.proof;

import dev.weir.v1.Batch;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.Topic;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A producer that has a successor and does not know: on its old session, by reconnecting with its
 * old epoch, and by unary calls, before and after the server is killed. Nothing of it may be stored
 * or acknowledged, and nothing of the successor may be missing. Owned by the test that runs it.
 */
final class FencingAudit {
  private static final String TOPIC = "line";
  private static final String PRODUCER = "twin";
  private static final String SENSOR = "s";
  private static final long DEADLINE_SECONDS = 10;
  private static final int BATCHES = 20;
  private static final double ZOMBIE = -1;

  private final RealServer.Terms terms;
  private final List<String> faults;
  private final AuditFindings complaints = new AuditFindings();
  private final List<Double> expected = new ArrayList<>();
  private long sequence;
  private long zombieEpoch;
  private ManagedChannel channel;

  FencingAudit(RealServer.Terms terms, List<String> faults) {
    this.terms = terms;
    this.faults = faults;
  }

  AuditFindings run() throws IOException {
    try (RealServer server = RealServer.start(terms, 0, faults)) {
      channel = connect(server);
      Topic topic = Topic.newBuilder().setName(TOPIC).setPartitionCount(1).build();
      CatalogServiceGrpc.newBlockingStub(channel)
          .createTopic(CreateTopicRequest.newBuilder().setTopic(topic).build());
      RawPublisher zombie = open(0);
      zombieEpoch = zombie.awaitOpened().getEpoch();
      publish(zombie);
      RawPublisher successor = open(0);
      successor.awaitOpened();
      zombie.send(0, sequence + 1, SENSOR, ZOMBIE);
      comeBack();
      publish(successor);
      complaints.unless(zombie.acked(0) <= BATCHES, "the old session was acknowledged: %s", zombie);
    } finally {
      channel.shutdownNow();
    }
    try (RealServer server = RealServer.start(terms, 0, faults)) {
      channel = connect(server);
      comeBack();
      readBack();
    } finally {
      channel.shutdownNow();
    }
    return complaints;
  }

  private static ManagedChannel connect(RealServer server) {
    return NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
  }

  private RawPublisher open(long epoch) {
    return new RawPublisher(channel, TOPIC, PRODUCER, epoch);
  }

  private void publish(RawPublisher publisher) {
    for (int i = 0; i < BATCHES; i++) {
      sequence++;
      publisher.send(0, sequence, SENSOR, (double) sequence);
      expected.add((double) sequence);
    }
    complaints.unless(
        publisher.awaitAcked(0, sequence), "the rightful producer is not served: %s", publisher);
  }

  /** The zombie tries again with what it knows. */
  private void comeBack() {
    RawPublisher again = open(zombieEpoch);
    PublishOpened opened = again.awaitOpened();
    if (opened != null) {
      complaints.add("a session of the old epoch was opened");
      again.send(0, opened.getLastSequences(0).getLastSequence() + 1, SENSOR, ZOMBIE);
    } else {
      complaints.unless(
          again.toString().contains("older than its present epoch"),
          "the old epoch is not told why: %s",
          again);
    }
    for (long next = sequence; next <= sequence + 1; next++) {
      unary(next);
    }
  }

  private void unary(long next) {
    Reading.Builder reading = Reading.newBuilder().setSensor(SENSOR).setDouble(ZOMBIE);
    PublishRequest request =
        PublishRequest.newBuilder()
            .setTopic(TOPIC)
            .setProducer(PRODUCER)
            .setEpoch(zombieEpoch)
            .setSequence(next)
            .setBatch(Batch.newBuilder().addRows(reading))
            .build();
    try {
      PublishResponse answer =
          PublishServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .publish(request);
      complaints.add("the old epoch was acknowledged: sequence %s: %s", next, answer);
    } catch (StatusRuntimeException refused) {
      // As it should be.
    }
  }

  private void readBack() {
    ServedContents view = ServedContents.of(channel);
    List<Double> stored =
        view.readings().values().stream().flatMap(List::stream).map(Reading::getDouble).toList();
    complaints.unless(stored.equals(expected), "stored is %s, expected %s", stored, expected);
    complaints.unless(view.gaps().equals(Map.of()), "gaps: %s", view.gaps());
  }
}
