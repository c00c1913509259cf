package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

class TailCallTest {
  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 1);

  private TestPeer<TailResponse> start() {
    return new TestPeer<>(
        context, TailResponse.parser(), out -> new TailCall(context.context, context.loop, out));
  }

  private TestPeer<TailResponse> tail(TailRequest.Builder request) {
    TestPeer<TailResponse> peer = start().send(request.setTopic("t").build()).halfClose();
    context.run();
    return peer;
  }

  private void publish(String sensor, long... values) {
    var payload = SampleBatches.named(sensor, values);
    topic
        .partitions()
        .get(0)
        .offer(new PartitionRequest.Append(null, "", 0, 0, payload, result -> {}));
    context.run();
  }

  private static List<Long> values(TestPeer<TailResponse> peer) {
    return peer.got.stream()
        .flatMap(said -> said.getDelivery().getReadingsList().stream())
        .map(Reading::getInteger)
        .toList();
  }

  @Test
  void tail_saysWhereItStartsAtOnceAndFollows() {
    publish("x", 1);
    TestPeer<TailResponse> peer = tail(TailRequest.newBuilder());
    assertThat(peer.got.get(0).getStarted().getCursor()).isEqualTo(topic.headCursor().text());
    assertThat(peer.got.get(1).getPhase().getPhase()).isEqualTo(Phase.PHASE_CAUGHT_UP);
    publish("x", 2, 3);
    publish("y", 4);
    assertThat(values(peer)).containsExactly(2L, 3L, 4L);
    assertThat(peer.ended()).isFalse();
    peer.close();
    publish("x", 5);
    assertThat(values(peer)).hasSize(3);
    assertThat(context.sessions.count()).isZero();
  }

  @Test
  void limit_endsTheCallBehindExactlyThatMany() {
    publish("x", 1, 2, 3);
    TailRequest.Builder two = TailRequest.newBuilder().setLimit(2);
    two.getStartBuilder().setEarliest(true);
    TestPeer<TailResponse> peer = tail(two);
    assertThat(values(peer)).containsExactly(1L, 2L);
    assertThat(peer.last().getEnd().getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(peer.finished).isTrue();
    TailRequest.Builder rest = TailRequest.newBuilder().setLimit(9);
    rest.getUntilBuilder().setNow(true);
    rest.getStartBuilder().setAfterCursor(peer.last().getEnd().getCursor());
    assertThat(values(tail(rest))).containsExactly(3L);
  }

  @Test
  void tailThatEndsWhileAQuotaHoldsItBack_leavesNoTimer() {
    context =
        new TestServerContext(Limits.defaults().with(Limit.CLIENT_DELIVERED_BYTES_PER_SECOND, 1));
    topic = context.topic("t", 1);
    TestPeer<TailResponse> peer = tail(TailRequest.newBuilder());
    publish("x", 1);
    publish("x", 2);
    assertThat(values(peer)).containsExactly(1L);
    assertThat(context.loop.timers()).isEqualTo(1);
    peer.close();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void smallerOfLimitAndCount_counts() {
    publish("x", 1, 2, 3);
    TailRequest.Builder request = TailRequest.newBuilder().setLimit(3);
    request.getStartBuilder().setEarliest(true);
    request.getUntilBuilder().setCount(1);
    assertThat(values(tail(request))).containsExactly(1L);
    assertThat(values(tail(request.setLimit(0)))).containsExactly(1L);
    request.getUntilBuilder().setCount(3);
    assertThat(values(tail(request.setLimit(2)))).containsExactly(1L, 2L);
  }

  @Test
  void columns_comeBehindTheirSensors() {
    publish("x", 1);
    TailRequest.Builder request = TailRequest.newBuilder().setFormat(Format.FORMAT_COLUMNS);
    request.getStartBuilder().setEarliest(true);
    TestPeer<TailResponse> peer = tail(request);
    assertThat(peer.got.get(1).getSensors().getSensors(0).getName()).isEqualTo("x");
    assertThat(peer.got.get(2).getDelivery().getBatchesCount()).isEqualTo(1);
  }

  @Test
  void badRequests_areRefused() {
    assertThat(start().halfClose().failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    TailRequest good = TailRequest.newBuilder().setTopic("t").build();
    assertThat(start().send(good).send(good).failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    TailRequest.Builder cursor = TailRequest.newBuilder();
    cursor.getStartBuilder().setAfterCursor("nonsense");
    assertThat(tail(cursor).failure()).isEqualTo(ErrorCode.CURSOR_INVALID);
    assertThat(start().send(TailRequest.newBuilder().setTopic("No!").build()).failure())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    context.control.refuse(true);
    assertThat(tail(TailRequest.newBuilder()).failure()).isEqualTo(ErrorCode.OVERLOADED);
  }

  @Test
  void callsBeyondTheMostSessions_areRefusedAndGiveBackOnePlaceEach() {
    context = new TestServerContext(Limits.defaults().with(Limit.SESSIONS_MAX, 1));
    TestPeer<TailResponse> first = start();
    for (int i = 0; i < 3; i++) {
      TestPeer<TailResponse> refused = start();
      assertThat(refused.failure()).isEqualTo(ErrorCode.OVERLOADED);
      refused.close();
    }
    assertThat(context.sessions.count()).isEqualTo(1);
    first.close();
    assertThat(context.sessions.count()).isZero();
  }
}
