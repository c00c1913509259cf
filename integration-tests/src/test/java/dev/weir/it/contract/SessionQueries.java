package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.TestTopic;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.Session;
import dev.weir.v1.SubscriptionState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Open sessions as operators see them. Stateless. */
final class SessionQueries {
  private SessionQueries() {}

  static AdminServiceGrpc.AdminServiceBlockingStub admin(TestTopic topic) {
    return AdminServiceGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Returns how many readings were delivered to the only subscription of a topic that stalls for a
   * reason.
   */
  static long deliveredReadings(TestTopic topic, String stall) {
    List<SubscriptionState> stalled = new ArrayList<>();
    var all = admin(topic).listSessions(ListSessionsRequest.newBuilder().setPageSize(100).build());
    for (Session session : all.getSessionsList()) {
      admin(topic)
          .getSession(GetSessionRequest.newBuilder().setId(session.getId()).build())
          .getSubscriptionsList()
          .stream()
          .filter(state -> state.getSubscription().getTopic().equals(topic.name()))
          .filter(state -> state.getStall().name().endsWith(stall))
          .forEach(stalled::add);
    }
    assertThat(stalled).as("subscriptions that stall for %s", stall).hasSize(1);
    return stalled.get(0).getDeliveredReadings();
  }
}
