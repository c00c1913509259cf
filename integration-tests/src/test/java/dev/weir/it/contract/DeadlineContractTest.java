package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.Topic;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Deadlines: the error of a call whose time is over, and what became of its work. Netty only. */
final class DeadlineContractTest extends ContractTest {
  private static final int SHORT_MILLIS = 250;
  private static final String HELD = "held";

  /** Holds for the calls that check, too. */
  private static final int SERVER_MILLIS = 500;

  /** The number of the server's sessions; none of them may be lost. */
  private static final int PLACES = 2;

  /** Time to open a session, too. */
  private static final int STREAM_MILLIS = 1_000;

  /** The moment at which the time is over. */
  private enum Moment {
    /** The append waits for the one control thread. */
    BEFORE_THE_APPEND,
    /** It is written, and its sync is under way. */
    AFTER_THE_APPEND
  }

  /** The side that sets the bound. */
  private enum Bound {
    CLIENT,
    SERVER
  }

  static Stream<Arguments> storingCalls() {
    return Stream.of(StoringCall.values())
        .flatMap(
            call ->
                Stream.of(Moment.values())
                    .flatMap(
                        moment ->
                            Stream.of(Bound.values())
                                .filter(bound -> bound == Bound.CLIENT || call.isUnary())
                                .map(bound -> Arguments.of(call, moment, bound))));
  }

