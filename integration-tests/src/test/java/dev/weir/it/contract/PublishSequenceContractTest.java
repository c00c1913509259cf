package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.ids;
import static dev.weir.it.contract.harness.TestBatches.malformed;
import static dev.weir.it.contract.harness.TestBatches.refs;
import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.FaultyFiles.Fault;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Ack;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import java.util.List;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;

/** Rule 1 of PublishService: sequences are consecutive per producer and partition. */
final class PublishSequenceContractTest extends ContractTest {
  private static List<Double> upTo(int last) {
    return LongStream.rangeClosed(1, last).asDoubleStream().boxed().toList();
  }

  @EachSetup
  void contract01_duplicateBatch_isAckedAndCounted(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    assertThat(publisher.store(partition, 1, refs(sensor, 1)).getDuplicates()).isZero();
    publisher.store(partition, 2, refs(sensor, 2));

    Ack again = publisher.store(partition, 1, refs(sensor, 1));

    assertThat(again.getDuplicates()).isEqualTo(1);
    assertThat(again.getThroughSequence()).isEqualTo(2);
    assertThat(again.getBindings(0).getName()).as("bindings of a duplicate").isEqualTo(sensor);
    assertThat(publisher.rejects(partition)).isEmpty();
    assertThat(topic.values(partition)).containsExactly(1.0, 2.0);
  }

  @EachSetup
  void rule1_everyPartition_countsByItself_andOnAcrossEpochs(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession first = topic.publisher();
    assertThat(first.open("p", 0).getLastSequencesList())
        .hasSize(setup.partitions())
        .allMatch(last -> last.getLastSequence() == 0);
    for (int p = 0; p < setup.partitions(); p++) {
      for (int sequence = 1; sequence <= p + 1; sequence++) {
        first.store(p, sequence, rows(topic.sensor(p, 0), sequence));
      }
    }
    RawPublishSession second = topic.publisher();
    PublishOpened opened = second.open("p", 0);

    assertThat(opened.getEpoch()).isEqualTo(2);
    for (int p = 0; p < setup.partitions(); p++) {
      assertThat(opened.getLastSequences(p).getPartition()).isEqualTo(p);
      assertThat(opened.getLastSequences(p).getLastSequence()).isEqualTo(p + 1);
      second.store(p, p + 2, rows(topic.sensor(p, 0), p + 2));
      assertThat(topic.values(p)).isEqualTo(upTo(p + 2));
    }
  }

