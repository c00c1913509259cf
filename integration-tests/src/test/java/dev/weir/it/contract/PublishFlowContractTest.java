package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.FaultyFiles.Fault;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.SensorBinding;
import io.grpc.Status;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Rules 4, 5 and 7 of PublishService: acks, the window, half-close. */
final class PublishFlowContractTest extends ContractTest {
  private static final int NETTY_STREAM_BYTES = 256 << 10;

  @EachSetup
  void rule4_acksAreCumulativePerPartition_andSayTheirDurability(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher();
    assertThat(publisher.open("p", 0).getDurability()).isEqualTo(Durability.DURABILITY_SYNCED);
    int batches = 40;
    for (int sequence = 1; sequence <= batches; sequence++) {
      for (int p = 0; p < setup.partitions(); p++) {
        publisher.send(p, sequence, rows(topic.sensor(p, 0), sequence));
      }
    }
    for (int p = 0; p < setup.partitions(); p++) {
      publisher.awaitAck(p, batches);
      assertThat(publisher.acks(p)).extracting(Ack::getThroughSequence).isSorted();
      assertThat(publisher.acks(p))
          .extracting(Ack::getDurability)
          .containsOnly(Durability.DURABILITY_SYNCED);
      Ack last = publisher.acks(p).get(publisher.acks(p).size() - 1);
      assertThat(
              topic.tail(
                  topic.everything().setStart(StartPositions.after(last.getCursor())).build()))
          .as("behind the cursor of the last ack of partition %s", p)
          .noneMatch(got -> got.sensor().equals(topic.sensor(last.getPartition(), 0)));
    }
  }

  @EachSetup
  void rule4_acksThatWait_areMerged_withTheirDuplicatesAndBindings(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    publisher.responses().pause();
    for (int sequence = 1; sequence <= 20; sequence++) {
      publisher.send(0, sequence, rows(topic.sensor(0, sequence), sequence));
      publisher.send(0, sequence, rows(topic.sensor(0, sequence), sequence));
    }
    Awaitility.await("all to be stored").until(() -> topic.values(0).size() == 20);
    publisher.responses().resume();
    publisher.responses().awaitAll("all duplicates", all -> publisher.duplicates(0) == 20);

    assertThat(publisher.acked(0)).isEqualTo(20);
    if (!setup.netty()) { // a socket takes some acks even from a client that does not read
      assertThat(publisher.acks(0)).as("acks are state").hasSizeLessThan(5);
    }
    assertThat(publisher.acks(0).stream().flatMap(ack -> ack.getBindingsList().stream()))
        .extracting(SensorBinding::getName)
        .containsAll(IntStream.rangeClosed(1, 20).mapToObj(n -> topic.sensor(0, n)).toList());
  }

  @EachTransport
  void rule5_serverReadsNoFurther_whenTheWindowOfBatchesIsFull(TransportSetup setup) {
    int batches = 5;
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.PUBLISH_WINDOW_BATCHES, batches));
    RawPublishSession publisher = topic.publisher();
    PublishOpened opened = publisher.open("p", 0);
    assertThat(opened.getWindow().getBatches()).isEqualTo(batches);
    Batch batch = padded(topic.sensor(0, 0), 16 << 10);
    topic.server().files().set(Fault.HOLD_SYNC);
    int sent = sendWhileReady(publisher, batch, 200);

    assertThat(sent).isBetween(batches, setup.netty() ? batches + 40 : batches);
    assertThat(publisher.responses().all()).noneMatch(PublishStreamResponse::hasAck);
    topic.server().files().set(Fault.NONE);
    publisher.awaitAck(0, sent);
    publisher.responses().awaitReady();
    publisher.store(0, sent + 1, batch);
  }

  @EachTransport
  void rule5_serverReadsNoFurther_whenTheWindowOfBytesIsFull(TransportSetup setup) {
    int windowBytes = 64 << 10;
    TestTopic topic =
        topicOfOwnServer(
            setup,
            quick()
                .with(Limit.MESSAGE_BYTES_MAX, windowBytes)
                .with(Limit.PUBLISH_WINDOW_BYTES, windowBytes));
    RawPublishSession publisher = topic.publisher();
    assertThat(publisher.open("p", 0).getWindow().getBytes()).isEqualTo(windowBytes);
    int batchBytes = 40 << 10;
    Batch batch = padded(topic.sensor(0, 0), batchBytes);
    topic.server().files().set(Fault.HOLD_SYNC);
    int sent = sendWhileReady(publisher, batch, 100);

    int ahead = setup.netty() ? NETTY_STREAM_BYTES / batchBytes + 2 : 0;
    assertThat(sent).isBetween(1, windowBytes / batchBytes + 1 + ahead);
    topic.server().files().set(Fault.NONE);
    publisher.awaitAck(0, sent);
    publisher.responses().awaitReady();
    publisher.store(0, sent + 1, batch);
  }

  /** Sends until the transport takes no more. */
  private static int sendWhileReady(RawPublishSession publisher, Batch batch, int most) {
    int sent = 0;
    while (sent < most && publisher.responses().isReadySoon()) {
      sent++;
      publisher.send(0, sent, batch);
    }
    return sent;
  }

  private static Batch padded(String sensor, int bytes) {
    return Batch.newBuilder()
        .addRows(
            Reading.newBuilder().setSensor(sensor).setBlob(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  @EachSetup
  void rule7_halfClose_acksEverything_thenEndsOk(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    for (int sequence = 1; sequence <= 30; sequence++) {
      for (int p = 0; p < setup.partitions(); p++) {
        publisher.send(p, sequence, rows(topic.sensor(p, 0), sequence));
      }
    }
    publisher.halfClose();
    CallFailure end = publisher.awaitEnd();

    assertThat(end.code()).isEqualTo(Status.Code.OK);
    for (int p = 0; p < setup.partitions(); p++) {
      assertThat(publisher.acked(p)).isEqualTo(30);
      assertThat(topic.values(p)).hasSize(30);
    }
  }

  @EachTransport
  void rule7_halfCloseBeforeAnythingIsAcked_waitsForTheCommit(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    topic.server().files().set(Fault.HOLD_SYNC);
    publisher.send(0, 1, rows(topic.sensor(0, 0), 1));
    publisher.halfClose();
    Awaitility.await("the sync").until(() -> topic.server().files().heldSyncs() == 1);

    assertThat(publisher.responses().isOver()).isFalse();
    topic.server().files().set(Fault.NONE);
    assertThat(publisher.awaitEnd().code()).isEqualTo(Status.Code.OK);
    assertThat(publisher.acked(0)).isEqualTo(1);
  }

  @EachTransport
  void session_mustBeOpenedFirst_andOnce(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession early = topic.publisher();
    early.send(0, 1, rows(topic.sensor(0, 0), 1));
    assertThat(early.awaitEnd().reason()).isEqualTo("SESSION_NOT_OPEN");
    RawPublishSession silent = topic.publisher();
    silent.halfClose();
    assertThat(silent.awaitEnd().reason()).isEqualTo("SESSION_NOT_OPEN");

    RawPublishSession twice = topic.publisher().opened();
    twice.sendOpen("p", 0);
    PublishStreamResponse refused =
        twice.responses().await("refused", PublishStreamResponse::hasRefused);
    assertThat(refused.getRefused().getProblem().getReason()).isEqualTo("SESSION_NOT_OPEN");
    twice.store(0, 1, rows(topic.sensor(0, 0), 1));
  }
}
