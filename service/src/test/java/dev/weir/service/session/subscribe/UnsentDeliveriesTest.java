package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.Format;
import dev.weir.v1.Kind;
import dev.weir.v1.Phase;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What subscribers get while connections do not take what they are given. */
class UnsentDeliveriesTest extends SubscribeSessionFixture {
  private static final int BUDGET = 1 << 20;

  private List<Delivery> deliveries(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasDelivery)
        .map(SubscribeResponse::getDelivery)
        .toList();
  }

  private void use(long bytes) {
    context.context.admission().unsent().take(bytes);
  }

  @Test
  void deliveries_shrinkAsTheBudgetIsUsed_andNobodyIsLeftWithout() {
    with(Limits.defaults().with(Limit.UNSENT_BUDGET_BYTES, BUDGET), 1 << 20);
    for (int i = 0; i < 100; i++) {
      publishText("s", 200);
    }
    TestPeer<SubscribeResponse> free = opened(all(1));
    assertThat(deliveries(free)).hasSize(1);
    free.close();

    TestPeer<SubscribeResponse> tight = opened();
    tight.ready(false);
    tight.send(add(all(1)));
    context.run();
    use(2 * BUDGET);
    tight.ready(true);
    context.run();
    List<Delivery> small = deliveries(tight);
    assertThat(small.size()).isGreaterThan(3);
    assertThat(small).allSatisfy(one -> assertThat(one.getChargedBytes()).isLessThan(4_500));
    assertThat(small.stream().mapToLong(Delivery::getChargedReadings).sum()).isEqualTo(100);
  }

  @Test
  void whatIsFetched_isCountedUntilItIsGivenToTheCall_andShrinksToo() {
    with(Limits.defaults().with(Limit.UNSENT_BUDGET_BYTES, BUDGET), 1 << 20);
    for (int i = 0; i < 100; i++) {
      publishText("s", 200);
    }
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(add(all(1).setFormat(Format.FORMAT_ROWS)));
    while (context.control.runOne() || context.loop.runOne()) {
      // until it waits for the log
    }
    peer.ready(false);
    context.run();
    Budget unsent = context.context.admission().unsent();
    assertThat(unsent.used()).isGreaterThan(100 * 200);
    peer.ready(true);
    assertThat(deliveries(peer)).hasSize(1);
    assertThat(unsent.used()).isZero();

    TestPeer<SubscribeResponse> tight = opened();
    tight.send(add(all(1).setFormat(Format.FORMAT_ROWS)));
    while (context.control.runOne()) {
      // until it is resolved
    }
    use(2 * BUDGET);
    context.run();
    List<Delivery> small = deliveries(tight);
    assertThat(small.size()).isGreaterThan(3);
    assertThat(small).allSatisfy(one -> assertThat(one.getChargedBytes()).isLessThan(4_500));
    assertThat(unsent.used()).isEqualTo(2 * BUDGET);
    tight.close();
    assertThat(unsent.used()).isEqualTo(2 * BUDGET);
  }

  @Test
  void sensorsOfADelivery_areToldOneMessageAtATime_andNothingComesBetween() {
    Batch.Builder batch = Batch.newBuilder();
    for (int i = 0; i < 20; i++) {
      Sensor.Builder sensor = Sensor.newBuilder().setName("s" + i).setKind(Kind.KIND_INTEGER);
      for (int label = 0; label < 20; label++) {
        sensor.putLabels("label" + label, "v".repeat(200));
      }
      batch.addSensors(sensor);
      batch.addRows(Reading.newBuilder().setSensor("s" + i).setInteger(i));
    }
    publish(batch.build());
    TestPeer<SubscribeResponse> peer = opened();
    peer.onSent(() -> peer.ready(false));
    peer.send(add(all(1).setMaxMessageBytes(16 << 10)));
    context.run();
    while (peer.got.stream().noneMatch(SubscribeResponse::hasSensors)) {
      peer.ready(true);
      context.run();
    }
    Budget unsent = context.context.admission().unsent();
    assertThat(unsent.used()).as("the delivery waits").isPositive();
    peer.send(remove(1));
    context.run();
    int said = peer.got.size();
    for (int more = 1; !peer.last().hasEnd(); more++) {
      peer.ready(true);
      context.run();
      assertThat(peer.got).hasSize(said + more);
    }
    assertThat(unsent.used()).isZero();
    List<SubscribeResponse> last = peer.got.subList(said - 1, peer.got.size());
    int messages = last.size() - 2;
    assertThat(messages).isGreaterThan(3);
    assertThat(last.subList(0, messages)).allMatch(SubscribeResponse::hasSensors);
    assertThat(last.stream().mapToInt(one -> one.getSensors().getSensorsCount()).sum())
        .isEqualTo(20);
    assertThat(last.get(messages).getDelivery().getChargedReadings()).isEqualTo(20);
    assertReleased(peer);
  }

  @Test
  void sessionThatEndsAmongTheSensorsOfADelivery_holdsNothing() {
    publish("s", 1);
    TestPeer<SubscribeResponse> peer = opened();
    peer.onSent(() -> peer.ready(false));
    peer.send(add(all(1)));
    context.run();
    while (peer.got.stream().noneMatch(SubscribeResponse::hasSensors)) {
      peer.ready(true);
      context.run();
    }
    Budget unsent = context.context.admission().unsent();
    assertThat(unsent.used()).isPositive();
    assertReleased(peer);
    assertThat(unsent.used()).isZero();
  }

  @Test
  void budgetNearlyUsed_refusesNewSubscriptions_andTheSessionGoesOn() {
    with(Limits.defaults().with(Limit.UNSENT_BUDGET_BYTES, BUDGET), 1 << 20);
    use(BUDGET);
    TestPeer<SubscribeResponse> peer = opened(all(1));
    assertThat(peer.last().getStatus().getProblem().getReason())
        .isEqualTo(ErrorCode.OVERLOADED.name());
    assertThat(peer.last().getStatus().getProblem().hasRetryDelay()).isTrue();
    assertThat(context.context.admission().unsent().refusals()).isEqualTo(1);
    use(-BUDGET);
    peer.send(add(all(1)));
    context.run();
    assertThat(peer.got).filteredOn(SubscribeResponse::hasStatus).hasSize(2);
    assertThat(peer.last().getPhase().getPhase()).isEqualTo(Phase.PHASE_CAUGHT_UP);
  }
}
