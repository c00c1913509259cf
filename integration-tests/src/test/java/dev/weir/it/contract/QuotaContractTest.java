package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.Phase;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Reject;
import dev.weir.v1.Session;
import dev.weir.v1.StallReason;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;

/** The quotas of one client, and the error beyond them. */
final class QuotaContractTest extends ContractTest {
  private static final Metadata.Key<String> PUSH_BACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private static AdminServiceGrpc.AdminServiceBlockingStub admin(TestTopic topic) {
    return AdminServiceGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static void publish(TestTopic topic, double... values) {
    topic
        .writer()
        .publish(
            PublishRequest.newBuilder()
                .setTopic(topic.name())
                .setBatch(TestBatches.rows(topic.sensor(0, 0), values))
                .build());
  }

  @EachTransport
  void publisherOverItsReadings_isRejectedWithADelay_andStoresTheSameBatchBehindIt(
      TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(setup, quick().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 4));
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    publisher.store(
        0, 1, TestBatches.rows(topic.sensor(0, 0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    publisher.send(0, 2, TestBatches.rows(topic.sensor(0, 0), 13));
    Reject reject = publisher.awaitReject(0, 2);
    assertThat(reject.getProblem().getReason()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(reject.getProblem().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
    assertThat(reject.getProblem().hasRetryDelay()).isTrue();
    assertThat(reject.getExpectedSequence()).isEqualTo(2);
    await("the batch is taken")
        .pollInterval(50, TimeUnit.MILLISECONDS)
        .until(
            () -> {
              publisher.send(0, 2, TestBatches.rows(topic.sensor(0, 0), 13));
              publisher.ping(publisher.rejects(0).size());
              return publisher.acked(0) == 2;
            });
    assertThat(topic.values(0)).hasSize(13).isSorted();
  }

  @EachTransport
  void unaryPublishOverItsBytes_isResourceExhausted_withTheTimeToWait(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(setup, quick().with(Limit.CLIENT_PUBLISHED_BYTES_PER_SECOND, 20));
    publish(topic, 1);
    StatusRuntimeException failed =
        Assertions.catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              for (int i = 0; i < 5; i++) {
                publish(topic, 2);
              }
            });
    CallFailure refused = CallFailure.of(failed);
    assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.reason()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(refused.retryNanos()).isPositive();
    assertThat(Long.parseLong(failed.getTrailers().get(PUSH_BACK))).isPositive();
  }

  @EachTransport
  void storedBatchRepeatedOverTheQuota_isADuplicate(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(setup, quick().with(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 1));
    PublishRequest.Builder request =
        PublishRequest.newBuilder()
            .setTopic(topic.name())
            .setProducer("p")
            .setSequence(1)
            .setBatch(TestBatches.rows(topic.sensor(0, 0), new double[100]));
    assertThat(topic.writer().publish(request.build()).getDuplicate()).isFalse();
    assertThat(topic.writer().publish(request.build()).getDuplicate()).isTrue();
    StatusRuntimeException fresh =
        Assertions.catchThrowableOfType(
            StatusRuntimeException.class,
            () -> topic.writer().publish(request.setSequence(2).build()));
    assertThat(CallFailure.of(fresh).reason()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(topic.values(0)).hasSize(100);
  }

  @EachTransport
  void clientWithItsMostSessions_isRefusedOneMore_andOthersAreNot(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.CLIENT_SESSIONS_MAX, 2));
    RawPublishSession first = topic.publisher();
    first.open("a", 0);
    topic.subscriber().open();
    CallFailure refused = topic.publisher().sendOpen("b", 0).awaitEnd();
    assertThat(refused.reason()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(refused.retryNanos()).isPositive();
    assertThat(topic.tail(topic.everything().build()))
        .as("a Tail has no name: another one")
        .isEmpty();
    first.halfClose();
    first.awaitEnd();
    await("room again")
        .until(
            () -> {
              RawPublishSession next = topic.publisher().sendOpen("b", 0);
              next.responses().awaitAllOrEnd("an answer", all -> !all.isEmpty());
              return !next.responses().isOver();
            });
  }

  @EachTransport
  void clientWithItsMostSubscriptions_isRefusedOneMore_untilOneIsRemoved(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.CLIENT_SUBSCRIPTIONS_MAX, 2));
    RawSubscribeSession one = topic.subscriber().open();
    RawSubscribeSession other = topic.subscriber().open();
    assertThat(one.add(one.everything(1)).hasProblem()).isFalse();
    assertThat(other.add(other.everything(1)).hasProblem()).isFalse();
    SubscriptionStatus refused = one.add(one.everything(2));
    assertThat(refused.getProblem().getReason()).isEqualTo("QUOTA_EXCEEDED");
    assertThat(refused.getProblem().hasRetryDelay()).isTrue();
    other.remove(1);
    assertThat(one.add(one.everything(2)).hasProblem()).isFalse();
  }

  @EachTransport
  void subscriberOverItsBytes_isPausedByQuota_andGetsEverythingInTime(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(
            setup,
            quick()
                .with(Limit.CLIENT_DELIVERED_BYTES_PER_SECOND, 8_000)
                .with(Limit.DELIVERY_BYTES_MAX, 1_024));
    for (int i = 0; i < 200; i++) {
      publish(topic, i);
    }
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    String id =
        admin(topic)
            .listSessions(ListSessionsRequest.getDefaultInstance())
            .getSessionsList()
            .stream()
            .filter(session -> session.getMethod().equals("Subscribe"))
            .map(Session::getId)
            .findFirst()
            .orElseThrow();
    await("paused")
        .until(
            () -> {
              GetSessionResponse seen =
                  admin(topic).getSession(GetSessionRequest.newBuilder().setId(id).build());
              return seen.getSubscriptionsCount() == 1
                  && seen.getSubscriptions(0).getStall() == StallReason.STALL_REASON_PAUSED_BY_QUOTA
                  && seen.getSubscriptions(0)
                      .getAdvice()
                      .contains("client_delivered_bytes_per_second");
            });
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    assertThat(subscriber.readings(1)).hasSize(200);
  }
}
