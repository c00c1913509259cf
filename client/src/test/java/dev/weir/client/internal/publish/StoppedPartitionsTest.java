package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Offer;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.v1.OutcomeUnknown;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import dev.weir.v1.Window;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A publisher of two partitions, of which a server that plays each case stops the second. */
class StoppedPartitionsTest {
  private static final int STOPPED = 1;
  private static final Problem UNAVAILABLE =
      Problem.newBuilder()
          .setReason("PARTITION_UNAVAILABLE")
          .setCode(Status.Code.UNAVAILABLE.value())
          .build();

  private ScriptedPublishServer server;
  private WeirClient client;
  private Publisher publisher;
  private SensorHandle healthy;
  private SensorHandle stopped;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedPublishServer();
    client = server.client();
    publisher =
        client.publisher(
            PublisherOptions.builder("t")
                .batchReadingsMax(1)
                .batchBytesMax(1_024)
                .bufferedBytesMax(4_096)
                .build());
    healthy = publisher.sensor(name(0));
    stopped = publisher.sensor(name(STOPPED));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static String name(int partition) {
    for (int n = 0; ; n++) {
      if (PublishBuffer.partitionOf("s" + n, 2) == partition) {
        return "s" + n;
      }
    }
  }

  private ScriptedPublishServer.Session opened(PartitionSequence.Builder ofStopped)
      throws Exception {
    var session = server.session();
    assertThat(session.next().getOpen().getFeaturesList()).contains("outcome_unknown");
    session.send(
        PublishStreamResponse.newBuilder()
            .setOpened(
                PublishOpened.newBuilder()
                    .setProducer("p")
                    .setEpoch(1)
                    .addLastSequences(PartitionSequence.newBuilder())
                    .addLastSequences(ofStopped.setPartition(STOPPED))
                    .setWindow(Window.newBuilder().setBatches(64).setBytes(8 << 20))));
    session.define(3);
    return session;
  }

  private List<CompletableFuture<BatchAck>> publish(int batches) {
    List<CompletableFuture<BatchAck>> acks = new ArrayList<>();
    for (int i = 1; i <= batches; i++) {
      acks.add(stopped.publish(i, i));
    }
    return acks;
  }

  private static void unknown(ScriptedPublishServer.Session session, long sequence) {
    session.send(
        PublishStreamResponse.newBuilder()
            .setOutcomeUnknown(
                OutcomeUnknown.newBuilder()
                    .setPartition(STOPPED)
                    .setSequence(sequence)
                    .setProblem(UNAVAILABLE)));
  }

  private static void reject(ScriptedPublishServer.Session session, long sequence) {
    session.send(
        PublishStreamResponse.newBuilder()
            .setReject(
                Reject.newBuilder()
                    .setPartition(STOPPED)
                    .setSequence(sequence)
                    .setProblem(UNAVAILABLE)));
  }

