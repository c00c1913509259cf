package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.ids;
import static dev.weir.it.contract.harness.TestBatches.refs;
import static dev.weir.it.contract.harness.TestBatches.rows;
import static dev.weir.it.contract.harness.TestBatches.sensor;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Defined;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorProblem;

/** Definitions, bindings and ids of a publishing session, and what it refuses. */
final class PublishSensorContractTest extends ContractTest {
  @EachSetup
  void define_givesIdsThatNameThePartition_andTellsProblemsPerSensor(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    String good = topic.sensor(topic.lastPartition(), 0);
    publisher.store(0, 1, rows(topic.sensor(0, 7), 1));

    Defined defined =
        publisher.define(
            9,
            sensor(good, Kind.KIND_DOUBLE),
            sensor("wild*", Kind.KIND_DOUBLE),
            sensor("no-kind", Kind.KIND_UNSPECIFIED),
            sensor(topic.sensor(0, 7), Kind.KIND_TEXT),
            sensor("x".repeat(513), Kind.KIND_DOUBLE));

    assertThat(defined.getBindingsList()).hasSize(1);
    assertThat(defined.getBindings(0).getName()).isEqualTo(good);
    assertThat(defined.getBindings(0).getId() % setup.partitions())
        .isEqualTo(topic.lastPartition());
    assertThat(defined.getProblemsList())
        .extracting(SensorProblem::getIndex)
        .containsExactly(1, 2, 3, 4);
    assertThat(defined.getProblems(2).getProblem().getReason()).isEqualTo("KIND_MISMATCH");
    assertThat(defined.getProblems(0).getProblem().getReason()).isEqualTo("INVALID_ARGUMENT");
    Defined again = publisher.define(10, sensor(good, Kind.KIND_DOUBLE));
    assertThat(again.getBindings(0)).as("idempotent").isEqualTo(defined.getBindings(0));
    assertThat(TestCatalog.names(topic)).containsExactlyInAnyOrder(good, topic.sensor(0, 7));
  }

  @EachSetup
  void bindings_comeWithTheAckOfRefs_andSurviveARestart(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    int partition = topic.lastPartition();
    String name = topic.sensor(partition, 0);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    Ack ack = publisher.store(partition, 1, refs(name, 1));
    assertThat(ack.getBindingsList()).hasSize(1);
    int id = ack.getBindings(0).getId();
    assertThat(ack.getBindings(0).getKind()).isEqualTo(Kind.KIND_DOUBLE);
    publisher.store(partition, 2, ids(id, 2));

    topic.server().kill();
    topic.server().startAgain();
    RawPublishSession again = topic.publisher();
    again.open("p", 0);
    assertThat(again.bind(name)).isEqualTo(id);
    again.store(partition, 3, ids(id, 3));
    assertThat(topic.values(partition)).containsExactly(1.0, 2.0, 3.0);
  }

  @EachSetup
  void ids_countOnlyAsBoundInThisSession_andOnlyInTheirPartition(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    String name = topic.sensor(partition, 0);
    int id = topic.publisher().opened().bind(name);
    RawPublishSession publisher = topic.publisher().opened();
    publisher.send(partition, 1, ids(id, 1));

    Reject unknown = publisher.awaitReject(partition, 1);
    assertThat(unknown.getProblem().getReason()).isEqualTo("UNKNOWN_SENSOR_ID");
    assertThat(unknown.getExpectedSequence()).isEqualTo(1);
    assertThat(publisher.bind(name)).isEqualTo(id);
    publisher.store(partition, 1, ids(id, 1));
    if (setup.partitions() > 1) {
      publisher.send(0, 1, ids(id, 2));
      assertThat(publisher.awaitReject(0, 1).getProblem().getReason())
          .isEqualTo("SPANS_PARTITIONS");
      publisher.responses().mark();
      publisher.send(0, 1, rows(name, 2));
      assertThat(publisher.awaitReject(0, 1).getProblem().getReason())
          .isEqualTo("SPANS_PARTITIONS");
    }
    assertThat(topic.stored()).hasSize(1);
  }

  @EachSetup
  void kindOfABoundId_isChecked(TransportSetup setup) {
    TestTopic topic = topic(setup);
    String name = topic.sensor(0, 0);
    RawPublishSession publisher = topic.publisher().opened();
    Defined defined = publisher.define(1, sensor(name, Kind.KIND_TEXT));
    publisher.send(0, 1, ids(defined.getBindings(0).getId(), 1));

    Reject reject = publisher.awaitReject(0, 1);
    assertThat(reject.getProblem().getReason()).isEqualTo("KIND_MISMATCH");
    assertThat(reject.getProblem().getFieldViolations(0).getField()).startsWith("batch.columns[0]");
  }

  @EachTransport
  void tooManySensorsInOneDefine_areAllRefused(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.BATCH_SENSORS_MAX, 2));
    RawPublishSession publisher = topic.publisher().opened();
    Sensor[] three = {
      sensor("a", Kind.KIND_DOUBLE), sensor("b", Kind.KIND_DOUBLE), sensor("c", Kind.KIND_DOUBLE)
    };
    Defined defined = publisher.define(1, three);

    assertThat(defined.getBindingsList()).isEmpty();
    assertThat(defined.getProblemsList())
        .extracting(problem -> problem.getProblem().getReason())
        .containsExactly("TOO_LARGE", "TOO_LARGE", "TOO_LARGE");
    assertThat(TestCatalog.names(topic)).isEmpty();
  }

  @EachTransport
  void contract21_unknownRequestsAndFields_areRefused_andTheSessionGoesOn(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    publisher.send(PublishStreamRequest.newBuilder().setUnknownFields(unknown).build());
    PublishStreamResponse refused =
        publisher.responses().await("refused", PublishStreamResponse::hasRefused);
    assertThat(refused.getRefused().getProblem().getReason()).isEqualTo("UNIMPLEMENTED");

    Batch batch = rows(topic.sensor(0, 0), 1).toBuilder().setUnknownFields(unknown).build();
    publisher.send(0, 1, batch);
    assertThat(publisher.awaitReject(0, 1).getProblem().getReason()).isEqualTo("UNIMPLEMENTED");
    PublishStreamRequest beside =
        RawPublishSession.request(0, 1, rows(topic.sensor(0, 0), 1)).toBuilder()
            .setUnknownFields(unknown)
            .build();
    publisher.responses().mark();
    publisher.send(beside);
    assertThat(publisher.awaitReject(0, 1).getProblem().getReason()).isEqualTo("UNIMPLEMENTED");
    publisher.send(PublishStreamRequest.getDefaultInstance());
    publisher
        .responses()
        .await(
            "refusal of nothing",
            said ->
                said.hasRefused()
                    && said.getRefused().getProblem().getReason().equals("INVALID_ARGUMENT"));
    publisher.store(0, 1, rows(topic.sensor(0, 0), 1));
    publisher.ping(77);
  }
}
