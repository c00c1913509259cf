package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Define;
import dev.weir.v1.Durability;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How publishing sessions open, take batches and keep their window. */
class PublishSessionTest extends PublishSessionFixture {
  // ---- opening

  @Test
  void missingTopic_isCreatedOffTheLoop() {
    PublishStreamRequest.Builder open = open("a", 0).toBuilder();
    open.getOpenBuilder().setTopic("new");
    TestPeer<PublishStreamResponse> peer = start().send(open.build());
    assertThat(context.world.topics().registry().find("new")).isNull();
    assertThat(context.control.size()).isEqualTo(1);
    context.run();
    assertThat(peer.last().getOpened().getEpoch()).isEqualTo(1);
    assertThat(peer.last().getOpened().getLastSequencesCount()).isEqualTo(1);
  }

  @Test
  void epochZero_isTheGreatestOfAnyPartitionPlusOne() {
    with(Limits.defaults(), 3);
    opened("a", 4).close();
    TestPeer<PublishStreamResponse> next = opened("a", 0);
    assertThat(next.last().getOpened().getEpoch()).isEqualTo(5);
    TestPeer<PublishStreamResponse> madeUp = opened("", 0);
    assertThat(madeUp.last().getOpened().getEpoch()).isEqualTo(1);
    assertThat(madeUp.last().getOpened().getProducer()).startsWith("~");
  }

