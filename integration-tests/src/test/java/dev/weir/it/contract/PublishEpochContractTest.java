package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawUpload;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.Reject;
import io.grpc.Status;

/** Rule 3 of PublishService: epochs fence zombies. */
final class PublishEpochContractTest extends ContractTest {
  @EachSetup
  void contract02_staleEpoch_isFenced(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession zombie = topic.publisher();
    assertThat(zombie.open("p", 0).getEpoch()).isEqualTo(1);
    zombie.store(partition, 1, rows(sensor, 1));
    RawPublishSession successor = topic.publisherOn(topic.server().newChannel());
    assertThat(successor.open("p", 0).getEpoch()).isEqualTo(2);

    CallFailure told = zombie.awaitEnd();
    CallFailure refused = topicPublisherEnd(topic, 1);
    CallFailure unary = CallFailure.by(() -> topic.writer().publish(request(topic, 1, 2)));

    assertThat(told.reason()).isEqualTo("PRODUCER_FENCED");
    assertThat(told.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.reason()).isEqualTo("PRODUCER_FENCED");
    assertThat(refused.metadata()).containsEntry("epoch", "2");
    assertThat(unary.reason()).isEqualTo("PRODUCER_FENCED");
    successor.store(partition, 2, rows(sensor, 2));
    assertThat(topic.values(partition)).containsExactly(1.0, 2.0);
  }

  private static CallFailure topicPublisherEnd(TestTopic topic, long epoch) {
    return topic.publisher().sendOpen("p", epoch).awaitEnd();
  }

  private static PublishRequest request(TestTopic topic, long epoch, long sequence) {
    return PublishRequest.newBuilder()
        .setTopic(topic.name())
        .setProducer("p")
        .setEpoch(epoch)
        .setSequence(sequence)
        .setBatch(rows(topic.sensor(topic.lastPartition(), 0), (double) sequence))
        .build();
  }

  @EachSetup
  void rule3_producerLeftOut_getsAnIdOfItsOwn_andEpochOne(TransportSetup setup) {
    TestTopic topic = topic(setup);
    PublishOpened one = topic.publisher().open("", 0);
    PublishOpened two = topic.publisher().open("", 0);

    assertThat(one.getProducer()).isNotEmpty().isNotEqualTo(two.getProducer());
    assertThat(one.getEpoch()).isEqualTo(1);
    assertThat(one.getSession()).isNotEmpty().isNotEqualTo(two.getSession());
    CallFailure epochAlone = topic.publisher().sendOpen("", 3).awaitEnd();
    assertThat(epochAlone.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(epochAlone.fields()).containsExactly("open.epoch");
  }

  @EachSetup
  void rule3_raisedEpoch_isStoredInEveryPartition_beforeOpened(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 7);
    topic.server().kill();
    topic.server().startAgain();

    assertThat(topicPublisherEnd(topic, 6).reason()).isEqualTo("PRODUCER_FENCED");
    for (int p = 0; p < setup.partitions(); p++) {
      PublishRequest stale =
          request(topic, 6, 1).toBuilder().setBatch(rows(topic.sensor(p, 0), 1)).build();
      assertThat(CallFailure.by(() -> topic.writer().publish(stale)).reason())
          .as("partition %s", p)
          .isEqualTo("PRODUCER_FENCED");
    }
    assertThat(topic.publisher().open("p", 0).getEpoch()).isEqualTo(8);
  }

  @EachSetup
  void rule3_equalEpoch_replacesTheOlderSession_whoseTakenBatchesAreSettled(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession older = topic.publisher();
    long epoch = older.open("p", 0).getEpoch();
    for (int sequence = 1; sequence <= 10; sequence++) {
      older.send(partition, sequence, rows(sensor, sequence));
    }
    RawPublishSession newer = topic.publisherOn(topic.server().newChannel());
    long last = newer.open("p", epoch).getLastSequences(partition).getLastSequence();
    CallFailure end = older.awaitEnd();

    assertThat(end.reason()).isEqualTo("REPLACED");
    assertThat(end.code()).isEqualTo(Status.Code.ABORTED);
    assertThat(older.acked(partition)).as("taken, so settled").isEqualTo(last);
    assertThat(older.rejects(partition))
        .extracting(reject -> reject.getProblem().getReason())
        .allMatch("REPLACED"::equals);
    newer.store(partition, last + 1, rows(sensor, last + 1.0));
    assertThat(topic.values(partition)).hasSize((int) last + 1);
  }

