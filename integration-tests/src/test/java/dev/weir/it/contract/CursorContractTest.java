package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DataFileDamage;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Batch;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Problem;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.TailRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Rule 4 of SubscribeService: a cursor that cannot be resumed gets an explicit answer. */
final class CursorContractTest extends ContractTest {
  private static CallFailure tail(TestTopic topic, String cursor) {
    TailRequest request = topic.everything().setStart(StartPositions.after(cursor)).build();
    return CallFailure.by(() -> topic.tail(request));
  }

  @EachSetup
  void damagedForgedForeignOrFutureCursor_isInvalid_onEveryProtocol(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TestTopic other = topic(setup);
    List<DeliveredReading> readings = TopicFiller.partitions(topic, 2);
    String good = readings.get(0).cursor();
    char changed = good.charAt(8) == 'A' ? 'B' : 'A';
    List<String> wrong =
        List.of(
            "",
            "no cursor",
            good.substring(1),
            good + "A",
            good.substring(0, 8) + changed + good.substring(9),
            TopicFiller.partitions(other, 1).get(0).cursor());
    RawSubscribeSession subscriber = topic.subscriber().open();
    for (String cursor : wrong) {
      CallFailure refusal = tail(topic, cursor);
      assertThat(refusal.reason()).as(cursor).isEqualTo("CURSOR_INVALID");
      assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(refusal.fields()).containsExactly("start.after_cursor");
      Problem problem =
          subscriber
              .add(subscriber.everything(1).setStart(StartPositions.after(cursor)))
              .getProblem();
      assertThat(problem.getReason()).isEqualTo("CURSOR_INVALID");
      ReadRequest read =
          ReadRequest.newBuilder()
              .setTopic(topic.name())
              .setStart(StartPositions.after(cursor))
              .build();
      assertThat(CallFailure.by(() -> topic.reader().read(read)).reason())
          .isEqualTo("CURSOR_INVALID");
    }
  }

  @EachSetup
  void cursorOfAnotherHistory_isInvalid(TransportSetup setup) throws IOException {
    TestTopic topic = topicOfOwnServer(setup, quick());
    TopicFiller.one(topic, 1);
    topic.server().stop();
    Path backup = DataFileDamage.copy(topic.server().dataDir(), newDirectory());
    topic.server().startAgain();
    TopicFiller.one(topic, 2);
    TopicFiller.one(topic, 3);
    List<DeliveredReading> readings = topic.stored();
    String ahead = readings.get(readings.size() - 1).cursor();
    topic.server().stop();
    DataFileDamage.replace(topic.server().dataDir(), backup);
    topic.server().startAgain();
    TopicFiller.one(topic, 4);

    assertThat(tail(topic, ahead).reason()).isEqualTo("CURSOR_INVALID");
    assertThat(topic.values(0)).containsExactly(1.0, 4.0);
  }

  @EachTransport
  void expiredCursor_failsWithTheEarliest_andTheLostRange(TransportSetup setup) throws IOException {
    int segmentBytes = 1 << 20;
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.SEGMENT_BYTES, segmentBytes));
    RawPublishSession publisher = topic.publisher().opened();
    int batches = 6;
    for (int sequence = 1; sequence <= batches; sequence++) {
      publisher.store(0, sequence, blob(segmentBytes / 2));
    }
    publisher.store(0, batches + 1, rows("after", 5));
    String cursor = firstCursor(topic);
    topic.server().stop();
    DataFileDamage.deleteSegments(topic.server().dataDir(), 2);
    topic.server().startAgain();

    CallFailure refusal = tail(topic, cursor);
    assertThat(refusal.reason()).isEqualTo("CURSOR_EXPIRED");
    assertThat(refusal.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    String earliest = refusal.metadata().get("earliest_cursor");
    long lost = Long.parseLong(refusal.metadata().get("lost_readings"));
    List<DeliveredReading> left =
        topic.tail(topic.everything().setStart(StartPositions.after(earliest)).build());
    assertThat(left).isNotEmpty();
    assertThat(1 + lost + left.size()).as("seen, lost and left").isEqualTo(batches + 1L);
    Problem subscribed =
        topic
            .subscriber()
            .open()
            .add(
                topic
                    .subscriber()
                    .everything(1)
                    .setOnExpired(OnExpired.ON_EXPIRED_FAIL)
                    .setStart(StartPositions.after(cursor)))
            .getProblem();
    assertThat(subscribed.getReason()).isEqualTo("CURSOR_EXPIRED");
    assertThat(subscribed.getMetadataMap()).containsEntry("earliest_cursor", earliest);
  }

  private static Batch blob(int bytes) {
    return Batch.newBuilder()
        .addRows(
            Reading.newBuilder().setSensor("blob").setBlob(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static String firstCursor(TestTopic topic) {
    return topic
        .reader()
        .read(
            ReadRequest.newBuilder()
                .setTopic(topic.name())
                .setStart(StartPositions.earliest())
                .setLimit(1)
                .build())
        .getReadings(0)
        .getCursor();
  }
}
