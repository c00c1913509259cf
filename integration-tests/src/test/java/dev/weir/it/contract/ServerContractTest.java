package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.CallRecorder;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Storage;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The answers of a server about itself: info, health, schema, and its bound on sessions. */
final class ServerContractTest extends ContractTest {
  private static final String[] SERVICES = {
    "weir.v1.PublishService",
    "weir.v1.SubscribeService",
    "weir.v1.CatalogService",
    "weir.v1.AdminService",
    "grpc.health.v1.Health"
  };

  @EachTransport
  void serverInfo_listsEveryLimitInForce(TransportSetup setup) {
    TestServer server = server(setup, quick().with(Limit.TOPICS_MAX, 77));
    GetServerInfoResponse info =
        AdminServiceGrpc.newBlockingStub(server.channel())
            .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
            .getServerInfo(GetServerInfoRequest.newBuilder().setDescribeLimits(true).build());

    assertThat(info.getVersion()).isNotEmpty();
    assertThat(info.getEngine()).isEqualTo("segment");
    assertThat(info.getDurabilitiesList())
        .containsExactly(
            Durability.DURABILITY_SYNCED,
            Durability.DURABILITY_BUFFERED,
            Durability.DURABILITY_MEMORY);
    assertThat(info.getDevelopmentMode()).isTrue();
    assertThat(info.getStartTime().getSeconds()).isPositive();
    assertThat(info.getLimitsCount()).isEqualTo(Limit.values().length);
    assertThat(info.getLimitsList())
        .allMatch(limit -> !limit.getUnit().isEmpty() && !limit.getDescription().isEmpty())
        .anyMatch(limit -> limit.getName().equals("topics_max") && limit.getValue() == 77);
  }

  @EachTransport
  void health_isServing(TransportSetup setup) {
    TestServer server = topic(setup).server();
    assertThat(
            HealthGrpc.newBlockingStub(server.channel())
                .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(value = TransportSetup.class, names = "NETTY_1")
  void failedSync_isSaidByHealthAndInfo_andTakesNoServiceAway(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    Awaitility.await("well").until(() -> health(topic, "weir.log") == ServingStatus.SERVING);
    assertThat(health(topic, "weir.disk")).isEqualTo(ServingStatus.SERVING);
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    topic.server().files().set(FaultyFiles.Fault.FAIL_SYNC);
    publisher.send(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));
    publisher.awaitEnd();
    topic.server().files().set(FaultyFiles.Fault.NONE);

    Awaitility.await("bad").until(() -> health(topic, "weir.log") == ServingStatus.NOT_SERVING);
    for (String service : SERVICES) {
      assertThat(health(topic, service)).as(service).isEqualTo(ServingStatus.SERVING);
    }
    assertThat(health(topic, "")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(topic, "weir.disk")).isEqualTo(ServingStatus.SERVING);
    assertThat(storage(topic).getStoppedPartitions()).isEqualTo(1);
  }

  private static Storage storage(TestTopic topic) {
    return AdminServiceGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
        .getServerInfo(GetServerInfoRequest.getDefaultInstance())
        .getStorage();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(value = TransportSetup.class, names = "NETTY_1")
  void diskThatDoesNotAnswer_isSaidByHealthAndInfo_andEndsNothing(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(
            setup, quick().with(Limit.WATCHDOG_WARN_MS, 100).with(Limit.WATCHDOG_END_MS, 1_000));
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    assertThat(storage(topic).getDiskHangs()).isFalse();
    topic.server().files().set(FaultyFiles.Fault.HOLD_SYNC);
    publisher.send(0, 1, TestBatches.rows(topic.sensor(0, 0), 1));

    Awaitility.await("bad").until(() -> health(topic, "weir.disk") == ServingStatus.NOT_SERVING);
    assertThat(storage(topic).getDiskHangs()).isTrue();
    assertThat(health(topic, "weir.threads")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(topic, "weir.log")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(topic, "")).isEqualTo(ServingStatus.SERVING);
    topic.server().files().set(FaultyFiles.Fault.NONE);
    publisher.awaitAck(0, 1);
    Awaitility.await("well again").until(() -> health(topic, "weir.disk") == ServingStatus.SERVING);
    assertThat(storage(topic).getDiskHangs()).isFalse();
  }

  private static ServingStatus health(TestTopic topic, String service) {
    return HealthGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  @EachTransport
  void sessionsBeyondTheMost_areRefused_andPlacesAreGivenBack(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.SESSIONS_MAX, 1));
    RawSubscribeSession first = topic.subscriber().open();
    assertThat(topic.subscriber().awaitEnd().reason()).isEqualTo("OVERLOADED");
    assertThat(topic.publisher().awaitEnd().retryNanos()).isEqualTo(20_000_000);
    first.halfClose();
    first.awaitEnd();
    topic.publisher().opened();
  }

  @EachTransport
  void messageOverItsBound_endsTheCall_withTheReason(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.MESSAGE_BYTES_MAX, 4_096));
    RawPublishSession publisher = topic.publisher();
    assertThat(publisher.open("", 0).getLimits().getMessageBytesMax()).isEqualTo(4_096);
    Batch large = TestBatches.refs("s", new double[1_000]);
    publisher.send(0, 1, large);
    CallFailure stream = publisher.awaitEnd();
    PublishRequest request =
        PublishRequest.newBuilder().setTopic(topic.name()).setBatch(large).build();
    CallFailure unary = CallFailure.by(() -> topic.writer().publish(request));

