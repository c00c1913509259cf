package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Format;
import dev.weir.v1.Selector;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What subscriptions are charged, and what happens when there is no room for more. */
class SubscriptionBudgetTest extends SubscribeSessionFixture {
  private Budget sessions() {
    return context.context.admission().budgets().sessions();
  }

  private void withBytes(long bytes) {
    with(Limits.defaults().with(Limit.SESSION_BUDGET_BYTES, bytes), 1 << 20);
  }

  private static List<SubscribeResponse> refused(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream().filter(response -> response.getStatus().hasProblem()).toList();
  }

  @Test
  void subscriptions_areChargedUntilTheyEnd_andBeyondTheBudgetRefusedByItsName() {
    withBytes(20_000);
    TestPeer<SubscribeResponse> peer = opened();
    for (int id = 1; id <= 20; id++) {
      peer.send(add(all(id)));
      context.run();
    }
    assertThat(sessions().used()).isBetween(15_000L, 20_000L);
    assertThat(refused(peer)).isNotEmpty();
    assertThat(refused(peer).get(0).getStatus().getProblem())
        .satisfies(
            problem -> {
              assertThat(problem.getReason()).isEqualTo(ErrorCode.OVERLOADED.name());
              assertThat(problem.getMessage()).contains("session_budget_bytes", "20000");
              assertThat(problem.hasRetryDelay()).isTrue();
            });
    assertThat(sessions().refusals()).isEqualTo(refused(peer).size());
    peer.close();
    context.run();
    context.context.selections().sweep();
    context.context.selections().sweep();
    assertThat(sessions().used()).isZero();
  }

  @Test
  void longSelector_isChargedByItsTexts() {
    withBytes(1 << 20);
    TestPeer<SubscribeResponse> peer = opened();
    Selector names =
        Selector.newBuilder()
            .addAllNames(IntStream.range(0, 5_000).mapToObj(i -> "sensor" + i).toList())
            .build();
    peer.send(add(all(1).setSelector(names)));
    context.run();
    assertThat(refused(peer)).isEmpty();
    assertThat(sessions().used()).isGreaterThan(5_000 * 100);
    peer.send(add(all(2).setSelector(names)));
    context.run();
    assertThat(refused(peer)).hasSize(1);
    peer.close();
    context.run();
    context.context.selections().sweep();
    context.context.selections().sweep();
    assertThat(sessions().used()).isZero();
  }

  @Test
  void subscriptionLargerThanTheBudget_isTooLarge_andNotToBeRetried() {
    withBytes(20_000);
    TestPeer<SubscribeResponse> peer = opened();
    Selector names =
        Selector.newBuilder()
            .addAllNames(IntStream.range(0, 1_000).mapToObj(i -> "sensor" + i).toList())
            .build();
    peer.send(add(all(1).setSelector(names)));
    context.run();
    assertThat(refused(peer).get(0).getStatus().getProblem())
        .satisfies(
            problem -> {
              assertThat(problem.getReason()).isEqualTo(ErrorCode.TOO_LARGE.name());
              assertThat(problem.getMessage()).contains("session_budget_bytes (20000)");
              assertThat(problem.hasRetryDelay()).isFalse();
            });
    assertThat(sessions().used()).isZero();
  }

  @Test
  void view_isChargedOnce_andItsSubscriptionsRefusedWhereThereIsNoRoom() {
    withBytes(20_000);
    TestPeer<SubscribeResponse> peer = opened();
    Subscription.Builder some =
        all(1).setFormat(Format.FORMAT_COLUMNS).setSelector(Selector.newBuilder().addGlobs("a/*"));
    peer.send(add(some));
    context.run();
    assertThat(refused(peer)).isEmpty();
    long one = sessions().used();
    assertThat(one).as("its ring").isGreaterThan(4_096);
    peer.send(add(some.setId(2)));
    context.run();
    assertThat(sessions().used() - one).as("it is shared").isLessThan(4_096);
    for (int id = 3; id < 8; id++) {
      peer.send(add(some.setId(id).setSelector(Selector.newBuilder().addGlobs(id + "/*"))));
      context.run();
    }
    assertThat(refused(peer)).isNotEmpty();
    assertThat(refused(peer).get(0).getStatus().getProblem().getMessage())
        .contains("session_budget_bytes", "selection");
    peer.close();
    context.run();
    context.context.selections().sweep();
    context.context.selections().sweep();
    assertThat(sessions().used()).isZero();
  }

  @Test
  void toldSensors_areCharged_andForgottenWithTheSession() {
    withBytes(1 << 20);
    context.topic("t", 1);
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(add(all(1).setFormat(Format.FORMAT_COLUMNS)));
    context.run();
    long before = sessions().used();
    publishText("s", 1);
    context.run();
    assertThat(peer.got).anyMatch(SubscribeResponse::hasSensors);
    assertThat(sessions().used()).isGreaterThan(before);
    peer.close();
    context.run();
    context.context.selections().sweep();
    context.context.selections().sweep();
    assertThat(sessions().used()).isZero();
  }

  @Test
  void subscriberThatCannotBeToldSensors_ends_andHoldsNothing() {
    withBytes(1 << 20);
    context.topic("t", 1);
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(add(all(1).setFormat(Format.FORMAT_COLUMNS)));
    context.run();
    long rest = sessions().max() - sessions().used();
    sessions().take(rest);
    publishText("s", 1);
    context.run();
    assertThat(peer.failed.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(peer.failed.message()).contains("session_budget_bytes");
    assertThat(peer.got).noneMatch(SubscribeResponse::hasDelivery);
    assertThat(sessions().used()).isLessThanOrEqualTo(sessions().max());
    context.run();
    context.context.selections().sweep();
    context.context.selections().sweep();
    assertThat(sessions().used()).isEqualTo(rest);
  }
}
