package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.ids;
import static dev.weir.it.contract.harness.TestBatches.malformed;
import static dev.weir.it.contract.harness.TestBatches.refs;
import static dev.weir.it.contract.harness.TestBatches.row;
import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.StoredPart;
import io.grpc.Status;

/** Unary Publish. */
final class UnaryPublishContractTest extends ContractTest {
  private static PublishRequest.Builder request(TestTopic topic, Batch batch) {
    return PublishRequest.newBuilder().setTopic(topic.name()).setBatch(batch);
  }

  /** One reading in every partition. */
  private static Batch everywhere(TestTopic topic) {
    Batch.Builder batch = Batch.newBuilder();
    for (int p = 0; p < topic.partitions(); p++) {
      batch.addRows(row(topic.sensor(p, 0), p));
    }
    return batch.build();
  }

  @EachSetup
  void withoutSequence_spansPartitions_andListsWhatWasStored(TransportSetup setup) {
    TestTopic topic = topic(setup);
    PublishResponse response = topic.writer().publish(request(topic, everywhere(topic)).build());

    assertThat(response.getPartsList())
        .extracting(StoredPart::getReadings)
        .hasSize(setup.partitions())
        .containsOnly(1);
    assertThat(response.getRetrySafe()).as("a retry may store twice").isFalse();
    assertThat(response.getDurability()).isEqualTo(Durability.DURABILITY_SYNCED);
    assertThat(response.getBindingsCount()).isEqualTo(setup.partitions());
    for (StoredPart part : response.getPartsList()) {
      assertThat(topic.values(part.getPartition())).containsExactly((double) part.getPartition());
      assertThat(
              topic.tail(
                  topic.everything().setStart(StartPositions.after(part.getCursor())).build()))
          .isEmpty();
    }
  }

  @EachSetup
  void withSequence_belongsToOnePartition(TransportSetup setup) {
    TestTopic topic = topic(setup);
    PublishRequest spanning =
        request(topic, everywhere(topic)).setProducer("p").setSequence(1).build();
    if (setup.partitions() > 1) {
      CallFailure refusal = CallFailure.by(() -> topic.writer().publish(spanning));
      assertThat(refusal.reason()).isEqualTo("SPANS_PARTITIONS");
      assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(topic.stored()).isEmpty();
    } else {
      assertThat(topic.writer().publish(spanning).getPartsCount()).isEqualTo(1);
    }
  }

  @EachSetup
  void withSequence_isSafeToRetry(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int partition = topic.lastPartition();
    PublishRequest once =
        request(topic, refs(topic.sensor(partition, 0), 1)).setProducer("p").setSequence(1).build();
    PublishResponse first = topic.writer().publish(once);
    PublishResponse retry = topic.writer().publish(once);
    CallFailure beyond =
        CallFailure.by(() -> topic.writer().publish(once.toBuilder().setSequence(3).build()));

    assertThat(first.getRetrySafe()).isTrue();
    assertThat(first.getDuplicate()).isFalse();
    assertThat(retry.getDuplicate()).isTrue();
    assertThat(retry.getBindingsList()).isEqualTo(first.getBindingsList());
    assertThat(retry.getParts(0).getReadings()).isZero();
    assertThat(beyond.reason()).isEqualTo("OUT_OF_SEQUENCE");
    assertThat(beyond.metadata()).containsEntry("expected_sequence", "2");
    assertThat(topic.values(partition)).containsExactly(1.0);
  }

  @EachTransport
  void wrongRequests_areInvalid_andNameTheirFields(TransportSetup setup) {
    TestTopic topic = topic(setup);
    Batch batch = rows("x", 1);
    assertThat(refusal(topic, request(topic, batch).setProducer("p")).fields())
        .containsExactly("sequence");
    assertThat(refusal(topic, request(topic, batch).setSequence(1)).fields())
        .containsExactly("producer");
    assertThat(refusal(topic, request(topic, batch).setEpoch(1)).fields()).containsExactly("epoch");
    assertThat(refusal(topic, PublishRequest.newBuilder().setTopic(topic.name())).fields())
        .containsExactly("batch");
    assertThat(refusal(topic, request(topic, batch).setTopic("UPPER")).fields())
        .containsExactly("topic");
    CallFailure malformed = refusal(topic, request(topic, malformed("x")));
    assertThat(malformed.fields()).isNotEmpty();
    assertThat(malformed.metadata()).containsKey("rows");
    assertThat(refusal(topic, request(topic, ids(0, 1))).reason()).isEqualTo("UNKNOWN_SENSOR_ID");
    assertThat(topic.stored()).isEmpty();
  }

  private static CallFailure refusal(TestTopic topic, PublishRequest.Builder request) {
    CallFailure refusal = CallFailure.by(() -> topic.writer().publish(request.build()));
    assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.domain()).isEqualTo("weir.dev");
    return refusal;
  }
}