  @Test
  void firstMessageThatIsNoOpen_endsTheCall() {
    TestPeer<PublishStreamResponse> peer = start().send(ping(1));
    assertThat(peer.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(peer);
  }

  @Test
  void sessionNotOpenedInTime_ends() {
    TestPeer<PublishStreamResponse> silent = start();
    context.loop.advance(Duration.ofSeconds(10).toNanos());
    context.run();
    assertThat(silent.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);

    log.hold();
    TestPeer<PublishStreamResponse> waiting = start().send(open("a", 0)).halfClose();
    context.run();
    context.loop.advance(Duration.ofSeconds(10).toNanos());
    context.run();
    assertThat(waiting.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    log.release();
    context.run();
    silent.close();
    assertReleased(waiting);
  }

  @Test
  void openedSession_hasNoTimerLeft() {
    opened("a", 0);
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void sessionsBeyondTheMost_areRefusedAndGiveBackOnePlaceEach() {
    with(Limits.defaults().with(Limit.SESSIONS_MAX, 1), 1);
    TestPeer<PublishStreamResponse> first = opened("a", 0);
    for (int i = 0; i < 3; i++) {
      TestPeer<PublishStreamResponse> refused = start();
      assertThat(refused.failure()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(refused.failed.retryDelay()).isPresent();
      refused.close();
      assertThat(context.sessions.count()).isEqualTo(1);
    }
    assertThat(start().failure()).isEqualTo(ErrorCode.OVERLOADED);
    first.close();
    assertThat(context.sessions.count()).isZero();
    opened("b", 0);
  }

  @Test
  void openRefusedByOnePartition_isLeftByAll() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 2), 3);
    var filler = new PartitionRequest.AskEpoch("x", epoch -> {});
    assertThat(topic.partitions().get(1).offer(filler)).isTrue();
    assertThat(topic.partitions().get(1).offer(filler)).isTrue();
    TestPeer<PublishStreamResponse> peer = start().send(open("left", 1));
    assertThat(peer.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(context.loop.timers()).as("it waits for nobody it did not come to").isZero();
    context.run();
    assertReleased(peer);
  }

  @Test
  void openAndDefineWithoutRoom_areToldWhenToComeAgain() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 1), 1);
    TestPeer<PublishStreamResponse> open = opened("a", 0);
    assertThat(topic.partitions().get(0).offer(new PartitionRequest.AskEpoch("x", epoch -> {})))
        .isTrue();
    TestPeer<PublishStreamResponse> late = start().send(open("b", 1));
    assertThat(late.failed.retryDelay()).isPresent();
    open.send(define("x"));
    assertThat(open.last().getDefined().getProblems(0).getProblem())
        .satisfies(problem -> assertThat(problem.getReason()).isEqualTo("OVERLOADED"))
        .satisfies(problem -> assertThat(problem.hasRetryDelay()).isTrue());
  }

  @Test
  void openThatIsNotStored_failsTheCall() {
    log.end(FakeLog.End.NOT_STORED);
    TestPeer<PublishStreamResponse> peer = start().send(open("left", 1));
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.STORE_FAILED);
    log.end(FakeLog.End.COMMIT);
    assertReleased(peer);
  }

  // ---- batches

  @Test
  void boundIds_areStoredAsTheyCame() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0).send(define("x", "y"));
    context.run();
    assertThat(peer.last().getDefined().getBindingsCount()).isEqualTo(2);
    Batch sent = SampleBatches.ids(1, 5, 6);
    peer.send(batch(1, sent));
    assertThat(context.control.size()).as("nothing to recode").isZero();
    context.run();
    assertThat(acks(peer).get(0).getThroughSequence()).isEqualTo(1);
    assertThat(log.records().get(2).batch().length()).isEqualTo(sent.getSerializedSize());
  }

  @Test
  void recodedBatches_keepTheirPlaceAmongOthers() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0).send(define("x"));
    context.run();
    peer.send(rows(1, "x")).send(ids(2, 0)).send(rows(3, "y")).send(ids(4, 0));
    assertThat(context.control.size()).as("one at a time").isEqualTo(1);
    context.run();
    assertThat(rejects(peer)).isEmpty();
    assertThat(acks(peer).get(acks(peer).size() - 1).getThroughSequence()).isEqualTo(4);
  }

  @Test
  void fullControlPool_rejectsInOrder() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0).send(define("x"));
    context.run();
    context.control.refuse(true);
    peer.send(rows(1, "x")).send(ids(2, 0));
    context.run();
    assertThat(rejects(peer)).containsExactly("1 OVERLOADED 1", "2 OUT_OF_SEQUENCE 1");
    context.control.refuse(false);
    peer.send(rows(1, "x")).send(ids(2, 0));
    context.run();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(2L);
  }

  @Test
  void fullQueue_rejectsAllBehindItWithTheSameNumber() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 2), 1);
    TestPeer<PublishStreamResponse> peer = opened("a", 0).send(define("x"));
    context.run();
    for (int i = 1; i <= 5; i++) {
      peer.send(ids(i, 0));
    }
    context.run();
    assertThat(rejects(peer)).containsExactly("3 OVERLOADED 3", "4 OVERLOADED 3", "5 OVERLOADED 3");
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(2L);
    peer.send(ids(3, 0)).send(ids(4, 0)).send(ids(5, 0));
    context.run();
    assertThat(rejects(peer)).hasSize(4).last().isEqualTo("5 OVERLOADED 5");
    peer.send(ids(5, 0));
    context.run();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(5L);
  }

  @Test
  void storedBatches_needNoRoomInAFullQueue() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 2), 1);
    TestPeer<PublishStreamResponse> first = opened("a", 0).send(rows(1, "x"));
    context.run();
    first.send(rows(2, "x"));
    context.run();
    first.close();
    TestPeer<PublishStreamResponse> again = opened("a", 1).send(define("x"));
    context.run();
    log.hold();
    again.send(ids(3, 0));
    context.run(); // that is the round under way
    for (int sequence : new int[] {4, 5, 1, 2}) {
      again.send(rows(sequence, "x"));
    }
    again.send(ids(2, 9)); // by an id that is not bound here
    context.run();
    assertThat(rejects(again)).isEmpty();
    assertThat(acks(again)).last().extracting(Ack::getThroughSequence).isEqualTo(2L);
    assertThat(acks(again).stream().mapToInt(Ack::getDuplicates).sum()).isEqualTo(3);
    assertThat(acks(again).get(0).getBindings(0).getName()).isEqualTo("x");
    log.release();
    context.run();
    assertThat(acks(again)).last().extracting(Ack::getThroughSequence).isEqualTo(5L);
  }

  @Test
  void badRequests_areAnsweredAndTheSessionGoesOn() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    PublishStreamRequest.Builder elsewhere = rows(1, "x").toBuilder();
    elsewhere.getBatchBuilder().setPartition(7);
    peer.send(elsewhere.build())
        .send(rows(0, "x"))
        .send(ids(1, 9))
        .send(batch(1, Batch.getDefaultInstance()))
        .send(PublishStreamRequest.getDefaultInstance())
        .send(open("a", 0))
        .send(ping(42))
        .send(rows(1, "x"));
    context.run();
    assertThat(rejects(peer))
        .containsExactlyInAnyOrder(
            "1 INVALID_ARGUMENT 0",
            "0 INVALID_ARGUMENT 1",
            "1 UNKNOWN_SENSOR_ID 1",
            "1 INVALID_ARGUMENT 1");
    assertThat(peer.got).filteredOn(PublishStreamResponse::hasRefused).hasSize(2);
    assertThat(peer.got).anyMatch(said -> said.getPong().getId() == 42);
    assertThat(acks(peer)).hasSize(1);
    assertThat(peer.ended()).isFalse();
  }

  @Test
  void acksOfABusyPeer_areMerged() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.ready(false);
    peer.send(rows(1, "x")).send(rows(2, "x")).send(rows(2, "x")).send(rows(3, "y"));
    context.run();
    assertThat(acks(peer)).isEmpty();
    peer.ready(true);
    assertThat(acks(peer)).hasSize(1);
    Ack ack = acks(peer).get(0);
    assertThat(ack.getThroughSequence()).isEqualTo(3);
    assertThat(ack.getDuplicates()).isEqualTo(1);
    assertThat(ack.getBindingsList()).as("each once").hasSize(2);
  }

  @Test
  void unknownOutcome_endsTheSession() {
    TestPeer<PublishStreamResponse> peer = opened("left", 0);
    log.end(FakeLog.End.UNKNOWN_LOST);
    peer.send(rows(1, "x")).send(rows(2, "x"));
    context.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    assertThat(acks(peer)).isEmpty();
    peer.close();
    assertThat(context.sessions.count()).isZero();
  }

  @Test
  void unknownOutcome_isSaidToWhoUnderstandsIt_andTheSessionGoesOn() {
    with(Limits.defaults(), 2);
    PublishStreamRequest.Builder open = open("a", 0).toBuilder();
    open.getOpenBuilder().addFeatures("outcome_unknown");
    TestPeer<PublishStreamResponse> peer = start().send(open.build());
    context.run();
    log.end(FakeLog.End.UNKNOWN_LOST);
    String first = SampleBatches.name(0, 0, 2);
    peer.send(rows(1, first)).send(rows(2, first));
    context.run();
    peer.send(rows(3, first));
    String second = SampleBatches.name(0, 1, 2);
    PublishStreamRequest.Builder other = rows(1, second).toBuilder();
    other.getBatchBuilder().setPartition(1);
    peer.send(other.build());
    context.run();

    assertThat(peer.got.stream().filter(PublishStreamResponse::hasOutcomeUnknown))
        .extracting(said -> said.getOutcomeUnknown().getSequence())
        .containsExactly(1L);
    assertThat(rejects(peer))
        .containsExactly("2 PARTITION_UNAVAILABLE 0", "3 PARTITION_UNAVAILABLE 0");
    assertThat(acks(peer)).extracting(Ack::getPartition).containsExactly(1);
    assertThat(peer.ended()).isFalse();
    peer.halfClose();
    context.run();
    assertThat(peer.finished).as("all is answered").isTrue();
  }

  // ---- window

  @Test
  void batchesBeyondTheWindow_areNotReadUntilSomeAreAnswered() {
    int window = Limits.defaults().getInt(Limit.PUBLISH_WINDOW_BATCHES);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    log.hold();
    for (int i = 1; i <= 3 * window; i++) {
      peer.send(rows(i, "x"));
    }
    context.run();
    assertThat(peer.unsent()).isEqualTo(2 * window);
    assertThat(peer.requested).isZero();
    log.release();
    context.run();
    assertThat(peer.unsent()).isZero();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(3L * window);
  }

  @Test
  void bytesBeyondTheWindow_areNotRead() {
    int bytes = 60_000;
    with(
        Limits.defaults()
            .with(Limit.MESSAGE_BYTES_MAX, 64 << 10)
            .with(Limit.PUBLISH_WINDOW_BYTES, 256 << 10),
        1);
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    log.hold();
    Reading text = Reading.newBuilder().setSensor("text").setText("t".repeat(bytes)).build();
    for (int i = 1; i <= 20; i++) {
      peer.send(batch(i, Batch.newBuilder().addRows(text).build()));
    }
    context.run();
    assertThat(peer.unsent()).isEqualTo(16);
    log.release();
    context.run();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(20L);
  }

  @Test
  void peerThatTakesNoAcks_isNotReadFurther() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.ready(false);
    for (int i = 1; i <= 100; i++) {
      peer.send(ping(i));
    }
    context.run();
    assertThat(peer.unsent()).isEqualTo(36);
    peer.ready(true);
    context.run();
    assertThat(peer.unsent()).isZero();
    assertThat(peer.got).hasSize(101);
  }

  @Test
  void definitionsBeyondConfiguredBounds_areRefused() {
    with(Limits.defaults().with(Limit.UNIT_BYTES_MAX, 2), 1);
    Sensor sensor = SampleBatches.sensor("x", Kind.KIND_INTEGER).toBuilder().setUnit("Cel").build();
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    peer.send(
        PublishStreamRequest.newBuilder()
            .setDefine(Define.newBuilder().addSensors(sensor))
            .build());
    peer.send(batch(1, SampleBatches.rows("x", 1).toBuilder().addSensors(sensor).build()));
    context.run();
    assertThat(peer.got).anyMatch(said -> said.getDefined().getProblemsCount() == 1);
    assertThat(rejects(peer)).containsExactly("1 INVALID_ARGUMENT 1");
  }

  // ---- durability

  @Test
  void topicInMemory_saysSoInEveryAnswer() {
    var settings = new TopicSettings(1, Durability.DURABILITY_MEMORY, 0, 0, Map.of());
    context.world.topics().create("m", settings, "");
    PublishStreamRequest.Builder open = open("a", 0).toBuilder();
    open.getOpenBuilder().setTopic("m");
    TestPeer<PublishStreamResponse> session = start().send(open.build()).send(rows(1, "x"));
    context.run();
    assertThat(session.got.get(0).getOpened().getDurability())
        .isEqualTo(Durability.DURABILITY_MEMORY);
    assertThat(acks(session).get(0).getDurability()).isEqualTo(Durability.DURABILITY_MEMORY);

    TestPeer<PublishResponse> unary =
        new TestPeer<>(
            context,
            PublishResponse.parser(),
            out -> new PublishCall(context.context, context.loop, out));
    unary.send(
        PublishRequest.newBuilder().setTopic("m").setBatch(SampleBatches.rows("x", 1)).build());
    context.run();
    assertThat(unary.last().getDurability()).isEqualTo(Durability.DURABILITY_MEMORY);

    TestPeer<UploadResponse> upload =
        new TestPeer<>(
            context,
            UploadResponse.parser(),
            out -> new UploadCall(context.context, context.loop, out));
    upload
        .send(UploadRequest.newBuilder().setOpen(UploadOpen.newBuilder().setTopic("m")).build())
        .halfClose();
    context.run();
    assertThat(upload.last().getDurability()).isEqualTo(Durability.DURABILITY_MEMORY);
  }
}
