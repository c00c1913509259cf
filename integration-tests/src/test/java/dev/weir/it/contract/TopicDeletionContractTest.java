package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.CallRecorder;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.Credit;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Retention;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import io.grpc.Status;
import java.util.List;

/** DeleteTopic and UpdateTopic while sessions are open. */
final class TopicDeletionContractTest extends ContractTest {
  private static void delete(TestTopic topic) {
    topic
        .server()
        .catalog()
        .deleteTopic(DeleteTopicRequest.newBuilder().setName(topic.name()).build());
  }

  @EachSetup
  void deleteTopic_endsEverySubscription_andPublishers_andOthersGoOn(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TestTopic other = topic(setup);
    TopicFiller.one(topic, 1);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder reduced =
        subscriber.everything(4).clearStart().setMode(Mode.MODE_ON_CHANGE);
    subscriber.open(
        subscriber.everything(1),
        subscriber.everything(2).setFormat(Format.FORMAT_COLUMNS),
        subscriber.everything(3).setCredit(Credit.newBuilder().setReadings(0)),
        reduced,
        subscriber.everything(5).setTopic(other.name()));
    for (int id : new int[] {1, 2, 4, 5}) {
      subscriber.awaitPhase(id, Phase.PHASE_CAUGHT_UP);
    }
    CallRecorder<TailRequest, TailResponse> tail = new CallRecorder<>(false);
    SubscribeServiceGrpc.newStub(topic.server().channel())
        .tail(TailRequest.newBuilder().setTopic(topic.name()).build(), tail);
    tail.await("caught up", TailResponse::hasPhase);
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 2));
    delete(topic);

    for (int id = 1; id <= 4; id++) {
      assertThat(subscriber.awaitEnd(id).getReason())
          .as("subscription %s", id)
          .isEqualTo(EndReason.END_REASON_TOPIC_DELETED);
    }
    assertThat(tail.await("end", TailResponse::hasEnd).getEnd().getReason())
        .isEqualTo(EndReason.END_REASON_TOPIC_DELETED);
    assertThat(publisher.awaitEnd().reason()).isEqualTo("TOPIC_NOT_FOUND");
    TopicFiller.one(other, 3);
    subscriber.awaitReadings(5, setup.partitions());
    CallFailure again = CallFailure.by(() -> delete(topic));
    assertThat(again.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(again.reason()).isEqualTo("TOPIC_NOT_FOUND");
  }

  @EachSetup
  void topicOfTheSameName_isAnotherLog(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    List<DeliveredReading> before = TopicFiller.partitions(topic, 2);
    String cursor = before.get(0).cursor();
    topic
        .reader()
        .commitCursor(
            CommitCursorRequest.newBuilder()
                .setTopic(topic.name())
                .setName("d")
                .setCursor(cursor)
                .build());
    delete(topic);
    assertThat(
            CallFailure.by(
                    () ->
                        topic
                            .server()
                            .catalog()
                            .getTopic(GetTopicRequest.newBuilder().setName(topic.name()).build()))
                .reason())
        .isEqualTo("TOPIC_NOT_FOUND");
    TestTopic reborn = topic.server().topic(topic.name(), setup.partitions());

    assertThat(reborn.stored()).isEmpty();
    assertThat(TestCatalog.of(reborn)).isEmpty();
    assertThat(
            CallFailure.by(
                    () ->
                        reborn.tail(
                            reborn.everything().setStart(StartPositions.after(cursor)).build()))
                .reason())
        .isEqualTo("CURSOR_INVALID");
    assertThat(
            reborn
                .reader()
                .getCursors(GetCursorsRequest.newBuilder().setTopic(topic.name()).build())
                .getCursorsList())
        .isEmpty();
    TopicFiller.one(reborn, 5);
    topic.server().kill();
    topic.server().startAgain();
    assertThat(TopicFiller.values(reborn.stored())).hasSize(setup.partitions()).containsOnly(5.0);
  }

  @EachSetup
  void deletedTopic_staysDeleted_afterARestart(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    TestTopic kept = topic.server().topic("kept", setup.partitions());
    TopicFiller.one(topic, 1);
    TopicFiller.one(kept, 2);
    delete(topic);
    topic.server().kill();
    topic.server().startAgain();

    assertThat(
            CallFailure.by(
                    () ->
                        topic
                            .server()
                            .catalog()
                            .getTopic(GetTopicRequest.newBuilder().setName(topic.name()).build()))
                .reason())
        .isEqualTo("TOPIC_NOT_FOUND");
    assertThat(TopicFiller.values(kept.stored())).hasSize(setup.partitions()).containsOnly(2.0);
  }

  private static Topic update(TestTopic topic, Topic.Builder changed, String... paths) {
    return topic
        .server()
        .catalog()
        .updateTopic(
            UpdateTopicRequest.newBuilder()
                .setTopic(changed.setName(topic.name()))
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build())
        .getTopic();
  }

  @EachTransport
  void updateTopic_changesOnlyWhatTheMaskNames_andIsKept(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    Topic.Builder both =
        Topic.newBuilder()
            .putLabels("site", "a")
            .setRetention(Retention.newBuilder().setMaxBytes(8 << 20));
    Topic labelled = update(topic, both, "labels");
    assertThat(labelled.getLabelsMap()).containsEntry("site", "a");
    assertThat(labelled.getRetention().getMaxBytes()).isNotEqualTo(8 << 20);
    Topic retained = update(topic, both.clearLabels(), "retention.max_bytes");
    assertThat(retained.getLabelsMap()).containsEntry("site", "a");
    assertThat(retained.getRetention().getMaxBytes()).isEqualTo(8 << 20);
    topic.server().kill();
    topic.server().startAgain();
    assertThat(
            topic
                .server()
                .catalog()
                .getTopic(GetTopicRequest.newBuilder().setName(topic.name()).build())
                .getTopic())
        .isEqualTo(retained);
  }

  @EachTransport
  void updateTopic_refusesWhatIsFixed_orWrong(TransportSetup setup) {
    TestTopic topic = topic(setup);
    Topic.Builder changed = Topic.newBuilder().setPartitionCount(3);
    assertThat(CallFailure.by(() -> update(topic, changed)).fields())
        .containsExactly("update_mask");
    for (String path : List.of("partition_count", "durability", "name", "nonsense")) {
      assertThat(CallFailure.by(() -> update(topic, changed, path)).fields())
          .containsExactly("update_mask.paths[0]");
    }
    Topic.Builder tooSmall =
        Topic.newBuilder().setRetention(Retention.newBuilder().setMaxBytes(1_000));
    assertThat(CallFailure.by(() -> update(topic, tooSmall, "retention")).fields())
        .containsExactly("topic.retention.max_bytes");
  }
}
