package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.ids;
import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.it.contract.harness.FaultyFiles.Fault;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Ack;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Reject;
import io.grpc.Status;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 6 of PublishService, failed writes and syncs, and crashes at every step. */
final class PublishFailureContractTest extends ContractTest {
  private static List<Double> upTo(int last) {
    return LongStream.rangeClosed(1, last).asDoubleStream().boxed().toList();
  }

  @EachSetup
  void rule6_failedWrite_isRolledBack_andTheSameSequenceSucceedsLater(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    int partition = topic.lastPartition();
    String known = topic.sensor(partition, 0);
    String introduced = topic.sensor(partition, 1);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    publisher.store(partition, 1, rows(known, 1));

    topic.server().files().set(Fault.FAIL_WRITE);
    publisher.send(partition, 2, rows(introduced, 2));
    publisher.send(partition, 3, rows(known, 3));
    Reject failed = publisher.awaitReject(partition, 2);
    Reject behind = publisher.awaitReject(partition, 3);
    topic.server().files().set(Fault.NONE);

    assertThat(failed.getProblem().getReason()).isEqualTo("STORE_FAILED");
    assertThat(failed.getProblem().getCode()).isEqualTo(Status.Code.UNAVAILABLE.value());
    assertThat(failed.getProblem().getRetryDelay()).isEqualTo(RETRY_DELAY);
    assertThat(failed.getExpectedSequence()).isEqualTo(2);
    assertThat(behind.getProblem().getReason()).isIn("OUT_OF_SEQUENCE", "STORE_FAILED");
    assertThat(TestCatalog.names(topic)).as("definitions of a failed batch").containsExactly(known);
    Ack stored = publisher.store(partition, 2, rows(introduced, 2));
    publisher.store(partition, 3, rows(known, 3));
    assertThat(stored.getDuplicates()).isZero();
    assertThat(stored.getBindings(0).getId())
        .as("the next id, none leaked")
        .isEqualTo(setup.partitions() + partition);
    assertThat(topic.values(partition)).isEqualTo(upTo(3));

    topic.server().stop();
    topic.server().startAgain();
    assertThat(topic.values(partition)).as("after a restart").isEqualTo(upTo(3));
    assertThat(TestCatalog.names(topic)).containsExactlyInAnyOrder(known, introduced);
  }

  @EachSetup
  void rule1_duplicateOfABatchThatIsNotStored_isNotAcked(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    FaultyFiles files = topic.server().files();
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    int id = publisher.bind(sensor);
    files.set(Fault.HOLD_SYNC);
    publisher.send(0, 1, ids(id, 1));
    Awaitility.await("a round under way").until(() -> files.heldSyncs() == 1);
    publisher.send(0, 2, ids(id, 2));
    publisher.send(0, 2, ids(id, 2));
    publisher.ping(1);
    files.set(Fault.FAIL_WRITE);

    publisher.responses().awaitAll("two rejects", all -> publisher.rejects(0).size() == 2);
    assertThat(publisher.rejects(0))
        .extracting(reject -> reject.getProblem().getReason())
        .containsOnly("STORE_FAILED");
    assertThat(publisher.acked(0)).isEqualTo(1);
    files.set(Fault.NONE);
    publisher.store(0, 2, ids(id, 2));
    assertThat(topic.values(0)).isEqualTo(upTo(2));
  }

