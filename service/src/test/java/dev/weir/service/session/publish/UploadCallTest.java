package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.Reading;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadReject;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What uploads store, and what they say of it. */
class UploadCallTest {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 1);
  private FakeLog log = context.world.log(topic, 0);

  private void with(Limits limits, int partitions) {
    context = new TestServerContext(limits);
    topic = context.topic("t", partitions);
    log = context.world.log(topic, 0);
  }

  private TestPeer<UploadResponse> start() {
    return new TestPeer<>(
        context,
        UploadResponse.parser(),
        out -> new UploadCall(context.context, context.loop, out));
  }

  private static UploadRequest open(String producer, long epoch) {
    return UploadRequest.newBuilder()
        .setOpen(UploadOpen.newBuilder().setTopic("t").setProducer(producer).setEpoch(epoch))
        .build();
  }

  private TestPeer<UploadResponse> opened(String producer) {
    return start().send(open(producer, 0));
  }

  private static UploadRequest batch(long sequence, Batch batch) {
    return UploadRequest.newBuilder()
        .setBatch(UploadBatch.newBuilder().setSequence(sequence).setBatch(batch))
        .build();
  }

  private static UploadRequest rows(long sequence, String sensor) {
    return batch(sequence, SampleBatches.rows(sensor, sequence));
  }

  private UploadResponse answer(TestPeer<UploadResponse> peer) {
    context.run();
    peer.halfClose();
    context.run();
    assertThat(peer.failed).isNull();
    assertThat(peer.finished).isTrue();
    assertThat(peer.got).hasSize(1);
    peer.close();
    assertThat(context.sessions.count()).isZero();
    assertThat(context.loop.timers()).isZero();
    return peer.last();
  }

  private static List<String> rejects(UploadResponse response) {
    return response.getRejectsList().stream()
        .map(r -> r.getIndex() + " " + r.getSequence() + " " + r.getProblem().getReason())
        .toList();
  }

  private static List<String> stands(UploadResponse response) {
    return response.getLastSequencesList().stream()
        .map((PartitionSequence at) -> at.getPartition() + ":" + at.getLastSequence())
        .toList();
  }

  // ---- without a producer

  @Test
  void batches_areStoredInOrderAndAnsweredOnce() {
    TestPeer<UploadResponse> peer = opened("");
    for (int i = 0; i < 200; i++) {
      peer.send(batch(0, SampleBatches.rows("s", i, -i)));
    }
    context.run();
    assertThat(peer.got).as("nothing before the half-close").isEmpty();
    UploadResponse answer = answer(peer);
    assertThat(answer.getBatches()).isEqualTo(200);
    assertThat(answer.getReadings()).isEqualTo(400);
    assertThat(answer.getRejected()).isZero();
    assertThat(answer.getDurability()).isEqualTo(Durability.DURABILITY_SYNCED);
    assertThat(answer.getLastSequencesList()).isEmpty();
    Cursor behind = Cursor.parse(answer.getCursor()).orElseThrow();
    assertThat(behind.position(0).readingsSeen()).isEqualTo(400);
    List<List<Long>> stored = log.records().stream().map(UploadCallTest::integers).toList();
    assertThat(stored).hasSize(200);
    for (long i = 0; i < 200; i++) {
      assertThat(stored.get((int) i)).containsExactly(i, -i);
    }
  }

  private static List<Long> integers(LogRecord record) {
    Slice bytes = record.batch();
    try {
      return Batch.parser()
          .parseFrom(bytes.array(), bytes.offset(), bytes.length())
          .getColumns(0)
          .getIntegersList();
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException(damaged);
    }
  }

  @Test
  void nothingSent_isAnsweredWithNothing() {
    UploadResponse answer = answer(opened("a"));
    assertThat(answer)
        .isEqualTo(UploadResponse.newBuilder().setDurability(Durability.DURABILITY_SYNCED).build());
  }

  @Test
  void wrongBatches_areListedAndTheOthersStored() {
    with(Limits.defaults().with(Limit.BATCH_READINGS_MAX, 2), 2);
    String first = SampleBatches.name(0, 0, 2);
    String second = SampleBatches.name(0, 1, 2);
    Batch both =
        SampleBatches.rows(first, 1).toBuilder()
            .addAllRows(SampleBatches.rows(second, 2).getRowsList())
            .build();
    Batch noValue =
        SampleBatches.rows(first, 1).toBuilder()
            .addRows(Reading.newBuilder().setSensor(first))
            .build();
    UploadResponse answer =
        answer(
            opened("")
                .send(batch(0, SampleBatches.rows(first, 1)))
                .send(batch(0, both))
                .send(batch(0, noValue))
                .send(batch(0, SampleBatches.ids(0, 1)))
                .send(batch(7, SampleBatches.rows(first, 1)))
                .send(batch(0, Batch.getDefaultInstance()))
                .send(batch(0, SampleBatches.rows(first, 1, 2, 3)))
                .send(batch(0, SampleBatches.rows(second, 2))));
    assertThat(rejects(answer))
        .containsExactly(
            "1 0 SPANS_PARTITIONS",
            "2 0 INVALID_ARGUMENT",
            "3 0 UNKNOWN_SENSOR_ID",
            "4 7 INVALID_ARGUMENT",
            "5 0 INVALID_ARGUMENT",
            "6 0 TOO_LARGE");
    assertThat(answer.getRejects(1).getRowsList()).containsExactly(1);
    assertThat(answer.getRejects(1).getProblem().getFieldViolationsList()).isNotEmpty();
    assertThat(answer.getRejected()).isEqualTo(6);
    assertThat(answer.getBatches()).isEqualTo(2);
    assertThat(log.records()).hasSize(1);
  }

  @Test
  void unusualEnvelopes_areReadAndUnknownFieldsRefused() {
    byte[] text =
        batch(
                0,
                Batch.newBuilder()
                    .addRows(Reading.newBuilder().setSensor("x").setText("??"))
                    .build())
            .toByteArray();
    for (int i = 0; i < text.length; i++) {
      text[i] = text[i] == '?' ? (byte) 0xff : text[i];
    }
    UploadRequest.Builder unknown = rows(0, "x").toBuilder();
    unknown.getBatchBuilder().setUnknownFields(UNKNOWN);
    UploadRequest.Builder unknownInside = rows(0, "x").toBuilder();
    unknownInside.getBatchBuilder().getBatchBuilder().setUnknownFields(UNKNOWN);
    byte[] whole = rows(0, "x").toByteArray();
    byte[] twice = ByteString.copyFrom(whole).concat(ByteString.copyFrom(whole)).toByteArray();
    UploadResponse answer =
        answer(opened("").send(text).send(unknown.build()).send(unknownInside.build()).send(twice));
    assertThat(rejects(answer))
        .containsExactly("0 0 BAD_UTF8", "1 0 UNIMPLEMENTED", "2 0 UNIMPLEMENTED");
    assertThat(answer.getRejects(0).getRowsList()).containsExactly(0);
    assertThat(answer.getReadings()).as("protobuf merges what comes twice").isEqualTo(2);
  }

  @Test
  void onlyTheFirstHundredRejects_areListed() {
    TestPeer<UploadResponse> peer = opened("");
    for (int i = 0; i < 250; i++) {
      peer.send(i % 2 == 0 ? rows(0, "x") : rows(1, "x"));
    }
    UploadResponse answer = answer(peer);
    assertThat(answer.getRejected()).isEqualTo(125);
    assertThat(answer.getRejectsList())
        .extracting(UploadReject::getIndex)
        .hasSize(100)
        .isSorted()
        .last()
        .isEqualTo(199L);
  }

  // ---- with a producer

  @Test
  void sequences_areCheckedPerPartition() {
    with(Limits.defaults(), 2);
    String first = SampleBatches.name(0, 0, 2);
    String second = SampleBatches.name(0, 1, 2);
    UploadResponse answer =
        answer(
            opened("a")
                .send(rows(1, first))
                .send(rows(1, second))
                .send(rows(2, first))
                .send(rows(2, first))
                .send(rows(4, first))
                .send(rows(0, first))
                .send(rows(-1, first))
                .send(rows(3, first)));
    assertThat(answer.getBatches()).isEqualTo(4);
    assertThat(answer.getReadings()).isEqualTo(4);
    assertThat(answer.getDuplicates()).isEqualTo(1);
    assertThat(rejects(answer))
        .containsExactly("4 4 OUT_OF_SEQUENCE", "5 0 INVALID_ARGUMENT", "6 -1 INVALID_ARGUMENT");
    assertThat(stands(answer)).containsExactly("0:3", "1:1");
  }

  @Test
  void repeatedUpload_storesOnlyWhatIsNew() {
    answer(opened("a").send(rows(1, "x")).send(rows(2, "x")).send(rows(3, "x")));
    UploadResponse shorter = answer(opened("a").send(rows(1, "x")).send(rows(2, "x")));
    assertThat(shorter.getDuplicates()).isEqualTo(2);
    assertThat(shorter.getBatches()).isZero();
    assertThat(shorter.getCursor()).isNotEmpty();
    assertThat(stands(shorter)).as("where it stands, not what was sent").containsExactly("0:3");
    UploadResponse longer = answer(opened("a").send(rows(3, "x")).send(rows(4, "x")));
    assertThat(longer.getDuplicates()).isEqualTo(1);
    assertThat(longer.getBatches()).isEqualTo(1);
    assertThat(log.records()).hasSize(4);
  }

  @Test
  void fencedEpoch_isRejected() {
    TestPeer<UploadResponse> newer = start().send(open("a", 0)).send(rows(1, "x"));
    answer(newer);
    publishSession("a", 5);
    UploadResponse fenced = answer(start().send(open("a", 1)).send(rows(2, "x")));
    assertThat(rejects(fenced)).containsExactly("0 2 PRODUCER_FENCED");
    assertThat(fenced.getCursor()).isEmpty();
    assertThat(stands(fenced)).containsExactly("0:1");
    UploadResponse present = answer(start().send(open("a", 0)).send(rows(2, "x")));
    assertThat(present.getBatches()).isEqualTo(1);
    UploadResponse raised = answer(start().send(open("a", 9)).send(rows(3, "x")));
    assertThat(rejects(raised)).as("never raised").containsExactly("0 3 INVALID_ARGUMENT");
  }

  private void publishSession(String producer, long epoch) {
    TestPeer<dev.weir.v1.PublishStreamResponse> peer =
        new TestPeer<>(
            context,
            dev.weir.v1.PublishStreamResponse.parser(),
            out -> new PublishSession(context.context, context.loop, out));
    peer.send(PublishSessionFixture.open(producer, epoch));
    context.run();
    assertThat(peer.last().hasOpened()).isTrue();
    peer.close();
  }

  @Test
  void batchThatIsNotStored_isToldWithItsDelay() {
    log.end(FakeLog.End.NOT_STORED);
    TestPeer<UploadResponse> peer = opened("a").send(rows(1, "x"));
    context.run();
    log.end(FakeLog.End.COMMIT);
    UploadResponse answer = answer(peer.send(rows(2, "x")));
    assertThat(rejects(answer)).containsExactly("0 1 STORE_FAILED", "1 2 OUT_OF_SEQUENCE");
    assertThat(answer.getRejects(0).getProblem().hasRetryDelay()).isTrue();
    assertThat(stands(answer)).containsExactly("0:0");
    assertThat(answer.getCursor()).isEmpty();
  }

  @Test
  void fullQueuesAndPools_areToldWithTheirDelay() {
    with(Limits.defaults().with(Limit.PARTITION_QUEUE_REQUESTS, 2), 1);
    TestPeer<UploadResponse> peer = opened("a");
    var filler = new PartitionRequest.AskEpoch("x", epoch -> {});
    assertThat(topic.partitions().get(0).offer(filler)).isTrue();
    assertThat(topic.partitions().get(0).offer(filler)).isTrue();
    peer.send(rows(1, "x"));
    assertThat(context.control.runOne()).isTrue();
    assertThat(context.loop.runOne()).isTrue();
    context.control.refuse(true);
    peer.send(rows(2, "x"));
    context.control.refuse(false);
    UploadResponse answer = answer(peer.send(rows(1, "x")));
    assertThat(rejects(answer)).containsExactly("0 1 OVERLOADED", "1 2 OVERLOADED");
    assertThat(answer.getRejectsList()).allMatch(r -> r.getProblem().hasRetryDelay());
    assertThat(answer.getBatches()).isEqualTo(1);
  }

  @Test
  void unknownOutcome_isSaidOfEachBatch() {
    log.end(FakeLog.End.UNKNOWN_LOST);
    TestPeer<UploadResponse> peer = opened("a").send(rows(1, "x")).send(rows(2, "x"));
    context.run();
    UploadResponse answer = answer(peer.send(rows(3, "x")));
    assertThat(answer.getRejected()).isEqualTo(3);
    assertThat(answer.getRejectsList())
        .extracting(reject -> reject.getSequence() + " " + reject.getOutcomeUnknown())
        .containsExactly("1 true", "2 false", "3 false");
    assertThat(answer.getRejectsList())
        .allMatch(reject -> reject.getProblem().getReason().equals("PARTITION_UNAVAILABLE"));
    peer.close();
    assertThat(context.sessions.count()).isZero();
  }

  // ---- window

  @Test
  void batchesBeyondTheWindow_areNotReadUntilSomeAreSettled() {
    int window = Limits.defaults().getInt(Limit.PUBLISH_WINDOW_BATCHES);
    TestPeer<UploadResponse> peer = opened("a");
    log.hold();
    for (int i = 1; i <= 3 * window; i++) {
      peer.send(rows(i, "x"));
    }
    context.run();
    assertThat(peer.unsent()).isEqualTo(2 * window);
    assertThat(peer.requested).isZero();
    log.release();
    assertThat(answer(peer).getBatches()).isEqualTo(3L * window);
  }

  @Test
  void bytesBeyondTheWindow_areNotRead() {
    with(
        Limits.defaults()
            .with(Limit.MESSAGE_BYTES_MAX, 64 << 10)
            .with(Limit.PUBLISH_WINDOW_BYTES, 256 << 10),
        1);
    TestPeer<UploadResponse> peer = opened("a");
    log.hold();
    Reading text = Reading.newBuilder().setSensor("text").setText("t".repeat(60_000)).build();
    for (int i = 1; i <= 20; i++) {
      peer.send(batch(i, Batch.newBuilder().addRows(text).build()));
    }
    context.run();
    assertThat(peer.unsent()).isEqualTo(16);
    log.release();
    assertThat(answer(peer).getBatches()).isEqualTo(20);
  }

  // ---- opening and ending

  @Test
  void wrongOpens_endTheCall() {
    assertFails(start().send(rows(1, "x")), ErrorCode.SESSION_NOT_OPEN);
    assertFails(start().halfClose(), ErrorCode.SESSION_NOT_OPEN);
    assertFails(start().send(UploadRequest.getDefaultInstance()), ErrorCode.SESSION_NOT_OPEN);
    assertFails(start().send(new byte[] {1}), ErrorCode.INVALID_ARGUMENT);
    assertFails(start().send(open("", 3)), ErrorCode.INVALID_ARGUMENT);
    assertFails(start().send(open("a", -1)), ErrorCode.INVALID_ARGUMENT);
    assertFails(start().send(open("a\n", 0)), ErrorCode.INVALID_ARGUMENT);
    UploadRequest.Builder name = open("a", 0).toBuilder();
    name.getOpenBuilder().setTopic("no such/topic");
    assertFails(start().send(name.build()), ErrorCode.INVALID_ARGUMENT);
    UploadRequest.Builder client = open("a", 0).toBuilder();
    client.getOpenBuilder().setClient("c".repeat(129));
    assertFails(start().send(client.build()), ErrorCode.INVALID_ARGUMENT);
    UploadRequest.Builder unknown = open("a", 0).toBuilder();
    unknown.getOpenBuilder().setUnknownFields(UNKNOWN);
    assertFails(start().send(unknown.build()), ErrorCode.UNIMPLEMENTED);
  }

  @Test
  void whatIsNoBatch_endsTheCall() {
    assertFails(opened("a").send(open("a", 0)), ErrorCode.SESSION_NOT_OPEN);
    assertFails(opened("a").send(UploadRequest.getDefaultInstance()), ErrorCode.INVALID_ARGUMENT);
    assertFails(
        opened("a").send(UploadRequest.newBuilder().setUnknownFields(UNKNOWN).build()),
        ErrorCode.UNIMPLEMENTED);
  }

  private void assertFails(TestPeer<UploadResponse> peer, ErrorCode code) {
    context.run();
    assertThat(peer.failure()).isEqualTo(code);
    assertThat(peer.got).isEmpty();
    peer.close();
    assertThat(context.sessions.count()).isZero();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void callNotOpenedInTime_ends() {
    TestPeer<UploadResponse> silent = start();
    context.loop.advance(Duration.ofSeconds(10).toNanos());
    assertFails(silent, ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void missingTopic_isCreatedOffTheLoop() {
    UploadRequest.Builder open = open("a", 0).toBuilder();
    open.getOpenBuilder().setTopic("new");
    TestPeer<UploadResponse> peer = start().send(open.build()).send(rows(1, "x")).halfClose();
    assertThat(context.world.topics().registry().find("new")).isNull();
    context.run();
    assertThat(peer.last().getBatches()).isEqualTo(1);
    assertThat(log.records()).as("of the other topic").isEmpty();
  }

  @Test
  void cutUpload_releasesEverything() {
    TestPeer<UploadResponse> peer = opened("a");
    log.hold();
    peer.send(rows(1, "x")).send(rows(2, "x"));
    context.run();
    peer.close();
    log.release();
    context.run();
    assertThat(peer.got).isEmpty();
    assertThat(context.sessions.count()).isZero();
    TestPeer<UploadResponse> stopped = opened("a").send(rows(3, "x"));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop"));
    context.run();
    assertThat(stopped.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
  }

  @Test
  void deletedTopic_endsTheUpload() {
    TestPeer<UploadResponse> peer = opened("a").send(rows(1, "x"));
    context.run();
    context.world.topics().delete("t");
    assertFails(peer, ErrorCode.TOPIC_NOT_FOUND);
  }
}