  @EachSetup
  void rule3_unaryPublish_usesThePresentEpoch_neverRaisesIt(TransportSetup setup) {
    TestTopic topic = topic(setup);
    PublishResponse unknown = topic.writer().publish(request(topic, 0, 1));
    assertThat(unknown.getDuplicate()).isFalse();
    topic.publisher().open("p", 5);

    PublishResponse present = topic.writer().publish(request(topic, 0, 2));
    PublishResponse named = topic.writer().publish(request(topic, 5, 3));
    CallFailure lower = CallFailure.by(() -> topic.writer().publish(request(topic, 4, 4)));
    CallFailure higher = CallFailure.by(() -> topic.writer().publish(request(topic, 6, 4)));
    PublishResponse again = topic.writer().publish(request(topic, 0, 3));

    assertThat(present.getPartsCount()).isEqualTo(1);
    assertThat(named.getRetrySafe()).isTrue();
    assertThat(lower.reason()).isEqualTo("PRODUCER_FENCED");
    assertThat(higher.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(higher.fields()).containsExactly("epoch");
    assertThat(again.getDuplicate()).isTrue();
    assertThat(topic.publisher().open("p", 0).getEpoch()).as("not raised").isEqualTo(6);
    assertThat(topic.values(topic.lastPartition())).containsExactly(1.0, 2.0, 3.0);
  }

  @EachSetup
  void rule3_epochRaisedByAReconnect_fencesTheOpenSession(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession older = topic.publisher();
    older.open("p", 0);
    older.store(partition, 1, rows(sensor, 1));
    RawPublishSession newer = topic.publisherOn(topic.server().newChannel());
    assertThat(newer.open("p", 40).getEpoch()).isEqualTo(40);

    assertThat(older.awaitEnd().reason()).isEqualTo("PRODUCER_FENCED");
    newer.send(partition, 1, rows(sensor, 1));
    newer.awaitAck(partition, 1);
    assertThat(newer.duplicates(partition)).isEqualTo(1);
    newer.store(partition, 2, rows(sensor, 2));
    assertThat(newer.rejects(partition)).extracting(Reject::getSequence).isEmpty();
  }

  @EachSetup
  void rule3_epochsAtTheEndOfTheNumber_areRefusedWithTheBound(TransportSetup setup) {
    TestTopic topic = topic(setup);
    long greatest = Long.MAX_VALUE - 1_000_001;
    for (long beyond : new long[] {greatest + 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      CallFailure stream = topic.publisher().sendOpen("end", beyond).awaitEnd();
      assertThat(stream.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(stream.fields()).containsExactly("open.epoch");
      assertThat(stream.message()).contains(Long.toString(greatest));
      CallFailure unary = CallFailure.by(() -> topic.writer().publish(request(topic, beyond, 1)));
      assertThat(unary.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(unary.fields()).containsExactly("epoch");
      assertThat(unary.message()).contains(Long.toString(greatest));
      CallFailure upload = new RawUpload(topic, "end", beyond).awaitEnd();
      assertThat(upload.fields()).containsExactly("open.epoch");
    }

    assertThat(topic.publisher().open("end", greatest).getEpoch()).isEqualTo(greatest);
    CallFailure raised = topic.publisher().sendOpen("end", 0).awaitEnd();
    assertThat(raised.fields()).containsExactly("open.epoch");
    assertThat(raised.message()).contains(Long.toString(greatest));
    assertThat(topic.publisher().open("end", greatest).getEpoch())
        .as("it goes on with what it has")
        .isEqualTo(greatest);
  }

  @EachSetup
  void rule3_openThatArrivesBehindALaterOneOfItsObject_changesNothing(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession first = topic.publisherOn(topic.server().newChannel());
    RawPublishSession second = topic.publisher();
    PublishOpened opened = second.sendOpen(attempt(topic, "p", 0, 7, 2)).awaitOpened();
    second.store(partition, 1, rows(sensor, 1));

    CallFailure late = first.sendOpen(attempt(topic, "p", 0, 7, 1)).awaitEnd();
    CallFailure lateWithEpoch =
        topic.publisher().sendOpen(attempt(topic, "p", opened.getEpoch(), 7, 1)).awaitEnd();

    assertThat(late.reason()).isEqualTo("STALE_OPEN");
    assertThat(late.code()).isEqualTo(Status.Code.ABORTED);
    assertThat(late.message()).contains("attempt 1", "instance 7", "attempt 2");
    assertThat(lateWithEpoch.reason()).isEqualTo("STALE_OPEN");
    second.store(partition, 2, rows(sensor, 2));
    assertThat(second.responses().isOver()).isFalse();
    second.cancel();
    CallFailure behindTheEnd = topic.publisher().sendOpen(attempt(topic, "p", 0, 7, 1)).awaitEnd();
    assertThat(behindTheEnd.reason()).as("its session is gone").isEqualTo("STALE_OPEN");
    PublishOpened third = topic.publisher().sendOpen(attempt(topic, "p", 0, 7, 3)).awaitOpened();
    assertThat(third.getEpoch()).as("no late one raised it").isEqualTo(opened.getEpoch() + 1);
    PublishOpened other = topic.publisher().sendOpen(attempt(topic, "p", 0, 8, 1)).awaitOpened();
    assertThat(other.getEpoch()).as("another object").isEqualTo(third.getEpoch() + 1);
    assertThat(topic.values(partition)).containsExactly(1.0, 2.0);
  }

  @EachSetup
  void rule3_attemptAndInstance_goTogether(TransportSetup setup) {
    TestTopic topic = topic(setup);
    CallFailure alone = topic.publisher().sendOpen(attempt(topic, "p", 0, 0, 1)).awaitEnd();
    CallFailure without = topic.publisher().sendOpen(attempt(topic, "p", 0, 1, 0)).awaitEnd();
    assertThat(alone.fields()).containsExactly("open.instance");
    assertThat(without.fields()).containsExactly("open.attempt");
  }

  private static PublishOpen attempt(
      TestTopic topic, String producer, long epoch, long instance, long attempt) {
    return PublishOpen.newBuilder()
        .setTopic(topic.name())
        .setProducer(producer)
        .setEpoch(epoch)
        .setInstance(instance)
        .setAttempt(attempt)
        .build();
  }
}