    assertThat(stream.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(stream.reason()).isEqualTo("TOO_LARGE");
    assertThat(unary.reason()).isEqualTo("TOO_LARGE");
    assertThat(topic.stored()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(value = TransportSetup.class, names = "NETTY_1")
  void contract23_reflectionV1_listsAndDescribes(TransportSetup setup) throws Exception {
    CallRecorder<ServerReflectionRequest, ServerReflectionResponse> answers =
        new CallRecorder<>(false);
    StreamObserver<ServerReflectionRequest> asking =
        ServerReflectionGrpc.newStub(topic(setup).server().channel()).serverReflectionInfo(answers);
    asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(
            answers
                .await("the list", ServerReflectionResponse::hasListServicesResponse)
                .getListServicesResponse()
                .getServiceList())
        .extracting(ServiceResponse::getName)
        .contains(SERVICES)
        .contains("grpc.reflection.v1.ServerReflection");
    asking.onNext(
        ServerReflectionRequest.newBuilder()
            .setFileContainingSymbol("weir.v1.SubscribeService")
            .build());
    List<ByteString> files =
        answers
            .await("the file", ServerReflectionResponse::hasFileDescriptorResponse)
            .getFileDescriptorResponse()
            .getFileDescriptorProtoList();
    assertThat(methods(files)).contains("Tail", "Read", "Subscribe");
    asking.onCompleted();
    answers.awaitEnd();
  }

  private static List<String> methods(List<ByteString> files) throws Exception {
    List<String> methods = new ArrayList<>();
    for (ByteString file : files) {
      FileDescriptorProto.parseFrom(file)
          .getServiceList()
          .forEach(
              service -> service.getMethodList().forEach(method -> methods.add(method.getName())));
    }
    return methods;
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(value = TransportSetup.class, names = "NETTY_1")
  @SuppressWarnings("deprecation") // what older grpcurl and clients ask for
  void contract23_reflectionV1Alpha_listsToo(TransportSetup setup) {
    CallRecorder<
            io.grpc.reflection.v1alpha.ServerReflectionRequest,
            io.grpc.reflection.v1alpha.ServerReflectionResponse>
        answers = new CallRecorder<>(false);
    var asking =
        io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(topic(setup).server().channel())
            .serverReflectionInfo(answers);
    asking.onNext(
        io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
            .setListServices("")
            .build());
    assertThat(
            answers
                .await("the list", response -> response.hasListServicesResponse())
                .getListServicesResponse()
                .getServiceList())
        .extracting(service -> service.getName())
        .contains(SERVICES);
    asking.onCompleted();
    answers.awaitEnd();
  }
}