  @ParameterizedTest
  @MethodSource("storingCalls")
  void timeOver_isToldAsSuch_andAllOrNothingIsStored_andARepetitionFindsOut(
      StoringCall call, Moment moment, Bound bound) {
    TestTopic topic = topicOfOneControlThread(bound, 100);
    FaultyFiles disk = topic.server().files();
    int millis = call.isUnary() ? SHORT_MILLIS : STREAM_MILLIS;
    boolean before = moment == Moment.BEFORE_THE_APPEND;
    StoringCall.Attempt attempt =
        call.begin(topic, bound == Bound.CLIENT ? within(topic, millis) : within(topic, 20_000));
    if (before) {
      holdControlThread(topic);
    } else {
      disk.set(FaultyFiles.Fault.HOLD_SYNC);
    }
    CallFailure refusal = attempt.finish();
    assertThat(disk.heldReads()).isEqualTo(before ? 1 : 0);
    assertThat(disk.heldSyncs()).isEqualTo(before ? 0 : 1);
    releaseControlThread(topic);

    assertThat(refusal.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(refusal.reason()).isEqualTo(bound == Bound.SERVER ? "DEADLINE_EXCEEDED" : "");
    if (before) {
      assertThat(call.timesStored(topic)).isZero();
    } else {
      await("it is stored").until(() -> call.timesStored(topic) == 1);
    }
    call.repeat(topic)
        .ifPresent(
            duplicate -> {
              assertThat(duplicate).isEqualTo(!before);
              assertThat(call.timesStored(topic)).isEqualTo(1);
            });
  }

  /** A call that reads, or changes what can be asked for, while it waits for the control thread. */
  private record Waiting(String name, boolean unary, BiConsumer<TestTopic, Channel> call) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Arguments> waitingCalls() {
    return Stream.of(
            new Waiting("Read", true, (topic, channel) -> stub(channel).read(read(topic))),
            new Waiting(
                "Tail",
                false,
                (topic, channel) ->
                    stub(channel).tail(topic.everything().build()).forEachRemaining(any -> {})),
            new Waiting(
                "GetLatest",
                true,
                (topic, channel) ->
                    stub(channel)
                        .getLatest(GetLatestRequest.newBuilder().setTopic(topic.name()).build())),
            new Waiting(
                "GetTopic",
                true,
                (topic, channel) ->
                    CatalogServiceGrpc.newBlockingStub(channel)
                        .getTopic(GetTopicRequest.newBuilder().setName(topic.name()).build())))
        .flatMap(
            call ->
                Stream.of(Bound.values())
                    .filter(bound -> bound == Bound.CLIENT || call.unary())
                    .map(bound -> Arguments.of(call, bound)));
  }

  @ParameterizedTest
  @MethodSource("waitingCalls")
  void timeOver_givesThePlaceBack(Waiting call, Bound bound) {
    TestTopic topic = topicOfOneControlThread(bound, PLACES);
    holdControlThread(topic); // by a call that has a place
    Channel channel = within(topic, bound == Bound.CLIENT ? SHORT_MILLIS : 20_000);
    for (int i = 0; i <= PLACES; i++) {
      CallFailure refusal = CallFailure.by(() -> call.call().accept(topic, channel));
      assertThat(refusal.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    releaseControlThread(topic);
    call.call().accept(topic, within(topic, 20_000));
  }

  @Test
  void commitWhoseTimeIsOverInTheQueue_isNotMade() {
    TestTopic topic = topicOfOneControlThread(Bound.CLIENT, 100);
    publish(topic, 1);
    String cursor = topic.reader().read(read(topic)).getNextCursor();
    var commit =
        CommitCursorRequest.newBuilder()
            .setTopic(topic.name())
            .setName("billing")
            .setCursor(cursor)
            .build();
    holdControlThread(topic);
    CallFailure late = CallFailure.by(() -> stub(within(topic, SHORT_MILLIS)).commitCursor(commit));
    assertThat(late.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    releaseControlThread(topic);
    var all = GetCursorsRequest.newBuilder().setTopic(topic.name()).build();
    assertThat(topic.reader().getCursors(all).getCursorsList()).isEmpty();
    assertThat(topic.reader().commitCursor(commit).getCursor()).isEqualTo(cursor);
  }

  @Test
  void callsThatWaitForASync_holdUpNoOtherCall() throws Exception {
    TestTopic topic = topicOfOneControlThread(Bound.CLIENT, 100);
    FaultyFiles disk = topic.server().files();
    Channel channel = topic.server().channel();
    disk.set(FaultyFiles.Fault.HOLD_SYNC);
    var resolve =
        ResolveSensorsRequest.newBuilder()
            .setTopic(topic.name())
            .addSensors(Sensor.newBuilder().setName("new").setKind(Kind.KIND_DOUBLE))
            .build();
    var resolved = CatalogServiceGrpc.newFutureStub(channel).resolveSensors(resolve);
    await("a sync of the sensor").until(() -> disk.heldSyncs() == 1);
    var create =
        CreateTopicRequest.newBuilder().setTopic(Topic.newBuilder().setName("made")).build();
    var created = CatalogServiceGrpc.newFutureStub(channel).createTopic(create);
    await("a sync of the topic").until(() -> disk.heldSyncs() == 2);
    var publish =
        PublishRequest.newBuilder()
            .setTopic("missing")
            .setBatch(rows(topic.sensor(0, 0), 1))
            .build();
    var published = PublishServiceGrpc.newFutureStub(channel).publish(publish);

    var read = stub(within(topic, 20_000)).read(read(topic));
    assertThat(read.getCaughtUp()).isTrue();
    assertThat(List.of(resolved.isDone(), created.isDone(), published.isDone()))
        .containsOnly(false);
    disk.set(FaultyFiles.Fault.NONE);
    assertThat(resolved.get(20, TimeUnit.SECONDS).getBindingsCount()).isEqualTo(1);
    assertThat(created.get(20, TimeUnit.SECONDS).getTopic().getName()).isEqualTo("made");
    assertThat(published.get(20, TimeUnit.SECONDS).getPartsCount()).isEqualTo(1);
  }

  @Test
  void tailThatEndsByDeadline_hasGivenItsLastCursor() {
    TestTopic topic = topic(TransportSetup.NETTY_3);
    for (int value = 0; value < 5; value++) {
      publish(topic, value);
    }
    TailRequest following = topic.everything().clearUntil().build();
    List<Reading> seen = new ArrayList<>();
    CallFailure end =
        CallFailure.by(
            () ->
                stub(within(topic, STREAM_MILLIS))
                    .tail(following)
                    .forEachRemaining(said -> seen.addAll(said.getDelivery().getReadingsList())));
    assertThat(end.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    publish(topic, 5);
    publish(topic, 6);
    assertThat(seen).isNotEmpty();
    String last = seen.get(seen.size() - 1).getCursor();
    List<Double> values = new ArrayList<>();
    seen.forEach(reading -> values.add(reading.getDouble()));
    topic
        .tail(topic.everything().setStart(StartPositions.after(last)).build())
        .forEach(got -> values.add(got.value()));
    assertThat(values).containsExactly(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
  }

  private TestTopic topicOfOneControlThread(Bound bound, int places) {
    TestServer server =
        server(
            TransportSetup.NETTY_1,
            quick()
                .with(Limit.CONTROL_THREADS, 1)
                .with(Limit.SESSIONS_MAX, places)
                .with(Limit.CALL_DEADLINE_MS_MAX, bound == Bound.SERVER ? SERVER_MILLIS : 20_000));
    publish(server.topic(HELD, 1), 0);
    return server.topic("t", 1);
  }

  /** The one control thread looks for a time in a log that cannot be read. */
  private static void holdControlThread(TestTopic topic) {
    FaultyFiles disk = topic.server().files();
    disk.set(FaultyFiles.Fault.HOLD_READ);
    SubscribeServiceGrpc.newFutureStub(topic.server().channel())
        .read(ReadRequest.newBuilder().setTopic(HELD).setStart(StartPositions.from(1)).build());
    await("the control thread is held").until(() -> disk.heldReads() == 1);
  }

  /** Returns when everything that waited for it has been looked at. */
  private static void releaseControlThread(TestTopic topic) {
    // On one connection a later call comes after the end of an earlier one.
    HealthGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
        .check(HealthCheckRequest.getDefaultInstance());
    topic.server().files().set(FaultyFiles.Fault.NONE);
    topic.stored(); // waits for the control thread like the others, and as long as it takes
  }

  private static void publish(TestTopic topic, double value) {
    topic
        .writer()
        .publish(
            PublishRequest.newBuilder()
                .setTopic(topic.name())
                .setBatch(rows(topic.sensor(topic.lastPartition(), 0), value))
                .build());
  }

  private static SubscribeServiceGrpc.SubscribeServiceBlockingStub stub(Channel channel) {
    return SubscribeServiceGrpc.newBlockingStub(channel);
  }

  private static ReadRequest read(TestTopic topic) {
    return ReadRequest.newBuilder()
        .setTopic(topic.name())
        .setStart(StartPositions.earliest())
        .build();
  }

  /** The shared connection, where every call has this deadline. */
  private static Channel within(TestTopic topic, int millis) {
    return ClientInterceptors.intercept(
        topic.server().channel(),
        new ClientInterceptor() {
          @Override
          public <Q, R> ClientCall<Q, R> interceptCall(
              MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            return next.newCall(method, options.withDeadlineAfter(millis, TimeUnit.MILLISECONDS));
          }
        });
  }
}
