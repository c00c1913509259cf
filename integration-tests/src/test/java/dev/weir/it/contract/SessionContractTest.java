package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Credit;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListSessionsResponse;
import dev.weir.v1.Phase;
import dev.weir.v1.Session;
import dev.weir.v1.StallReason;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sessions as operators see them, and why subscriptions do not move. */
final class SessionContractTest extends ContractTest {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static GetSessionResponse session(TestTopic topic, String id) {
    return SessionQueries.admin(topic).getSession(GetSessionRequest.newBuilder().setId(id).build());
  }

  private static String id(RawSubscribeSession subscriber) {
    return subscriber
        .responses()
        .await("opened", SubscribeResponse::hasOpened)
        .getOpened()
        .getSession();
  }

  private static SubscriptionState state(TestTopic topic, String session, int id) {
    return session(topic, session).getSubscriptionsList().stream()
        .filter(state -> state.getSubscription().getId() == id)
        .findFirst()
        .orElseThrow();
  }

  @EachSetup
  void everyStall_hasItsReason_andItsAdvice(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder nobody = subscriber.everything(3);
    nobody.getSelectorBuilder().clearAll().addNames("nobody");
    subscriber.open(
        subscriber.everything(1),
        subscriber.everything(2).setCredit(Credit.newBuilder().setReadings(0)),
        nobody);
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    subscriber.awaitPhase(3, Phase.PHASE_CAUGHT_UP);
    subscriber.awaitStatus(2);
    String id = id(subscriber);
    List<StallReason> reasons =
        List.of(
            StallReason.STALL_REASON_CAUGHT_UP,
            StallReason.STALL_REASON_NO_CREDIT,
            StallReason.STALL_REASON_FILTER_MATCHES_NOTHING);
    for (int n = 1; n <= 3; n++) {
      int number = n;
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(state(topic, id, number).getStall())
                      .isEqualTo(reasons.get(number - 1)));
      assertThat(state(topic, id, number).getAdvice()).isNotEmpty();
    }
    SubscriptionState first = state(topic, id, 1);
    assertThat(first.getDeliveredReadings()).isEqualTo(setup.partitions());
    assertThat(first.getProgress().getLagReadings()).isZero();
    assertThat(first.hasLastDeliveryTime()).isTrue();
    SubscriptionState held = state(topic, id, 2);
    assertThat(held.getProgress().getLagReadings()).isEqualTo(setup.partitions());
    assertThat(held.getProgress().getCreditReadingsLeft()).isZero();
    assertThat(held.hasLastDeliveryTime()).isFalse();
  }

  @EachTransport
  void subscriptionsOfASession_areShownInPages(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1),
        subscriber.everything(2),
        subscriber.everything(3),
        subscriber.everything(4),
        subscriber.everything(5));
    for (int n = 1; n <= 5; n++) {
      subscriber.awaitPhase(n, Phase.PHASE_CAUGHT_UP);
    }
    GetSessionRequest.Builder next =
        GetSessionRequest.newBuilder().setId(id(subscriber)).setPageSize(2);
    List<Integer> shown = new ArrayList<>();
    do {
      GetSessionResponse page = SessionQueries.admin(topic).getSession(next.build());
      assertThat(page.getSession().getId()).isEqualTo(next.getId());
      assertThat(page.getSubscriptionsCount()).isBetween(1, 2);
      page.getSubscriptionsList().forEach(state -> shown.add(state.getSubscription().getId()));
      next.setPageToken(page.getNextPageToken());
    } while (!next.getPageToken().isEmpty());
    assertThat(shown).containsExactly(1, 2, 3, 4, 5);
  }

  @EachTransport
  void sessions_areListedInPages_andPublishersSayWhatTheyOwe(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    RawPublishSession publisher = topic.publisher();
    String publishing = publisher.open("p", 0).getSession();
    publisher.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));
    List<String> ids = new ArrayList<>(List.of(publishing));
    for (int i = 0; i < 4; i++) {
      ids.add(id(topic.subscriber().open()));
    }
    List<String> listed = new ArrayList<>();
    String token = "";
    do {
      ListSessionsResponse page =
          SessionQueries.admin(topic)
              .listSessions(
                  ListSessionsRequest.newBuilder().setPageSize(2).setPageToken(token).build());
      assertThat(page.getSessionsCount()).isLessThanOrEqualTo(2);
      page.getSessionsList().stream().map(Session::getId).forEach(listed::add);
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(listed).containsExactlyInAnyOrderElementsOf(ids);
    GetSessionResponse found = session(topic, publishing);
    assertThat(found.getSession().getMethod()).isEqualTo("PublishStream");
    assertThat(found.getSession().getClient()).isEqualTo("contract-test");
    assertThat(found.getPublisher().getTopic()).isEqualTo(topic.name());
    assertThat(found.getPublisher().getProducer()).isEqualTo("p");
    assertThat(found.getPublisher().getUnsettledBatches()).isZero();
  }

  @EachTransport
  void endSession_endsTheCall_withTheOperatorsWords(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    RawPublishSession publisher = topic.publisher();
    String publishing = publisher.open("p", 0).getSession();
    for (String id : List.of(id(subscriber), publishing)) {
      SessionQueries.admin(topic)
          .endSession(
              EndSessionRequest.newBuilder().setId(id).setMessage("please come later").build());
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(CallFailure.by(() -> session(topic, id)).reason())
                      .isEqualTo("SESSION_NOT_FOUND"));
    }
    for (CallFailure end : List.of(subscriber.awaitEnd(), publisher.awaitEnd())) {
      assertThat(end.reason()).isEqualTo("SESSION_ENDED");
      assertThat(end.message()).contains("please come later");
    }
    EndSessionRequest unknown = EndSessionRequest.newBuilder().setId("no such").build();
    CallFailure refusal = CallFailure.by(() -> SessionQueries.admin(topic).endSession(unknown));
    assertThat(refusal.code()).isEqualTo(Status.Code.NOT_FOUND);
  }
}
