package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.session.TestPeer;
import dev.weir.v1.Commit;
import dev.weir.v1.Credit;
import dev.weir.v1.FieldViolation;
import dev.weir.v1.Problem;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ids of subscriptions that are in use or unknown: the field and the subscription are named. */
class SubscribeSessionRefusalTest extends SubscribeSessionFixture {
  private static List<SubscriptionStatus> statuses(TestPeer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasStatus)
        .map(SubscribeResponse::getStatus)
        .toList();
  }

  private static void assertNamed(Problem problem, String reason, String field, int id) {
    assertThat(problem.getReason()).isEqualTo(reason);
    assertThat(problem.getFieldViolationsList())
        .extracting(FieldViolation::getField)
        .containsExactly(field);
    assertThat(problem.getFieldViolations(0).getDescription()).contains("subscription " + id);
    assertThat(problem.getMessage()).contains("subscription " + id);
  }

  private static SubscribeRequest commit(int id) {
    return SubscribeRequest.newBuilder().setCommit(Commit.newBuilder().setSubscription(id)).build();
  }

  @Test
  void idInUse_isRefusedByItsFieldAndTheFirstGoesOn() {
    TestPeer<SubscribeResponse> peer = opened(all(71));
    peer.send(add(all(71).setCredit(Credit.newBuilder().setReadings(0))));
    context.run();
    SubscriptionStatus refused = peer.last().getStatus();
    assertThat(refused.getSubscription()).isEqualTo(71);
    assertNamed(refused.getProblem(), "SUBSCRIPTION_EXISTS", "id", 71);
    publish("x", 1);
    context.run();
    assertThat(readings(peer, 71)).isEqualTo(1);
    assertReleased(peer);
  }

  @Test
  void idStillStarting_isInUseToo() {
    TestPeer<SubscribeResponse> peer = opened();
    peer.send(add(all(71))).send(add(all(71)));
    assertThat(statuses(peer)).hasSize(1);
    assertNamed(statuses(peer).get(0).getProblem(), "SUBSCRIPTION_EXISTS", "id", 71);
    context.run();
    assertThat(statuses(peer).get(1).hasEffective()).isTrue();
    assertReleased(peer);
  }

  @Test
  void idTwiceInOneOpen_isRefusedOnceAndTheFirstAndTheOthersStart() {
    Subscription.Builder second = all(71);
    second.getSelectorBuilder().setAll(false).addNames("y");
    TestPeer<SubscribeResponse> peer = opened(all(71), second, all(72));
    List<SubscriptionStatus> refused =
        statuses(peer).stream().filter(SubscriptionStatus::hasProblem).toList();
    assertThat(refused).extracting(SubscriptionStatus::getSubscription).containsExactly(71);
    assertNamed(refused.get(0).getProblem(), "SUBSCRIPTION_EXISTS", "id", 71);
    List<SubscriptionStatus> started =
        statuses(peer).stream().filter(SubscriptionStatus::hasEffective).toList();
    assertThat(started).extracting(SubscriptionStatus::getSubscription).containsExactly(71, 72);
    assertThat(started.get(0).getEffective().getSelector().getAll()).as("the first").isTrue();
    publish("x", 1, 2);
    context.run();
    assertThat(readings(peer, 71)).isEqualTo(2);
    assertThat(readings(peer, 72)).isEqualTo(2);
    assertReleased(peer);
    assertThat(context.views.size()).isZero();
  }

  @Test
  void unknownIds_areRefusedByTheFieldOfTheirRequest() {
    TestPeer<SubscribeResponse> peer = opened(all(1));
    List<SubscribeRequest> requests = List.of(remove(79), grant(79, 5), commit(79));
    List<String> fields =
        List.of("remove.subscription", "credit.subscription", "commit.subscription");
    for (int i = 0; i < requests.size(); i++) {
      peer.send(requests.get(i));
      context.run();
      Problem problem = peer.last().getRefused().getProblem();
      assertNamed(problem, "SUBSCRIPTION_NOT_FOUND", fields.get(i), 79);
    }
    publish("x", 1);
    context.run();
    assertThat(readings(peer, 1)).as("others go on").isEqualTo(1);
    assertReleased(peer);
  }

  @Test
  void removedId_isUnknownFromThenOn() {
    TestPeer<SubscribeResponse> peer = opened(all(71));
    peer.send(remove(71)).send(remove(71));
    context.run();
    assertNamed(
        peer.last().getRefused().getProblem(), "SUBSCRIPTION_NOT_FOUND", "remove.subscription", 71);
    assertReleased(peer);
  }
}
