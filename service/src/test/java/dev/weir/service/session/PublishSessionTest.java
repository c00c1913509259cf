package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.state.PublishState;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Result;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.Topic;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Define;
import dev.weir.v1.Kind;
import dev.weir.v1.Ping;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishSessionTest {
  private TestDesk desk = new TestDesk(Limits.defaults());
  private Topic topic = desk.topic("t", 1);
  private FakeLog log = desk.world.log(topic, 0);

  private void with(Limits limits, int partitions) {
    desk = new TestDesk(limits);
    topic = desk.topic("t", partitions);
    log = desk.world.log(topic, 0);
  }

  private Peer<PublishStreamResponse> start() {
    return new Peer<>(
        desk, PublishStreamResponse.parser(), out -> new PublishSession(desk.desk, desk.loop, out));
  }

  private static PublishStreamRequest open(String producer, long epoch) {
    return PublishStreamRequest.newBuilder()
        .setOpen(PublishOpen.newBuilder().setTopic("t").setProducer(producer).setEpoch(epoch))
        .build();
  }

  private Peer<PublishStreamResponse> opened(String producer, long epoch) {
    Peer<PublishStreamResponse> peer = start().send(open(producer, epoch));
    desk.run();
    assertThat(peer.last().hasOpened()).as("%s", peer.failed).isTrue();
    return peer;
  }

  private static PublishStreamRequest batch(long sequence, Batch batch) {
    return PublishStreamRequest.newBuilder()
        .setBatch(PublishBatch.newBuilder().setSequence(sequence).setBatch(batch))
        .build();
  }

  private static PublishStreamRequest rows(long sequence, String sensor) {
    return batch(sequence, TestBatches.rows(sensor, sequence));
  }

  private static PublishStreamRequest ids(long sequence, int id) {
    return batch(sequence, TestBatches.ids(id, sequence));
  }

  private static PublishStreamRequest define(String... names) {
    Define.Builder define = Define.newBuilder().setId(names.length);
    for (String name : names) {
      define.addSensors(TestBatches.sensor(name, Kind.KIND_INTEGER));
    }
    return PublishStreamRequest.newBuilder().setDefine(define).build();
  }

  private static PublishStreamRequest ping(long id) {
    return PublishStreamRequest.newBuilder().setPing(Ping.newBuilder().setId(id)).build();
  }

  private static List<Ack> acks(Peer<PublishStreamResponse> peer) {
    return peer.got.stream()
        .filter(PublishStreamResponse::hasAck)
        .map(PublishStreamResponse::getAck)
        .toList();
  }

  private static List<String> rejects(Peer<PublishStreamResponse> peer) {
    return peer.got.stream()
        .filter(PublishStreamResponse::hasReject)
        .map(
            said ->
                said.getReject().getSequence()
                    + " "
                    + said.getReject().getProblem().getReason()
                    + " "
                    + said.getReject().getExpectedSequence())
        .toList();
  }

  /** Nothing of the session is left anywhere. */
  private void assertReleased(Peer<PublishStreamResponse> peer) {
    peer.close();
    desk.run();
    assertThat(desk.sessions).hasValue(0);
    for (int p = 0; p < topic.partitions().size(); p++) {
      PublishSession session = (PublishSession) peer.session();
      List<Result> results = new ArrayList<>();
      topic
          .partitions()
          .get(p)
          .offer(
              new Request.Append(
                  session,
                  "left",
                  session.epoch(),
                  1,
                  TestBatches.named(TestBatches.name(0, p, topic.partitions().size()), 1),
                  results::add));
      desk.run();
      assertThat(results).as("no session of partition %s", p).hasSize(1);
      assertThat(results.get(0)).isInstanceOf(Result.Rejected.class);
    }
  }

  // ---- opening

  @Test
  void missingTopic_isCreatedOffTheLoop() {
    PublishStreamRequest.Builder open = open("a", 0).toBuilder();
    open.getOpenBuilder().setTopic("new");
    Peer<PublishStreamResponse> peer = start().send(open.build());
    assertThat(desk.world.topics().find("new")).isNull();
    assertThat(desk.control.size()).isEqualTo(1);
    desk.run();
    assertThat(peer.last().getOpened().getEpoch()).isEqualTo(1);
    assertThat(peer.last().getOpened().getLastSequencesCount()).isEqualTo(1);
  }

  @Test
  void epochZero_isTheGreatestOfAnyPartitionPlusOne() {
    with(Limits.defaults(), 3);
    opened("a", 4).close();
    Peer<PublishStreamResponse> next = opened("a", 0);
    assertThat(next.last().getOpened().getEpoch()).isEqualTo(5);
    Peer<PublishStreamResponse> madeUp = opened("", 0);
    assertThat(madeUp.last().getOpened().getEpoch()).isEqualTo(1);
    assertThat(madeUp.last().getOpened().getProducer()).startsWith("~");
  }

  @Test
  void firstMessageThatIsNoOpen_endsTheCall() {
    Peer<PublishStreamResponse> peer = start().send(ping(1));
    assertThat(peer.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(peer);
  }

  @Test
  void sessionNotOpenedInTime_ends() {
    Peer<PublishStreamResponse> silent = start();
    desk.loop.advance(Duration.ofSeconds(10).toNanos());
    desk.run();
    assertThat(silent.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);

    log.hold();
    Peer<PublishStreamResponse> waiting = start().send(open("a", 0)).halfClose();
    desk.run();
    desk.loop.advance(Duration.ofSeconds(10).toNanos());
    desk.run();
    assertThat(waiting.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    log.release();
    desk.run();
    silent.close();
    assertReleased(waiting);
  }

  @Test
  void openedSession_hasNoTimerLeft() {
    opened("a", 0);
    assertThat(desk.loop.timers()).isZero();
  }

  @Test
  void sessionsBeyondTheMost_areRefusedAndGiveBackOnePlaceEach() {
    with(Limits.defaults().with(Limit.SESSIONS_MAX, 1), 1);
    Peer<PublishStreamResponse> first = opened("a", 0);
    for (int i = 0; i < 3; i++) {
      Peer<PublishStreamResponse> refused = start();
      assertThat(refused.failure()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(refused.failed.retryDelay()).isPresent();
      refused.close();
      assertThat(desk.sessions).hasValue(1);
    }
    assertThat(start().failure()).isEqualTo(ErrorCode.OVERLOADED);
    first.close();
    assertThat(desk.sessions).hasValue(0);
    opened("b", 0);
  }

  @Test
  void openRefusedByOnePartition_isLeftByAll() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 2), 3);
    var filler = new Request.AskEpoch("x", epoch -> {});
    assertThat(topic.partitions().get(1).offer(filler)).isTrue();
    assertThat(topic.partitions().get(1).offer(filler)).isTrue();
    Peer<PublishStreamResponse> peer = start().send(open("left", 1));
    assertThat(peer.failure()).isEqualTo(ErrorCode.OVERLOADED);
    desk.run();
    desk.loop.advance(Duration.ofSeconds(1).toNanos()); // a Leave that found no room comes again
    assertReleased(peer);
  }

  @Test
  void openThatIsNotStored_failsTheCall() {
    log.end(FakeLog.End.NOT_STORED);
    Peer<PublishStreamResponse> peer = start().send(open("left", 1));
    desk.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.STORE_FAILED);
    log.end(FakeLog.End.COMMIT);
    assertReleased(peer);
  }

  // ---- batches

  @Test
  void boundIds_areStoredAsTheyCame() {
    Peer<PublishStreamResponse> peer = opened("a", 0).send(define("x", "y"));
    desk.run();
    assertThat(peer.last().getDefined().getBindingsCount()).isEqualTo(2);
    Batch sent = TestBatches.ids(1, 5, 6);
    peer.send(batch(1, sent));
    assertThat(desk.control.size()).as("nothing to recode").isZero();
    desk.run();
    assertThat(acks(peer).get(0).getThroughSequence()).isEqualTo(1);
    assertThat(log.records().get(2).batch().length()).isEqualTo(sent.getSerializedSize());
  }

  @Test
  void recodedBatches_keepTheirPlaceAmongOthers() {
    Peer<PublishStreamResponse> peer = opened("a", 0).send(define("x"));
    desk.run();
    peer.send(rows(1, "x")).send(ids(2, 0)).send(rows(3, "y")).send(ids(4, 0));
    assertThat(desk.control.size()).as("one at a time").isEqualTo(1);
    desk.run();
    assertThat(rejects(peer)).isEmpty();
    assertThat(acks(peer).get(acks(peer).size() - 1).getThroughSequence()).isEqualTo(4);
  }

  @Test
  void fullControlPool_rejectsInOrder() {
    Peer<PublishStreamResponse> peer = opened("a", 0).send(define("x"));
    desk.run();
    desk.control.refuse(true);
    peer.send(rows(1, "x")).send(ids(2, 0));
    desk.run();
    assertThat(rejects(peer)).containsExactly("1 OVERLOADED 1", "2 OUT_OF_SEQUENCE 1");
    desk.control.refuse(false);
    peer.send(rows(1, "x")).send(ids(2, 0));
    desk.run();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(2L);
  }

  @Test
  void fullQueue_rejectsAllBehindItWithTheSameNumber() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 2), 1);
    Peer<PublishStreamResponse> peer = opened("a", 0).send(define("x"));
    desk.run();
    for (int i = 1; i <= 5; i++) {
      peer.send(ids(i, 0));
    }
    desk.run();
    assertThat(rejects(peer)).containsExactly("3 OVERLOADED 3", "4 OVERLOADED 3", "5 OVERLOADED 3");
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(2L);
    peer.send(ids(3, 0)).send(ids(4, 0)).send(ids(5, 0));
    desk.run();
    assertThat(rejects(peer)).hasSize(4).last().isEqualTo("5 OVERLOADED 5");
    peer.send(ids(5, 0));
    desk.run();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(5L);
  }

  @Test
  void badRequests_areAnsweredAndTheSessionGoesOn() {
    Peer<PublishStreamResponse> peer = opened("a", 0);
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
    desk.run();
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
    Peer<PublishStreamResponse> peer = opened("a", 0);
    peer.ready(false);
    peer.send(rows(1, "x")).send(rows(2, "x")).send(rows(2, "x")).send(rows(3, "y"));
    desk.run();
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
    Peer<PublishStreamResponse> peer = opened("left", 0);
    log.end(FakeLog.End.UNKNOWN_LOST);
    peer.send(rows(1, "x")).send(rows(2, "x"));
    desk.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.PARTITION_UNAVAILABLE);
    assertThat(acks(peer)).isEmpty();
    peer.close();
    assertThat(desk.sessions).hasValue(0);
  }

  // ---- window

  @Test
  void batchesBeyondTheWindow_areNotReadUntilSomeAreAnswered() {
    int window = Limits.defaults().getInt(Limit.PUBLISH_WINDOW_BATCHES);
    Peer<PublishStreamResponse> peer = opened("a", 0);
    log.hold();
    for (int i = 1; i <= 3 * window; i++) {
      peer.send(rows(i, "x"));
    }
    desk.run();
    assertThat(peer.unsent()).isEqualTo(2 * window);
    assertThat(peer.requested).isZero();
    log.release();
    desk.run();
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
    Peer<PublishStreamResponse> peer = opened("a", 0);
    log.hold();
    Reading text = Reading.newBuilder().setSensor("text").setText("t".repeat(bytes)).build();
    for (int i = 1; i <= 20; i++) {
      peer.send(batch(i, Batch.newBuilder().addRows(text).build()));
    }
    desk.run();
    assertThat(peer.unsent()).isEqualTo(16);
    log.release();
    desk.run();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(20L);
  }

  @Test
  void peerThatTakesNoAcks_isNotReadFurther() {
    Peer<PublishStreamResponse> peer = opened("a", 0);
    peer.ready(false);
    for (int i = 1; i <= 100; i++) {
      peer.send(ping(i));
    }
    desk.run();
    assertThat(peer.unsent()).isEqualTo(36);
    peer.ready(true);
    desk.run();
    assertThat(peer.unsent()).isZero();
    assertThat(peer.got).hasSize(101);
  }

  // ---- ending

  @Test
  void halfClose_acksEverythingThenEnds() {
    Peer<PublishStreamResponse> peer = opened("left", 0);
    for (int i = 1; i <= 200; i++) {
      peer.send(rows(i, "x"));
    }
    peer.send(rows(500, "x")).send(define("z")).halfClose();
    desk.run();
    assertThat(peer.finished).isTrue();
    assertThat(acks(peer)).extracting(Ack::getThroughSequence).last().isEqualTo(200L);
    assertThat(rejects(peer)).containsExactly("500 OUT_OF_SEQUENCE 201");
    assertThat(peer.got).anyMatch(PublishStreamResponse::hasDefined);
    assertReleased(peer);
  }

  @Test
  void halfCloseInsideARequest_losesNoAck() {
    with(Limits.defaults().with(Limit.PUBLISH_WINDOW_BATCHES, 1), 1);
    Peer<PublishStreamResponse> peer = opened("a", 0);
    PublishStreamRequest.Builder elsewhere = rows(2, "x").toBuilder();
    elsewhere.getBatchBuilder().setPartition(7);
    peer.send(rows(1, "x")).send(elsewhere.build()).halfClose();
    desk.run();
    assertThat(peer.finished).isTrue();
    assertThat(acks(peer)).hasSize(1);
    assertThat(rejects(peer)).hasSize(1);
  }

  @Test
  void halfCloseInEveryState_ends() {
    Peer<PublishStreamResponse> unopened = start().halfClose();
    assertThat(unopened.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(unopened);

    Peer<PublishStreamResponse> opening = start().send(open("left", 0)).halfClose();
    desk.run();
    assertThat(opening.last().hasOpened()).isTrue();
    assertThat(opening.finished).isTrue();
    assertReleased(opening);

    Peer<PublishStreamResponse> idle = opened("left", 0).halfClose();
    assertThat(idle.finished).isTrue();
    assertReleased(idle);

    Peer<PublishStreamResponse> refused = start().send(ping(0)).halfClose();
    assertThat(refused.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(refused);
  }

  @Test
  void cutInEveryState_releasesEverything() {
    assertReleased(start());

    assertReleased(start().send(open("left", 0)));

    Peer<PublishStreamResponse> creating = start();
    PublishStreamRequest.Builder open = open("left", 0).toBuilder();
    open.getOpenBuilder().setTopic("other");
    creating.send(open.build());
    creating.close();
    desk.run();
    assertThat(desk.sessions).hasValue(0);

    Peer<PublishStreamResponse> claiming = start().send(open("left", 7));
    log.hold();
    desk.run();
    claiming.close();
    log.release();
    assertReleased(claiming);

    Peer<PublishStreamResponse> busy = opened("left", 0).send(rows(1, "x")).send(rows(2, "y"));
    assertReleased(busy);
    assertThat(acks(busy)).as("nothing is said to nobody").isEmpty();

    Peer<PublishStreamResponse> draining = opened("left", 0);
    log.hold();
    draining.send(rows(2, "x")).halfClose();
    desk.run();
    draining.close();
    log.release();
    assertReleased(draining);

    Peer<PublishStreamResponse> stopped = opened("left", 0);
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop"));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop again"));
    assertThat(stopped.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertReleased(stopped);
    assertThat(desk.loop.timers()).isZero();
  }

  @Test
  void everyTransition_isTaken() {
    halfCloseInEveryState_ends();
    cutInEveryState_releasesEverything();
    assertThat(PublishState.TABLE.unvisited()).isEmpty();
  }

  @Test
  void supersededSession_isToldWhatWasTakenAndThenWhy() {
    Peer<PublishStreamResponse> old = opened("a", 0);
    log.hold();
    old.send(rows(1, "x"));
    desk.run();
    Peer<PublishStreamResponse> young = start().send(open("a", 1));
    old.send(rows(2, "x"));
    desk.run();
    log.release();
    desk.run();
    assertThat(acks(old)).hasSize(1);
    assertThat(rejects(old)).containsExactly("2 REPLACED 2");
    assertThat(old.failure()).isEqualTo(ErrorCode.REPLACED);
    assertThat(young.last().getOpened().getLastSequences(0).getLastSequence()).isEqualTo(1);
    old.close();
    desk.run();
    young.send(rows(2, "x"));
    desk.run();
    assertThat(acks(young)).as("the older one's leave is not the newer one's").hasSize(1);

    Peer<PublishStreamResponse> fencing = opened("a", 0);
    assertThat(fencing.last().getOpened().getEpoch()).isEqualTo(2);
    assertThat(young.failure()).isEqualTo(ErrorCode.PRODUCER_FENCED);
  }

  @Test
  void supersededSessionThatTakesNothing_endsInTime() {
    Peer<PublishStreamResponse> old = opened("a", 0);
    old.ready(false);
    old.send(rows(1, "x"));
    desk.run();
    opened("a", 1);
    desk.run();
    assertThat(old.ended()).isFalse();
    desk.loop.advance(Duration.ofSeconds(10).toNanos());
    desk.run();
    assertThat(old.failure()).isEqualTo(ErrorCode.REPLACED);
  }

  @Test
  void sessionSupersededWhileItOpens_isOpenedAndThenToldWhy() {
    with(Limits.defaults(), 2);
    desk.world.log(topic, 1).hold();
    Peer<PublishStreamResponse> old = start().send(open("a", 1));
    desk.run();
    Peer<PublishStreamResponse> young = start().send(open("a", 1));
    desk.run();
    assertThat(old.ended()).as("a partition has not answered").isFalse();
    desk.world.log(topic, 1).release();
    desk.run();
    assertThat(old.got).hasSize(1);
    assertThat(old.failure()).isEqualTo(ErrorCode.REPLACED);
    assertThat(young.last().hasOpened()).isTrue();
  }
}