  @EachSetup
  void rule6_diskFull_isRejectedWithADelay_readsGoOn_andSpaceIsUsedAgain(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    publisher.store(0, 1, rows(sensor, 1));

    topic.server().files().set(Fault.DISK_FULL);
    publisher.send(0, 2, rows(sensor, 2));
    Reject full = publisher.awaitReject(0, 2);
    PublishRequest unary =
        PublishRequest.newBuilder().setTopic(topic.name()).setBatch(rows(sensor, 2)).build();
    CallFailure refusal = CallFailure.by(() -> topic.writer().publish(unary));

    assertThat(full.getProblem().getReason()).isEqualTo("DISK_FULL");
    assertThat(full.getProblem().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
    assertThat(full.getProblem().getRetryDelay()).isEqualTo(RETRY_DELAY);
    assertThat(refusal.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refusal.retryNanos()).isEqualTo(20_000_000);
    assertThat(topic.values(0)).as("reads go on").isEqualTo(upTo(1));
    publisher.ping(1);
    topic.server().files().set(Fault.NONE);
    publisher.store(0, 2, rows(sensor, 2));
    assertThat(topic.values(0)).isEqualTo(upTo(2));
  }

  @EachSetup
  void rule6_fullQueue_isRejectedWithADelay_andAllGoOnAtTheSameNumber(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.PARTITION_QUEUE_REQUESTS, 2));
    FaultyFiles files = topic.server().files();
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    int id = publisher.bind(sensor);
    files.set(Fault.HOLD_SYNC);
    publisher.send(0, 1, ids(id, 1));
    Awaitility.await("a round under way").until(() -> files.heldSyncs() == 1);
    for (int sequence = 2; sequence <= 8; sequence++) {
      publisher.send(0, sequence, ids(id, sequence));
    }
    for (int sequence = 4; sequence <= 8; sequence++) {
      Reject reject = publisher.awaitReject(0, sequence);
      assertThat(reject.getProblem().getReason()).isEqualTo("OVERLOADED");
      assertThat(reject.getProblem().getRetryDelay()).isEqualTo(RETRY_DELAY);
      assertThat(reject.getExpectedSequence()).isEqualTo(4);
    }
    files.set(Fault.NONE);
    publisher.awaitAck(0, 3);
    for (int sequence = 4; sequence <= 8; sequence++) {
      publisher.store(0, sequence, ids(id, sequence));
    }
    assertThat(topic.values(0)).isEqualTo(upTo(8));
  }

  @EachSetup
  void failedSync_poisonsThePartition_nothingIsAcked_othersGoOn(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    TestTopic other = topic.server().topic("other", 1);
    int poisoned = topic.lastPartition();
    String sensor = topic.sensor(poisoned, 0);
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    publisher.store(poisoned, 1, rows(sensor, 1));
    long epochOfQ = topic.publisher().open("q", 0).getEpoch();

    topic.server().files().set(Fault.FAIL_SYNC);
    publisher.send(poisoned, 2, rows(sensor, 2));
    CallFailure end = publisher.awaitEnd();
    topic.server().files().set(Fault.NONE);

    assertThat(end.reason()).isEqualTo("PARTITION_UNAVAILABLE");
    assertThat(end.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(publisher.acked(poisoned)).isEqualTo(1);
    assertThat(topic.values(poisoned)).as("reads go on").isEqualTo(upTo(1));
    assertThat(topic.publisher().sendOpen("p", epoch).awaitEnd().reason())
        .as("nobody knows where p goes on")
        .isEqualTo("PARTITION_UNAVAILABLE");
    RawPublishSession again = topic.publisher();
    again.open("q", epochOfQ);
    for (int p = 0; p < poisoned; p++) {
      again.store(p, 1, rows(topic.sensor(p, 0), 1));
    }
    again.send(poisoned, 1, rows(sensor, 2));
    assertThat(again.awaitReject(poisoned, 1).getProblem().getReason())
        .isEqualTo("PARTITION_UNAVAILABLE");
    other.publisher().opened().store(0, 1, rows("x", 1));
    assertThat(other.values(0)).isEqualTo(upTo(1));

    topic.server().kill();
    topic.server().startAgain();
    RawPublishSession restarted = topic.publisher();
    restarted.open("p", epoch);
    restarted.store(poisoned, 2, rows(sensor, 2));
    assertThat(topic.values(poisoned)).as("after a restart").isEqualTo(upTo(2));
  }

  static Stream<Arguments> crashes() {
    return Stream.of(TransportSetup.values())
        .flatMap(
            setup ->
                EnumSet.range(Fault.DIE_BEFORE_WRITE, Fault.DIE_AFTER_SYNC).stream()
                    .map(fault -> Arguments.of(setup, fault)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("crashes")
  void contract03_crashBetweenAppendAndAck_neitherLosesNorDuplicates(
      TransportSetup setup, FaultyFiles.Fault crash) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    TestServer server = topic.server();
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    for (int sequence = 1; sequence <= 3; sequence++) {
      publisher.store(partition, sequence, rows(sensor, sequence));
    }
    server.files().set(crash);
    for (int sequence = 4; sequence <= 6; sequence++) {
      publisher.send(partition, sequence, rows(sensor, sequence));
    }
    Awaitility.await("the crash").until(() -> server.files().isDead());
    server.kill();
    long acked = publisher.acked(partition);
    server.startAgain();

    RawPublishSession restarted = topic.publisher();
    PublishOpened opened = restarted.open("p", epoch);
    long last = opened.getLastSequences(partition).getLastSequence();
    assertThat(last).as("what is there holds what was acked").isBetween(acked, 6L);
    if (crash == Fault.DIE_AFTER_SYNC) {
      assertThat(last).as("synced but not acked").isGreaterThan(3);
    }
    assertThat(topic.values(partition)).isEqualTo(upTo((int) last));
    for (int sequence = 4; sequence <= 6; sequence++) {
      restarted.send(partition, sequence, rows(sensor, sequence));
    }
    restarted.awaitAck(partition, 6);
    assertThat(restarted.rejects(partition)).isEmpty();
    assertThat(restarted.duplicates(partition)).isEqualTo((int) last - 3);
    assertThat(topic.values(partition)).isEqualTo(upTo(6));
  }

  @EachSetup
  void contract03_acksLostInACrash_replayIsAllDuplicates(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    int partition = topic.lastPartition();
    String sensor = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    publisher.responses().pause();
    for (int sequence = 1; sequence <= 20; sequence++) {
      publisher.send(partition, sequence, rows(sensor, sequence));
    }
    Awaitility.await("all to be stored").until(() -> topic.values(partition).size() == 20);
    topic.server().kill();
    topic.server().startAgain();

    RawPublishSession restarted = topic.publisher();
    PublishOpened opened = restarted.open("p", epoch);
    assertThat(opened.getLastSequences(partition).getLastSequence()).isEqualTo(20);
    for (int sequence = 1; sequence <= 20; sequence++) {
      restarted.send(partition, sequence, rows(sensor, sequence));
    }
    restarted.responses().awaitAll("acks of all", all -> restarted.duplicates(partition) == 20);
    restarted.store(partition, 21, rows(sensor, 21));
    assertThat(topic.values(partition)).isEqualTo(upTo(21));
  }
}