  private static void assertUnavailable(CompletableFuture<BatchAck> ack) {
    assertThatThrownBy(() -> ack.get(10, SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            WeirException.class,
            cause -> assertThat(cause.reason()).isEqualTo("PARTITION_UNAVAILABLE"));
  }

  @Test
  void whatIsInDoubt_holdsHalfOfTheBuffer_andIsSettledBySequence() throws Exception {
    var session = opened(PartitionSequence.newBuilder());
    List<CompletableFuture<BatchAck>> acks = publish(7);
    assertThat(session.sequences(7)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    for (int sequence = 1; sequence <= 7; sequence++) {
      unknown(session, sequence);
    }
    acks.subList(5, 7).forEach(StoppedPartitionsTest::assertUnavailable);
    assertThat(acks.subList(0, 5)).as("a half of the buffer").noneMatch(CompletableFuture::isDone);

    CompletableFuture<BatchAck> other = healthy.publish(1, 1);
    assertThat(session.next().getBatch().getPartition()).isZero();
    session.ack(1);
    assertThat(other.get(10, SECONDS).partition()).isZero();

    session.fail(Status.UNAVAILABLE);
    var restarted = opened(PartitionSequence.newBuilder().setLastSequence(3));
    for (int i = 0; i < 3; i++) {
      assertThat(acks.get(i).get(10, SECONDS).sequence()).isEqualTo(i + 1);
    }
    for (long sequence = 4; sequence <= 5; sequence++) {
      PublishBatch again = restarted.next().getBatch();
      assertThat(again.getSequence()).isEqualTo(sequence);
      assertThat(again.getBatch().getColumns(0).getDoubles(0)).isEqualTo((double) sequence);
    }
    stopped.publish(8, 8);
    assertThat(restarted.next().getBatch().getSequence()).isEqualTo(6);
  }

  @Test
  void sessionThatBreaksMeanwhile_keepsWhatIsInDoubt_andFailsTheRest() throws Exception {
    var session = opened(PartitionSequence.newBuilder());
    List<CompletableFuture<BatchAck>> acks = publish(4);
    session.sequences(4);
    session.fail(Status.UNAVAILABLE);
    opened(
        PartitionSequence.newBuilder()
            .setLastSequence(1)
            .setInDoubtThrough(2)
            .setStopped(UNAVAILABLE));

    assertThat(acks.get(0).get(10, SECONDS).sequence()).isEqualTo(1);
    acks.subList(2, 4).forEach(StoppedPartitionsTest::assertUnavailable);
    assertThat(acks.get(1)).as("in doubt").isNotDone();
    assertThat(stopped.tryPublish(9, 9)).isInstanceOf(Offer.Closed.class);
  }

  /** The round of the newer session's open is the one that stops the last healthy partition. */
  @Test
  void takeoverInTheRoundThatStopsThePartition_endsWhatIsInDoubt_andSaysWhoTookOver()
      throws Exception {
    var session = opened(PartitionSequence.newBuilder().setStopped(UNAVAILABLE));
    CompletableFuture<BatchAck> inDoubt = healthy.publish(1, 1);
    session.sequences(1);
    session.send(
        PublishStreamResponse.newBuilder()
            .setOutcomeUnknown(OutcomeUnknown.newBuilder().setSequence(1).setProblem(UNAVAILABLE)));
    session.refuse("PRODUCER_FENCED", Duration.ZERO);
    for (CompletableFuture<?> ended : List.of(inDoubt, publisher.flush())) {
      assertThatThrownBy(() -> ended.get(10, SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              WeirException.class,
              cause -> assertThat(cause.reason()).isEqualTo("PRODUCER_FENCED"));
    }
    assertThatThrownBy(() -> healthy.publish(2, 2)).hasMessageContaining("PRODUCER_FENCED");
  }

  @Test
  void rejectedBatchesOfAStoppedPartition_fail_andThoseBehindThemAreNotTaken() throws Exception {
    var session = opened(PartitionSequence.newBuilder());
    List<CompletableFuture<BatchAck>> acks = publish(2);
    session.sequences(2);
    reject(session, 1);
    reject(session, 2);

    acks.forEach(StoppedPartitionsTest::assertUnavailable);
    assertThatThrownBy(() -> stopped.publish(3, 3))
        .isInstanceOfSatisfying(
            WeirException.class,
            cause -> assertThat(cause.reason()).isEqualTo("PARTITION_UNAVAILABLE"));
    healthy.publish(1, 1);
    assertThat(session.next().getBatch().getPartition()).isZero();
    session.fail(Status.UNAVAILABLE);
    var restarted = opened(PartitionSequence.newBuilder());
    await().until(() -> stopped.tryPublish(4, 4) instanceof Offer.Accepted); // once it has opened
    List<Integer> partitions =
        List.of(
            restarted.next().getBatch().getPartition(), restarted.next().getBatch().getPartition());
    assertThat(partitions).containsExactlyInAnyOrder(0, STOPPED);
  }
}
