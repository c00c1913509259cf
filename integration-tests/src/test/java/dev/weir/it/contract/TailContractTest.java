package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.CallRecorder;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Phase;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** Tail. */
final class TailContractTest extends ContractTest {
  private static List<TailResponse> all(TestTopic topic, TailRequest request) {
    List<TailResponse> all = new ArrayList<>();
    topic.reader().tail(request).forEachRemaining(all::add);
    return all;
  }

  private static CallRecorder<TailRequest, TailResponse> follow(
      TestTopic topic, TailRequest request) {
    CallRecorder<TailRequest, TailResponse> recorder = new CallRecorder<>(false);
    SubscribeServiceGrpc.newStub(topic.server().channel()).tail(request, recorder);
    return recorder;
  }

  @EachSetup
  void firstMessage_isSentAtOnce_withTheStart(TransportSetup setup) {
    TestTopic topic = topic(setup);
    var live =
        follow(topic, TailRequest.newBuilder().setTopic(topic.name()).build()); // latest, all, rows
    TailResponse first = live.await("the start", response -> true);
    assertThat(first.getStarted().getCursor()).isNotEmpty();
    live.await("caught up", said -> said.getPhase().getPhase() == Phase.PHASE_CAUGHT_UP);
    TopicFiller.one(topic, 2);
    live.awaitAll(
        "live readings",
        all ->
            all.stream().mapToInt(said -> said.getDelivery().getReadingsCount()).sum()
                == setup.partitions());
    assertThat(
            topic.tail(
                topic
                    .everything()
                    .setStart(StartPositions.after(first.getStarted().getCursor()))
                    .build()))
        .hasSize(setup.partitions());
    live.cancel();
  }

  @EachSetup
  void limit_isExact_andTheSmallerOfLimitAndCountHolds(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> stored = TopicFiller.partitions(topic, 4);
    for (Format format : List.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS)) {
      for (int limit = 1; limit <= 9; limit += 2) {
        TailRequest.Builder request = topic.everything().setFormat(format).setLimit(limit);
        List<TailResponse> all = all(topic, request.build());
        assertThat(topic.tail(request.build())).as("%s %s", format, limit).hasSize(limit);
        TailResponse last = all.get(all.size() - 1);
        assertThat(last.getEnd().getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
        assertThat(
                topic.tail(
                    topic
                        .everything()
                        .setStart(StartPositions.after(last.getEnd().getCursor()))
                        .build()))
            .hasSize(stored.size() - limit);
        request.getUntilBuilder().setCount(2);
        assertThat(topic.tail(request.build())).hasSize(Math.min(2, limit));
      }
    }
  }

  @EachSetup
  void columns_tellSensorsFirst_andHaveNoNames(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.partitions(topic, 2);
    List<TailResponse> all =
        all(topic, topic.everything().setFormat(Format.FORMAT_COLUMNS).build());

    assertThat(all.get(0).hasStarted()).isTrue();
    assertThat(all.get(1).hasSensors()).isTrue();
    assertThat(all)
        .filteredOn(TailResponse::hasDelivery)
        .allMatch(said -> said.getDelivery().getReadingsCount() == 0)
        .allMatch(
            said ->
                said.getDelivery().getBatchesList().stream()
                    .allMatch(batch -> batch.getSensorsCount() == 0));
  }

  @EachTransport
  void secondRequest_orNone_isRefused(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TailRequest wrongTopic = topic.everything().setTopic("NO").build();
    CallFailure refusal = CallFailure.by(() -> topic.tail(wrongTopic));
    assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.fields()).containsExactly("topic");
  }

  @EachSetup
  void slowReader_getsEverything_underBackPressureOnly(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> stored = TopicFiller.partitions(topic, 40);
    CallRecorder<TailRequest, TailResponse> slow = new CallRecorder<>(true);
    SubscribeServiceGrpc.newStub(topic.server().channel()).tail(topic.everything().build(), slow);
    TopicFiller.one(topic, -1);
    assertThat(slow.all()).as("nothing was pulled").isEmpty();

    assertThat(slow.awaitEnd().code()).isEqualTo(Status.Code.OK);
    long readings =
        slow.all().stream().mapToLong(said -> said.getDelivery().getChargedReadings()).sum();
    assertThat(readings).isBetween((long) stored.size(), (long) stored.size() + setup.partitions());
  }
}