  @EachSetup
  void contract04_rejectInAPipeline_listsRows_andThoseBehindAreOutOfSequence(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    int id = publisher.bind(sensor);
    for (int sequence = 1; sequence <= 10; sequence++) {
      boolean bad = sequence == 4;
      publisher.send(partition, sequence, bad ? malformed(sensor) : ids(id, sequence));
    }

    Reject wrong = publisher.awaitReject(partition, 4);
    assertThat(wrong.getProblem().getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(wrong.getRowsList()).containsExactly(1);
    assertThat(wrong.getProblem().getFieldViolationsList()).isNotEmpty();
    assertThat(wrong.getExpectedSequence()).isEqualTo(4);
    for (int sequence = 5; sequence <= 10; sequence++) {
      Reject behind = publisher.awaitReject(partition, sequence);
      assertThat(behind.getProblem().getReason()).isEqualTo("OUT_OF_SEQUENCE");
      assertThat(behind.getExpectedSequence()).isEqualTo(4);
      assertThat(behind.getProblem().getMetadataOrThrow("expected_sequence")).isEqualTo("4");
    }
    assertThat(publisher.rejects(partition))
        .extracting(Reject::getSequence)
        .containsExactly(4L, 5L, 6L, 7L, 8L, 9L, 10L);
    assertThat(publisher.acked(partition)).isEqualTo(3);

    for (int sequence = 4; sequence <= 10; sequence++) {
      publisher.send(partition, sequence, ids(id, sequence));
    }
    publisher.awaitAck(partition, 10);
    assertThat(topic.values(partition)).isEqualTo(upTo(10));
  }

  @EachSetup
  void rule1_lateRejectOfAnOldNumber_disturbsNothing(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    int id = publisher.bind(sensor);
    for (int sequence = 1; sequence <= 3; sequence++) {
      publisher.send(partition, sequence, ids(id, sequence));
    }
    publisher.send(partition, 2, malformed(sensor));
    for (int sequence = 4; sequence <= 6; sequence++) {
      publisher.send(partition, sequence, ids(id, sequence));
    }
    publisher.awaitAck(partition, 6);
    Reject late = publisher.awaitReject(partition, 2);

    assertThat(late.getProblem().getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(late.getExpectedSequence()).isBetween(4L, 7L);
    assertThat(publisher.rejects(partition)).hasSize(1);
    assertThat(topic.values(partition)).isEqualTo(upTo(6));
  }

  @EachSetup
  void rule1_beyondTheNext_isOutOfSequence_andStoresNothing(TransportSetup setup) {
    TestTopic topic = topic(setup);
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    publisher.send(0, 2, refs(sensor, 2));

    Reject reject = publisher.awaitReject(0, 2);
    assertThat(reject.getProblem().getReason()).isEqualTo("OUT_OF_SEQUENCE");
    assertThat(reject.getExpectedSequence()).isEqualTo(1);
    assertThat(reject.getProblem().getCode()).isEqualTo(9);
    publisher.send(0, 0, refs(sensor, 0));
    assertThat(publisher.awaitReject(0, 0).getProblem().getReason()).isEqualTo("INVALID_ARGUMENT");
    publisher.send(setup.partitions(), 1, refs(sensor, 1));
    assertThat(publisher.awaitReject(setup.partitions(), 1).getProblem().getReason())
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(topic.stored()).isEmpty();
    assertThat(TestCatalog.names(topic)).as("definitions of rejected batches").isEmpty();
  }

  @EachSetup
  void rule1_batchesOfEveryForm_areStoredInArrivalOrder(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    int id = publisher.bind(sensor);
    int batches = 60;
    for (int sequence = 1; sequence <= batches; sequence++) {
      switch (sequence % 3) {
        case 0 -> publisher.send(partition, sequence, ids(id, sequence));
        case 1 -> publisher.send(partition, sequence, rows(sensor, sequence));
        default -> publisher.send(partition, sequence, refs(sensor, sequence));
      }
    }
    publisher.awaitAck(partition, batches);

    assertThat(publisher.rejects(partition)).isEmpty();
    assertThat(topic.values(partition)).isEqualTo(upTo(batches));
  }

  @EachSetup
  void rule1_reconnectWithUnacknowledgedBatches_replaysThem_withoutLossOrDuplicate(
      TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession older = topic.publisher();
    long epoch = older.open("p", 0).getEpoch();
    older.store(partition, 1, rows(sensor, 1));
    older.responses().pause();
    for (int sequence = 2; sequence <= 20; sequence++) {
      older.send(partition, sequence, rows(sensor, sequence));
    }
    RawPublishSession newer = topic.publisherOn(topic.server().newChannel());
    PublishOpened opened = newer.open("p", epoch);

    long last = opened.getLastSequences(partition).getLastSequence();
    assertThat(opened.getEpoch()).isEqualTo(epoch);
    assertThat(last).isBetween(1L, 20L);
    assertThat(older.awaitEnd().reason()).isEqualTo("REPLACED");
    assertThat(older.acked(partition)).as("acked to the older session").isLessThanOrEqualTo(last);
    for (int sequence = 2; sequence <= 20; sequence++) {
      newer.send(partition, sequence, rows(sensor, sequence));
    }
    newer.awaitAck(partition, 20);
    assertThat(newer.duplicates(partition)).isEqualTo((int) (last - 1));
    assertThat(topic.values(partition)).isEqualTo(upTo(20));
  }

  @EachSetup
  void rule1_nothingIsAcked_beforeItIsCommitted_duplicatesIncluded(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    topic.server().files().set(Fault.HOLD_SYNC);
    publisher.send(0, 1, rows(sensor, 1));
    Awaitility.await("the sync of the batch").until(() -> topic.server().files().heldSyncs() == 1);
    publisher.send(0, 1, rows(sensor, 1));
    publisher.ping(1);

    assertThat(publisher.responses().all()).noneMatch(PublishStreamResponse::hasAck);
    assertThat(topic.stored()).as("delivered before it is synced").isEmpty();
    topic.server().files().set(Fault.NONE);
    publisher.responses().awaitAll("the duplicate", all -> publisher.duplicates(0) == 1);
    assertThat(publisher.rejects(0)).isEmpty();
    assertThat(topic.values(0)).containsExactly(1.0);
  }
}
