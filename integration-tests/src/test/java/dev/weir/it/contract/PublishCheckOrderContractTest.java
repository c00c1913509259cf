package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.ids;
import static dev.weir.it.contract.harness.TestBatches.malformed;
import static dev.weir.it.contract.harness.TestBatches.refs;
import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Reading;
import dev.weir.v1.Reject;
import java.time.Instant;

/**
 * Rule 2 of PublishService: what the bytes show counts before the duplicate check; state, clock and
 * configuration after it, so that a stored batch is never rejected when it is replayed.
 */
final class PublishCheckOrderContractTest extends ContractTest {
  private static Reading.Builder ahead(String sensor, long seconds) {
    return TestBatches.row(sensor, 1)
        .setTime(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond() + seconds));
  }

  private static Batch oneRow(Reading.Builder row) {
    return Batch.newBuilder().addRows(row).build();
  }

  @EachSetup
  void rule2_wrongBytes_areRejected_evenUnderAStoredNumber(TransportSetup setup) {
    TestTopic topic = topic(setup);
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(0, 1, rows(sensor, 1));
    publisher.send(0, 1, malformed(sensor));

    assertThat(publisher.awaitReject(0, 1).getRowsList()).containsExactly(1);
    assertThat(publisher.duplicates(0)).isZero();
  }

  @EachSetup
  void rule2_wrongKind_isRejectedWhereNew_andAckedWhereReplayed(TransportSetup setup) {
    TestTopic topic = topic(setup);
    String sensor = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(0, 1, rows(sensor, 1));
    Batch otherKind = oneRow(Reading.newBuilder().setSensor(sensor).setInteger(7));
    publisher.send(0, 2, otherKind);
    Reject fresh = publisher.awaitReject(0, 2);
    Ack replayed = publisher.store(0, 1, otherKind);

    assertThat(fresh.getProblem().getReason()).isEqualTo("KIND_MISMATCH");
    assertThat(fresh.getExpectedSequence()).isEqualTo(2);
    assertThat(replayed.getDuplicates()).isEqualTo(1);
    assertThat(topic.values(0)).containsExactly(1.0);
  }

  @EachSetup
  void rule2_idNotBoundHere_isRejectedWhereNew_andAckedWhereReplayed(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession first = topic.publisher();
    long epoch = first.open("p", 0).getEpoch();
    int id = first.bind(topic.sensor(0, 0));
    first.store(0, 1, ids(id, 1));
    RawPublishSession second = topic.publisherOn(topic.server().newChannel());
    second.open("p", epoch);

    assertThat(second.store(0, 1, ids(id, 1)).getDuplicates()).isEqualTo(1);
    second.send(0, 2, ids(id, 2));
    Reject unbound = second.awaitReject(0, 2);
    assertThat(unbound.getProblem().getReason()).isEqualTo("UNKNOWN_SENSOR_ID");
    assertThat(unbound.getRowsList()).containsExactly(0);
  }

  @EachSetup
  void rule2_limitsLoweredByARestart_rejectWhatIsNew_andAckWhatIsReplayed(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    String sensor = topic.sensor(0, 0);
    Batch large = rows(sensor, 1, 2, 3, 4);
    Batch late = oneRow(ahead(sensor, 3_600));
    Batch many = refs(topic.sensor(0, 1), 9);
    RawPublishSession publisher = topic.publisher();
    long epoch = publisher.open("p", 0).getEpoch();
    publisher.store(0, 1, large);
    publisher.store(0, 2, late);
    publisher.store(0, 3, many);
    topic.server().stop();
    Limits lowered =
        quick()
            .with(Limit.BATCH_READINGS_MAX, 3)
            .with(Limit.EVENT_TIME_AHEAD_MS_MAX, 1_000)
            .with(Limit.SENSORS_PER_TOPIC_MAX, 2);
    topic.server().startAgain(lowered);
    RawPublishSession replaying = topic.publisher();
    replaying.open("p", epoch);

    replaying.store(0, 1, large);
    replaying.store(0, 2, late);
    replaying.store(0, 3, many);
    assertThat(replaying.duplicates(0)).isEqualTo(3);
    replaying.send(0, 4, large);
    assertThat(replaying.awaitReject(0, 4).getProblem().getReason()).isEqualTo("TOO_LARGE");
    replaying.responses().mark();
    replaying.send(0, 4, late);
    assertThat(replaying.awaitReject(0, 4).getProblem().getReason()).isEqualTo("TIME_OUT_OF_RANGE");
    replaying.responses().mark();
    replaying.send(0, 4, refs(topic.sensor(0, 2), 9));
    assertThat(replaying.awaitReject(0, 4).getProblem().getReason()).isEqualTo("LIMIT_REACHED");
    assertThat(TestCatalog.names(topic)).hasSize(2);
    assertThat(replaying.store(0, 4, rows(sensor, 5)).getThroughSequence()).isEqualTo(4);
  }
}
