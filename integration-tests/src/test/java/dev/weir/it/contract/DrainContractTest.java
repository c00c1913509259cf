package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.CallRecorder;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.GoingAway;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Planned ends of sessions: a drain, and the greatest age. */
final class DrainContractTest extends ContractTest {
  private static final String GOING_AWAY = "going_away";

  /** The drain takes what it is given: one session a second would need longer. */
  private static Limits drainOf(long millis) {
    return quick().with(Limit.DRAIN_MS, millis).with(Limit.DRAIN_SESSIONS_PER_SECOND, 1);
  }

  private static Duration of(com.google.protobuf.Duration duration) {
    return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }

  private static GoingAway goingAway(RawPublishSession publisher) {
    return publisher
        .responses()
        .await("going_away", PublishStreamResponse::hasGoingAway)
        .getGoingAway();
  }

  private static GoingAway goingAway(RawSubscribeSession subscriber) {
    return subscriber
        .responses()
        .await("going_away", SubscribeResponse::hasGoingAway)
        .getGoingAway();
  }

  @EachSetup
  void contract17_drain_isAnnounced_acksAreFlushed_andResumingLosesNothing(TransportSetup setup)
      throws Exception {
    TestTopic topic = topicOfOwnServer(setup, drainOf(2_000));
    TestServer server = topic.server();
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0, GOING_AWAY);
    publisher.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(List.of(GOING_AWAY), subscriber.everything(7));
    subscriber.awaitReadings(7, 1);

    CompletableFuture<Void> drained = server.drain();
    GoingAway told = goingAway(publisher);
    assertThat(told.getProblem().getReason()).isEqualTo("SHUTTING_DOWN");
    assertThat(of(told.getReconnectDelay())).isBetween(Duration.ZERO, Duration.ofSeconds(2));
    assertThat(of(told.getDeadline())).isGreaterThan(of(told.getReconnectDelay()));
    String position = goingAway(subscriber).getCursors(0).getCursor();
    assertThat(goingAway(subscriber).getCursors(0).getSubscription()).isEqualTo(7);

    for (int sequence = 2; sequence <= 20; sequence++) {
      publisher.send(0, sequence, TestBatches.rows(topic.sensor(0, 0), sequence));
    }
    publisher.halfClose();
    assertThat(publisher.awaitEnd().code()).isEqualTo(Status.Code.OK);
    assertThat(publisher.acked(0)).as("all that was sent is answered").isEqualTo(20);
    subscriber.awaitReadings(7, 5);
    subscriber.remove(7);
    subscriber.halfClose();
    assertThat(subscriber.awaitEnd().code()).isEqualTo(Status.Code.OK);
    drained.get(20, TimeUnit.SECONDS);
    int seen = subscriber.readings(7).size();
    String cursor = subscriber.lastCursor(7);
    server.stopWithOpenCalls();

