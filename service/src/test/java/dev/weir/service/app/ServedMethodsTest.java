package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.ErrorInfo;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.config.ServerConfig;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.Batch;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.DeleteCursorResponse;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishResponse;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import dev.weir.v1.Session;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.UploadBatch;
import dev.weir.v1.UploadOpen;
import dev.weir.v1.UploadRequest;
import dev.weir.v1.UploadResponse;
import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.grpc.testing.GrpcCleanupRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.Rule;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.migrationsupport.rules.EnableRuleMigrationSupport;

/** Tests that a whole server in this process serves the methods of the contract. */
@EnableRuleMigrationSupport
class ServedMethodsTest {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  @TempDir private Path dir;
  private WeirServer server;
  private Channel channel;

  @Rule public final GrpcCleanupRule grpc = new GrpcCleanupRule();

  @BeforeEach
  void start() throws IOException {
    String name = "served-" + dir.getFileName();
    server =
        WeirServer.start(
            ServerConfig.defaults().withDataDir(dir),
            new NioDataFiles(),
            InProcessServerBuilder.forName(name).directExecutor());
    channel = grpc.register(InProcessChannelBuilder.forName(name).build());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private SubscribeServiceGrpc.SubscribeServiceBlockingStub subscribe() {
    return SubscribeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static Batch rows(String sensor, long value) {
    return Batch.newBuilder()
        .addRows(Reading.newBuilder().setSensor(sensor).setInteger(value))
        .build();
  }

  private PublishResponse publish(String sensor, long value) {
    return PublishServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .publish(PublishRequest.newBuilder().setTopic("t").setBatch(rows(sensor, value)).build());
  }

  private static void assertReason(ThrowingCallable call, String reason) {
    assertThatThrownBy(call)
        .satisfies(failed -> assertThat(reasons(failed)).containsExactly(reason));
  }

  private static List<String> reasons(Throwable failed) {
    return StatusProto.fromThrowable(failed).getDetailsList().stream()
        .filter(detail -> detail.is(ErrorInfo.class))
        .map(ServedMethodsTest::reason)
        .toList();
  }

  private static String reason(Any detail) {
    try {
      return detail.unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException(damaged);
    }
  }

  @Test
  void latest_isAnsweredBySelector() {
    publish("a", 1);
    publish("b", 2);
    publish("a", 3);
    GetLatestRequest.Builder all = GetLatestRequest.newBuilder().setTopic("t");
    GetLatestResponse latest = subscribe().getLatest(all.build());
    assertThat(latest.getReadingsList()).extracting(Reading::getInteger).containsExactly(3L, 2L);
    GetLatestRequest one = all.clone().setSelector(Selector.newBuilder().addNames("b")).build();
    assertThat(subscribe().getLatest(one).getReadingsList())
        .extracting(Reading::getSensor)
        .containsExactly("b");
    GetLatestRequest none = all.clone().setSelector(Selector.getDefaultInstance()).build();
    assertReason(() -> subscribe().getLatest(none), "EMPTY_SELECTOR");
    GetLatestRequest missing = all.clone().setTopic("missing").build();
    assertReason(() -> subscribe().getLatest(missing), "TOPIC_NOT_FOUND");
    GetLatestRequest wrong = all.clone().setTopic("no name").build();
    assertReason(() -> subscribe().getLatest(wrong), "INVALID_ARGUMENT");
    GetLatestRequest unknown = all.clone().setUnknownFields(UNKNOWN).build();
    assertReason(() -> subscribe().getLatest(unknown), "UNIMPLEMENTED");
  }

  @Test
  void requestLargerThanAMessageMayBe_isTooLarge() {
    String name = "n".repeat(1 << 20);
    assertReason(
        () -> subscribe().getLatest(GetLatestRequest.newBuilder().setTopic(name).build()),
        "TOO_LARGE");
    assertReason(
        () -> admin().getSession(GetSessionRequest.newBuilder().setId(name).build()), "TOO_LARGE");
    HealthGrpc.HealthBlockingStub health =
        HealthGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    HealthCheckRequest large = HealthCheckRequest.newBuilder().setService(name).build();
    assertReason(() -> health.check(large), "TOO_LARGE");
    assertReason(() -> health.watch(large).next(), "TOO_LARGE");
  }

  @Test
  void cursors_areCommittedListedAndDeleted() {
    String cursor = publish("a", 1).getParts(0).getCursor();
    CommitCursorRequest commit =
        CommitCursorRequest.newBuilder().setTopic("t").setName("n").setCursor(cursor).build();
    assertThat(subscribe().commitCursor(commit).getCursor()).isEqualTo(cursor);
    GetCursorsRequest list = GetCursorsRequest.newBuilder().setTopic("t").build();
    assertThat(subscribe().getCursors(list).getCursorsList())
        .singleElement()
        .satisfies(committed -> assertThat(committed.getCursor()).isEqualTo(cursor));
    DeleteCursorRequest delete =
        DeleteCursorRequest.newBuilder().setTopic("t").setName("n").build();
    assertThat(subscribe().deleteCursor(delete))
        .isEqualTo(DeleteCursorResponse.getDefaultInstance());
    assertReason(() -> subscribe().deleteCursor(delete), "CURSOR_NOT_FOUND");
    CommitCursorRequest damaged = commit.toBuilder().setCursor("damaged").build();
    assertReason(() -> subscribe().commitCursor(damaged), "CURSOR_INVALID");
    CommitCursorRequest unknown = commit.toBuilder().setUnknownFields(UNKNOWN).build();
    assertReason(() -> subscribe().commitCursor(unknown), "UNIMPLEMENTED");
  }

  @Test
  void upload_isListedShownAndAnswered() throws Exception {
    CompletableFuture<UploadResponse> answer = new CompletableFuture<>();
    StreamObserver<UploadRequest> upload = upload(answer);
    upload.onNext(batch(1));
    upload.onNext(batch(2));
    Session session = listed();
    assertThat(session.getMethod()).isEqualTo("Upload");
    assertThat(session.getClient()).isEqualTo("loader");
    GetSessionRequest one = GetSessionRequest.newBuilder().setId(session.getId()).build();
    assertThat(admin().getSession(one).getPublisher().getProducer()).isEqualTo("p");
    upload.onCompleted();
    assertThat(answer.get(20, TimeUnit.SECONDS).getBatches()).isEqualTo(2);
    assertReason(() -> admin().getSession(one), "SESSION_NOT_FOUND");
  }

  @Test
  void endedSession_isToldTheOperatorsWords() {
    CompletableFuture<UploadResponse> answer = new CompletableFuture<>();
    upload(answer);
    String id = listed().getId();
    admin().endSession(EndSessionRequest.newBuilder().setId(id).setMessage("by hand").build());
    await().until(answer::isCompletedExceptionally);
    answer.exceptionally(
        failed -> {
          assertThat(reasons(failed)).containsExactly("SESSION_ENDED");
          assertThat(failed).hasMessage("UNAVAILABLE: by hand");
          return null;
        });
    assertThat(admin().listSessions(ListSessionsRequest.getDefaultInstance()).getSessionsList())
        .isEmpty();
  }

  private Session listed() {
    return await()
        .until(
            () ->
                admin()
                    .listSessions(ListSessionsRequest.getDefaultInstance())
                    .getSessionsList()
                    .stream()
                    .filter(session -> !session.getClient().isEmpty())
                    .findAny()
                    .orElse(null),
            session -> session != null);
  }

  private static UploadRequest batch(long sequence) {
    return UploadRequest.newBuilder()
        .setBatch(UploadBatch.newBuilder().setSequence(sequence).setBatch(rows("a", sequence)))
        .build();
  }

  private StreamObserver<UploadRequest> upload(CompletableFuture<UploadResponse> answer) {
    StreamObserver<UploadRequest> upload =
        PublishServiceGrpc.newStub(channel)
            .upload(
                new StreamObserver<>() {
                  @Override
                  public void onNext(UploadResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failed) {
                    answer.completeExceptionally(failed);
                  }

                  @Override
                  public void onCompleted() {}
                });
    upload.onNext(
        UploadRequest.newBuilder()
            .setOpen(UploadOpen.newBuilder().setTopic("t").setProducer("p").setClient("loader"))
            .build());
    return upload;
  }
}
