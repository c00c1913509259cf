package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.FaultyFiles.Fault;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawUpload;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Defined;
import dev.weir.v1.Kind;
import dev.weir.v1.OutcomeUnknown;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Reject;
import dev.weir.v1.UploadResponse;

/** Promise D5: a partition that a failed sync stopped hurts itself only. */
final class StoppedPartitionContractTest extends ContractTest {
  private static final int STOPPED = 1;
  private static final int PARTITIONS = 3;
  private static final String FEATURE = "outcome_unknown";
  private static final String UNAVAILABLE = "PARTITION_UNAVAILABLE";

  private static TestTopic wide(TestTopic topic) {
    return topic.server().topic("wide", PARTITIONS);
  }

  /** Partition 1 stops with the batch 2 of p in doubt; 1 is stored in each. */
  private static RawPublishSession stopped(TestTopic topic, String... features) {
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0, features);
    for (int p = 0; p < PARTITIONS; p++) {
      publisher.store(p, 1, rows(topic.sensor(p, 0), 1));
    }
    topic.server().files().set(Fault.FAIL_SYNC);
    publisher.send(STOPPED, 2, rows(topic.sensor(STOPPED, 0), 2));
    return publisher;
  }

  private static PublishRequest unary(TestTopic topic, int partition, long epoch, long sequence) {
    return PublishRequest.newBuilder()
        .setTopic(topic.name())
        .setProducer("p")
        .setEpoch(epoch)
        .setSequence(sequence)
        .setBatch(rows(topic.sensor(partition, 0), (double) sequence))
        .build();
  }

  @EachSetup
  void partitionThatStops_takesNothing_whileTheSessionGoesOnInTheOthers(TransportSetup setup) {
    TestTopic topic = wide(topicOfOwnServer(setup, quick()));
    RawPublishSession publisher = stopped(topic, FEATURE);
    OutcomeUnknown unknown = publisher.awaitUnknown(STOPPED, 2);
    topic.server().files().set(Fault.NONE);

    assertThat(unknown.getProblem().getReason()).isEqualTo(UNAVAILABLE);
    for (long sequence = 3; sequence <= 4; sequence++) {
      publisher.send(STOPPED, sequence, rows(topic.sensor(STOPPED, 0), (double) sequence));
      Reject reject = publisher.awaitReject(STOPPED, sequence);
      assertThat(reject.getProblem().getReason()).isEqualTo(UNAVAILABLE);
      assertThat(reject.getExpectedSequence()).as("nobody knows").isZero();
    }
    for (int p = 0; p < PARTITIONS; p += 2) {
      publisher.store(p, 2, rows(topic.sensor(p, 0), 2));
    }
    Defined defined =
        publisher.define(
            1,
            TestBatches.sensor(topic.sensor(0, 7), Kind.KIND_DOUBLE),
            TestBatches.sensor(topic.sensor(STOPPED, 7), Kind.KIND_DOUBLE),
            TestBatches.sensor(topic.sensor(STOPPED, 0), Kind.KIND_DOUBLE));
    assertThat(defined.getBindingsCount()).as("those that need no record").isEqualTo(2);
    assertThat(defined.getProblems(0).getIndex()).isEqualTo(1);
    assertThat(defined.getProblems(0).getProblem().getReason()).isEqualTo(UNAVAILABLE);
  }

  @EachSetup
  void producers_openWhileOnePartitionIsStopped_andZombiesStayFencedBehindTheRestart(
      TransportSetup setup) {
    TestTopic topic = wide(topicOfOwnServer(setup, quick()));
    stopped(topic, FEATURE).awaitUnknown(STOPPED, 2);
    topic.server().files().set(Fault.NONE);

    RawPublishSession newer = topic.publisherOn(topic.server().newChannel());
    PublishOpened opened = newer.open("p", 0, FEATURE);
    assertThat(opened.getEpoch()).isEqualTo(2);
    for (int p = 0; p < PARTITIONS; p++) {
      PartitionSequence partition = opened.getLastSequences(p);
      assertThat(partition.hasStopped()).isEqualTo(p == STOPPED);
      assertThat(partition.getInDoubtThrough()).isEqualTo(p == STOPPED ? 2 : 0);
      assertThat(partition.getLastSequence()).isEqualTo(1);
    }
    assertThat(opened.getLastSequences(STOPPED).getStopped().getReason()).isEqualTo(UNAVAILABLE);
    newer.store(0, 2, rows(topic.sensor(0, 0), 2));
    PublishOpened other = topic.publisher().open("fresh", 9);
    assertThat(other.getLastSequences(STOPPED).hasStopped()).isTrue();

    topic.server().kill();
    topic.server().startAgain();
    for (long sequence = 1; sequence <= 4; sequence++) {
      PublishRequest zombie = unary(topic, STOPPED, 1, sequence);
      assertThat(CallFailure.by(() -> topic.writer().publish(zombie)).reason())
          .as("no record there says 2, but another partition has one")
          .isEqualTo("PRODUCER_FENCED");
    }
    assertThat(topic.publisher().sendOpen("p", 1).awaitEnd().reason()).isEqualTo("PRODUCER_FENCED");
    assertThat(topic.publisher().sendOpen("fresh", 8).awaitEnd().reason())
        .isEqualTo("PRODUCER_FENCED");
    RawPublishSession again = topic.publisher();
    PublishOpened restarted = again.open("p", 2, FEATURE);
    assertThat(restarted.getLastSequences(STOPPED).hasStopped()).isFalse();
    long last = restarted.getLastSequences(STOPPED).getLastSequence();
    assertThat(last).isBetween(1L, 2L);
    again.send(STOPPED, 2, rows(topic.sensor(STOPPED, 0), 2));
    again.awaitAck(STOPPED, 2);
    assertThat(again.duplicates(STOPPED)).isEqualTo((int) last - 1);
    again.store(STOPPED, 3, rows(topic.sensor(STOPPED, 0), 3));
    assertThat(topic.values(STOPPED)).containsExactly(1.0, 2.0, 3.0);
    assertThat(topic.publisher().open("p", 0, FEATURE).getEpoch()).isEqualTo(3);
  }

  @EachSetup
  void zombieThatOpensWhileAPartitionIsStopped_isFenced_andTheNewestSessionGoesOn(
      TransportSetup setup) {
    TestTopic topic = wide(topicOfOwnServer(setup, quick()));
    stopped(topic, FEATURE).awaitUnknown(STOPPED, 2);
    topic.server().files().set(Fault.NONE);
    RawPublishSession newest = topic.publisherOn(topic.server().newChannel());
    assertThat(newest.open("p", 0, FEATURE).getEpoch()).isEqualTo(2);

    for (int attempt = 0; attempt < 2; attempt++) {
      assertThat(topic.publisher().sendOpen("p", 1, FEATURE).awaitEnd().reason())
          .isEqualTo("PRODUCER_FENCED");
    }
    newest.send(STOPPED, 3, rows(topic.sensor(STOPPED, 0), 3));
    assertThat(newest.awaitReject(STOPPED, 3).getProblem().getReason())
        .as("it is the newest in the stopped partition too")
        .isEqualTo(UNAVAILABLE);
    newest.store(0, 2, rows(topic.sensor(0, 0), 2));
    newest.store(2, 2, rows(topic.sensor(2, 0), 2));
    assertThat(newest.responses().isOver()).isFalse();
    PublishRequest call = unary(topic, STOPPED, 2, 3);
    assertThat(CallFailure.by(() -> topic.writer().publish(call)).reason())
        .as("the stopped partition cannot know which epochs the others have")
        .isEqualTo(UNAVAILABLE);
  }

  @EachSetup
  void clientThatDoesNotKnowDoubt_losesItsSession_andOpensOnlyWhereNothingIsInDoubt(
      TransportSetup setup) {
    TestTopic topic = wide(topicOfOwnServer(setup, quick()));
    assertThat(stopped(topic).awaitEnd().reason()).isEqualTo(UNAVAILABLE);
    topic.server().files().set(Fault.NONE);

    assertThat(topic.publisher().sendOpen("p", 1).awaitEnd().reason()).isEqualTo(UNAVAILABLE);
    RawPublishSession other = topic.publisher();
    other.open("q", 0);
    other.send(STOPPED, 1, rows(topic.sensor(STOPPED, 0), 9));
    other.send(STOPPED, 2, rows(topic.sensor(STOPPED, 0), 9));
    for (long sequence = 1; sequence <= 2; sequence++) {
      Reject reject = other.awaitReject(STOPPED, sequence);
      assertThat(reject.getProblem().getReason()).isEqualTo(UNAVAILABLE);
      assertThat(reject.getExpectedSequence()).isEqualTo(1);
    }
    other.store(0, 1, rows(topic.sensor(0, 0), 9));
  }

  @EachSetup
  void openThatIsRefusedForDoubt_leavesTheOlderSessionAlone(TransportSetup setup) {
    TestTopic topic = wide(topicOfOwnServer(setup, quick()));
    RawPublishSession older = stopped(topic, FEATURE);
    older.awaitUnknown(STOPPED, 2);
    topic.server().files().set(Fault.NONE);

    for (long epoch = 0; epoch <= 1; epoch++) {
      assertThat(topic.publisher().sendOpen("p", epoch).awaitEnd().reason()).isEqualTo(UNAVAILABLE);
    }
    older.store(0, 2, rows(topic.sensor(0, 0), 2));
    older.send(STOPPED, 3, rows(topic.sensor(STOPPED, 0), 3));
    assertThat(older.awaitReject(STOPPED, 3).getProblem().getReason()).isEqualTo(UNAVAILABLE);
    assertThat(older.responses().isOver()).isFalse();
  }

  @EachSetup
  void unaryAndUpload_goOnInTheOtherPartitions(TransportSetup setup) {
    TestTopic topic = wide(topicOfOwnServer(setup, quick()));
    stopped(topic, FEATURE).awaitUnknown(STOPPED, 2);
    topic.server().files().set(Fault.NONE);

    assertThat(topic.writer().publish(unary(topic, 0, 0, 2)).getPartsCount()).isEqualTo(1);
    for (long sequence = 2; sequence <= 3; sequence++) {
      PublishRequest stopped = unary(topic, STOPPED, 0, sequence);
      assertThat(CallFailure.by(() -> topic.writer().publish(stopped)).reason())
          .isEqualTo(UNAVAILABLE);
    }
    assertThat(topic.writer().publish(unary(topic, STOPPED, 0, 1)).getDuplicate()).isTrue();
    RawUpload upload = new RawUpload(topic, "p");
    upload.send(3, rows(topic.sensor(0, 0), 3));
    upload.send(2, rows(topic.sensor(STOPPED, 0), 2));
    upload.send(3, rows(topic.sensor(STOPPED, 0), 3));
    upload.send(2, rows(topic.sensor(2, 0), 2));
    UploadResponse answer = upload.finish();
    assertThat(answer.getBatches()).isEqualTo(2);
    assertThat(answer.getRejectsList())
        .extracting(reject -> reject.getIndex() + " " + reject.getOutcomeUnknown())
        .containsExactly("1 true", "2 false");
    assertThat(answer.getRejectsList())
        .allMatch(reject -> reject.getProblem().getReason().equals(UNAVAILABLE));
  }

  @EachSetup
  void allPartitionsStopped_noEpochIsRaised_asNothingWouldFence(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick()).server().topic("narrow", 1);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0, FEATURE);
    publisher.store(0, 1, rows("x", 1));
    topic.server().files().set(Fault.FAIL_SYNC);
    publisher.send(0, 2, rows("x", 2));
    publisher.awaitUnknown(0, 2);
    topic.server().files().set(Fault.NONE);

    assertThat(topic.publisher().sendOpen("p", 0, FEATURE).awaitEnd().reason())
        .isEqualTo(UNAVAILABLE);
    publisher.send(0, 3, rows("x", 3));
    assertThat(publisher.awaitReject(0, 3).getProblem().getReason())
        .as("who was refused has replaced nobody")
        .isEqualTo(UNAVAILABLE);
    assertThat(publisher.responses().isOver()).isFalse();
    PublishOpened equal = topic.publisher().open("p", 1, FEATURE);
    assertThat(equal.getLastSequences(0).hasStopped()).isTrue();
    topic.server().kill();
    topic.server().startAgain();
    assertThat(topic.publisher().open("p", 0, FEATURE).getEpoch()).isEqualTo(2);
  }
}
