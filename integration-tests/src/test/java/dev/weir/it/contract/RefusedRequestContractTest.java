package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.CallRecorder;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.ServerConfig;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.ListSensorsRequest;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.Mode;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Subscription;
import dev.weir.v1.TailRequest;
import dev.weir.v1.Topic;
import dev.weir.v1.Until;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * Wrong requests are refused with a message of ours that names what is wrong, and change nothing.
 */
final class RefusedRequestContractTest extends ContractTest {
  private static final byte[] CUT_SHORT = {0x0a, 0x7f, 1};

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        }
      };

  // ---- malformed bytes

  @EachTransport
  void malformedMessage_isToldInOurWords_onEveryMethod(TransportSetup setup) {
    TestServer server = topic(setup).server();
    List<ServiceDescriptor> services =
        List.of(
            PublishServiceGrpc.getServiceDescriptor(),
            SubscribeServiceGrpc.getServiceDescriptor(),
            CatalogServiceGrpc.getServiceDescriptor(),
            AdminServiceGrpc.getServiceDescriptor(),
            HealthGrpc.getServiceDescriptor(),
            ServerReflectionGrpc.getServiceDescriptor(),
            io.grpc.reflection.v1alpha.ServerReflectionGrpc.getServiceDescriptor());
    for (ServiceDescriptor service : services) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        CallFailure refusal = sent(server, method, CUT_SHORT);
        assertThat(refusal.code())
            .as(method.getFullMethodName() + ": " + refusal.message())
            .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.message())
            .as(method.getFullMethodName())
            .contains("is malformed protobuf (")
            .contains("check that the client was made from weir.v1")
            .doesNotContain("protocol message");
        assertThat(refusal.reason()).isEqualTo("INVALID_ARGUMENT");
      }
    }
  }

  private static CallFailure sent(
      TestServer server, MethodDescriptor<?, ?> method, byte[] message) {
    CallRecorder<byte[], byte[]> recorder = new CallRecorder<>(false);
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            server
                .channel()
                .newCall(
                    method.toBuilder(BYTES, BYTES)
                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                        .build(),
                    CallOptions.DEFAULT),
            recorder);
    requests.onNext(message);
    requests.onCompleted();
    return recorder.awaitEnd();
  }

  // ---- page tokens

  @EachTransport
  void pageTokenThatIsNone_isInvalid_inEveryList(TransportSetup setup) {
    TestTopic topic = topic(setup);
    topic.publisher().opened().store(0, 1, TestBatches.rows("a", 1));
    var catalog = topic.server().catalog();
    var admin = AdminServiceGrpc.newBlockingStub(topic.server().channel());
    String ofTopics =
        catalog
            .listTopics(ListTopicsRequest.newBuilder().setPageSize(1).build())
            .getNextPageToken();
    List<String> tokens = new ArrayList<>(List.of("garbage", "5", "-1", topic.name(), "%%%", "AA"));
    if (!ofTopics.isEmpty()) {
      assertThat(
              catalog
                  .listTopics(ListTopicsRequest.newBuilder().setPageToken(ofTopics).build())
                  .getTopicsCount())
          .isPositive();
    }
    for (String token : tokens) {
      ListTopicsRequest topics = ListTopicsRequest.newBuilder().setPageToken(token).build();
      refused("ListTopics", () -> catalog.listTopics(topics));
    }
    tokens.add(ofTopics.isEmpty() ? "x" : ofTopics);
    String name = topic.name();
    for (String token : tokens) {
      var sensors = ListSensorsRequest.newBuilder().setTopic(name).setPageToken(token).build();
      var sessions = ListSessionsRequest.newBuilder().setPageToken(token).build();
      var latest = GetLatestRequest.newBuilder().setTopic(name).setPageToken(token).build();
      var cursors = GetCursorsRequest.newBuilder().setTopic(name).setPageToken(token).build();
      refused("ListSensors", () -> catalog.listSensors(sensors));
      refused("ListSessions", () -> admin.listSessions(sessions));
      refused("GetLatest", () -> topic.reader().getLatest(latest));
      refused("GetCursors", () -> topic.reader().getCursors(cursors));
    }
  }

  private static void refused(String list, ThrowingCallable call) {
    CallFailure refusal = CallFailure.by(call);
    assertThat(refusal.code()).as(list).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.fields()).containsExactly("page_token");
    assertThat(refusal.message()).contains("is not a next_page_token of " + list);
  }

  // ---- starts and intervals

  @EachTransport
  void emptyStart_isRefused_andAnAbsentOneIsTheDefault(TransportSetup setup) {
    TestTopic topic = topic(setup);
    Start empty = Start.getDefaultInstance();
    TailRequest.Builder tail = topic.everything().setStart(empty);
    ReadRequest.Builder read = ReadRequest.newBuilder().setTopic(topic.name()).setStart(empty);
    List<CallFailure> refusals =
        List.of(
            CallFailure.by(() -> topic.tail(tail.build())),
            CallFailure.by(() -> topic.reader().read(read.build())));
    for (CallFailure refusal : refusals) {
      assertThat(refusal.fields()).containsExactly("start");
      assertThat(refusal.message())
          .contains("expected latest, earliest, after_cursor, from_time or committed");
    }
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1).setStart(empty));
    assertThat(subscriber.awaitStatus(1).getProblem().getFieldViolations(0).getField())
        .isEqualTo("start");
    assertThat(topic.tail(tail.clearStart().build())).isEmpty();
    assertThat(topic.reader().read(read.clearStart().build()).getReadingsCount()).isZero();
  }

  @EachTransport
  void negativeInterval_isSaidToBeOne(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TailRequest.Builder tail = topic.everything().setMode(Mode.MODE_SAMPLE);
    assertThat(CallFailure.by(() -> topic.tail(tail.build())).message())
        .contains("sample.interval: is required (expected 1 ms to 24 h)");
    tail.getSampleBuilder().setInterval(Duration.newBuilder().setSeconds(-5));
    assertThat(CallFailure.by(() -> topic.tail(tail.build())).message())
        .contains("sample.interval: is -5 s (expected 1 ms to 24 h)");
  }

  // ---- names, and topics that are made

  @EachTransport
  void topicsOfDots_areRefused_whereverTheyAreNamed(TransportSetup setup) {
    TestServer server = topic(setup).server();
    for (String name : List.of(".", "..")) {
      TestTopic topic = new TestTopic(server, name, 1);
      List<CallFailure> refusals = new ArrayList<>(readersOf(topic));
      refusals.add(CallFailure.by(() -> server.topic(Topic.newBuilder().setName(name))));
      refusals.add(CallFailure.by(() -> topic.writer().publish(publish(name))));
      refusals.add(CallFailure.by(() -> topic.tail(topic.everything().clearUntil().build())));
      RawPublishSession publisher = topic.publisher().sendOpen("", 0);
      refusals.add(publisher.awaitEnd());
      for (CallFailure refusal : refusals) {
        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.message()).contains("must not be \".\" or \"..\"");
      }
    }
    assertThat(names(server)).doesNotContain(".", "..");
  }

  @EachTransport
  void missingTopic_isNotMadeByReaders_butByPublishersAndThoseWhoFollow(TransportSetup setup) {
    TestServer server = server(setup, ServerConfig.defaults().withDataDir(newDirectory()));
    TestTopic mistyped = new TestTopic(server, "mistyped", 1);
    for (CallFailure refusal : readersOf(mistyped)) {
      assertThat(refusal.reason()).isEqualTo("TOPIC_NOT_FOUND");
    }
    RawSubscribeSession ends = mistyped.subscriber();
    Subscription.Builder untilNow = ends.everything(1);
    untilNow.getUntilBuilder().setNow(true);
    ends.open(untilNow);
    assertThat(ends.awaitStatus(1).getProblem().getReason()).isEqualTo("TOPIC_NOT_FOUND");
    assertThat(names(server)).isEmpty();

    mistyped.writer().publish(publish("published"));
    new TestTopic(server, "streamed", 1).publisher().opened();
    RawSubscribeSession follows = new TestTopic(server, "followed", 1).subscriber();
    follows.open(follows.everything(1));
    follows.awaitStatus(1);
    assertThat(names(server)).containsExactlyInAnyOrder("published", "streamed", "followed");
  }

  private static List<CallFailure> readersOf(TestTopic topic) {
    String name = topic.name();
    var reader = topic.reader();
    var catalog = topic.server().catalog();
    TailRequest.Builder past = topic.everything().clearUntil();
    past.setUntil(Until.newBuilder().setTime(Timestamp.getDefaultInstance()));
    var commit =
        CommitCursorRequest.newBuilder().setTopic(name).setName("n").setCursor("c").build();
    return List.of(
        CallFailure.by(() -> topic.tail(topic.everything().build())),
        CallFailure.by(() -> topic.tail(past.build())),
        CallFailure.by(() -> reader.read(ReadRequest.newBuilder().setTopic(name).build())),
        CallFailure.by(
            () -> reader.getLatest(GetLatestRequest.newBuilder().setTopic(name).build())),
        CallFailure.by(() -> reader.commitCursor(commit)),
        CallFailure.by(
            () -> reader.getCursors(GetCursorsRequest.newBuilder().setTopic(name).build())),
        CallFailure.by(
            () -> catalog.listSensors(ListSensorsRequest.newBuilder().setTopic(name).build())),
        CallFailure.by(
            () ->
                catalog.resolveSensors(ResolveSensorsRequest.newBuilder().setTopic(name).build())));
  }

  private static PublishRequest publish(String topic) {
    return PublishRequest.newBuilder().setTopic(topic).setBatch(TestBatches.rows("a", 1)).build();
  }

  private static List<String> names(TestServer server) {
    return server
        .catalog()
        .listTopics(ListTopicsRequest.getDefaultInstance())
        .getTopicsList()
        .stream()
        .map(Topic::getName)
        .toList();
  }
}