    server.startAgain();
    RawSubscribeSession again = topic.subscriber();
    again.open(rest(again, 1, cursor), rest(again, 2, position));
    again.awaitEnd(1);
    again.awaitEnd(2);
    assertThat(again.readings(1)).hasSize(20 - seen);
    assertThat(again.readings(2)).as("behind the position it was told").hasSize(19);
    assertThat(topic.values(0)).hasSize(20).isSorted();
  }

  private static Subscription.Builder rest(RawSubscribeSession subscriber, int id, String cursor) {
    Subscription.Builder rest = subscriber.everything(id);
    rest.getStartBuilder().setAfterCursor(cursor);
    rest.getUntilBuilder().setNow(true);
    return rest;
  }

  @EachSetup
  void clientsThatDoNotListen_areEndedBehindTheirAcks(TransportSetup setup) throws Exception {
    TestTopic topic = topicOfOwnServer(setup, drainOf(300));
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    CallRecorder<TailRequest, TailResponse> tail = new CallRecorder<>(false);
    SubscribeServiceGrpc.newStub(topic.server().channel())
        .tail(TailRequest.newBuilder().setTopic(topic.name()).build(), tail);
    tail.await("started", TailResponse::hasStarted);

    CompletableFuture<Void> drained = topic.server().drain();
    for (int sequence = 1; sequence <= 500 && !publisher.responses().isOver(); sequence++) {
      publisher.responses().awaitReadyOrEnd();
      publisher.send(0, sequence, TestBatches.rows(topic.sensor(0, 0), sequence));
    }
    assertThat(publisher.awaitEnd().reason()).isEqualTo("SHUTTING_DOWN");
    assertThat(subscriber.awaitEnd().reason()).isEqualTo("SHUTTING_DOWN");
    assertThat(tail.awaitEnd().reason()).isEqualTo("SHUTTING_DOWN");
    assertThat(subscriber.responses().all()).noneMatch(SubscribeResponse::hasGoingAway);
    drained.get(20, TimeUnit.SECONDS);
    long acked = publisher.acked(0);
    topic.server().stopWithOpenCalls();
    topic.server().startAgain();
    assertThat(topic.values(0)).as("what is stored was acknowledged").hasSize((int) acked);
  }

  @EachTransport
  void drainingServer_refusesSessions_answersUnaryCalls_andIsNotServing(TransportSetup setup)
      throws Exception {
    TestTopic topic = topicOfOwnServer(setup, drainOf(2_000));
    RawSubscribeSession stays = topic.subscriber();
    stays.open(List.of(GOING_AWAY), stays.everything(1));
    CompletableFuture<Void> drained = topic.server().drain();
    goingAway(stays);

    CallFailure publish = topic.publisher().sendOpen("p", 0).awaitEnd();
    CallFailure tail =
        CallFailure.by(
            () ->
                topic
                    .reader()
                    .tail(TailRequest.newBuilder().setTopic(topic.name()).build())
                    .next());
    for (CallFailure refused : List.of(publish, tail)) {
      assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refused.reason()).isEqualTo("SHUTTING_DOWN");
      assertThat(refused.retryNanos()).isPositive();
    }
    topic
        .writer()
        .publish(
            PublishRequest.newBuilder()
                .setTopic(topic.name())
                .setBatch(TestBatches.rows(topic.sensor(0, 0), 1))
                .build());
    stays.awaitReadings(1, 1);
    assertThat(
            HealthGrpc.newBlockingStub(topic.server().channel())
                .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.NOT_SERVING);

    assertThat(stays.awaitEnd().reason()).as("at its deadline").isEqualTo("SHUTTING_DOWN");
    drained.get(20, TimeUnit.SECONDS);
  }

  @EachTransport
  void whoWatchesHealthOrAsksReflection_isEndedAtOnce(TransportSetup setup) throws Exception {
    TestServer server = server(setup, quick().with(Limit.SHUTDOWN_GRACE_MS, 60_000));
    CallRecorder<HealthCheckRequest, HealthCheckResponse> watch = new CallRecorder<>(false);
    HealthGrpc.newStub(server.channel()).watch(HealthCheckRequest.getDefaultInstance(), watch);
    watch.await("serving", response -> response.getStatus() == ServingStatus.SERVING);
    CallRecorder<ServerReflectionRequest, ServerReflectionResponse> answers =
        new CallRecorder<>(false);
    ServerReflectionGrpc.newStub(server.channel())
        .serverReflectionInfo(answers)
        .onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    answers.await("the list", ServerReflectionResponse::hasListServicesResponse);

    CompletableFuture.runAsync(server::stopWithOpenCalls).get(20, TimeUnit.SECONDS);
    assertThat(watch.awaitEnd().reason()).isEqualTo("SHUTTING_DOWN");
    assertThat(watch.all())
        .extracting(HealthCheckResponse::getStatus)
        .containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
    assertThat(answers.awaitEnd().reason()).isEqualTo("SHUTTING_DOWN");
  }

  @EachTransport
  void maxAge_sessionThatHasIt_isAskedToLeave_andAnotherOneGoesOn(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.SESSION_AGE_MS_MAX, 1_000));
    RawPublishSession listens = topic.publisher();
    listens.open("a", 0, GOING_AWAY);
    RawPublishSession deaf = topic.publisher();
    deaf.open("b", 0);
    listens.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));
    assertThat(goingAway(listens).getProblem().getReason()).isEqualTo("SESSION_TOO_OLD");
    listens.send(0, 2, TestBatches.rows(topic.sensor(0, 0), 2));
    listens.halfClose();
    assertThat(listens.awaitEnd().code()).isEqualTo(Status.Code.OK);
    assertThat(listens.acked(0)).isEqualTo(2);
    assertThat(deaf.awaitEnd().reason()).isEqualTo("SESSION_TOO_OLD");

    RawPublishSession next = topic.publisher();
    assertThat(next.open("a", 1).getLastSequences(0).getLastSequence()).isEqualTo(2);
    next.store(0, 3, TestBatches.rows(topic.sensor(0, 0), 3));
    assertThat(topic.values(0)).containsExactly(1.0, 2.0, 3.0);
  }
}
