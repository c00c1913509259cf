package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.rpc.AdminRpc;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Durability;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.EndSessionResponse;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.GetServerInfoResponse;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Limit;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListSessionsResponse;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Session;
import dev.weir.v1.Storage;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What AdminService answers and refuses. */
class AdminRpcTest extends PublishSessionFixture {
  private static final Storage STORAGE =
      Storage.newBuilder().setFreeBytes(5).setReserveBytes(7).setDiskFull(true).build();

  private static final Caller CALLER = Caller.of("operator");

  private final AdminRpc admin =
      new AdminRpc(
          "1.2",
          "fake",
          EnumSet.of(Durability.DURABILITY_SYNCED, Durability.DURABILITY_MEMORY),
          7_000_000_001L,
          context.context,
          () -> STORAGE);

  private <R> R ask(CompletableFuture<R> answer) {
    context.run();
    return answer.join();
  }

  private String refusal(Supplier<CompletableFuture<?>> call) {
    try {
      ask(call.get());
      return "";
    } catch (FaultException refused) {
      return refused.fault().code().name();
    } catch (CompletionException failed) {
      return ((FaultException) failed.getCause()).fault().code().name();
    }
  }

  @Test
  void serverInfo_saysWhatIsBuilt() {
    GetServerInfoResponse info = admin.getServerInfo(GetServerInfoRequest.getDefaultInstance());
    assertThat(info.getSerializedSize()).as("several wait beside any flood").isLessThan(8_192);
    assertThat(info.getVersion()).isEqualTo("1.2");
    assertThat(info.getEngine()).isEqualTo("fake");
    assertThat(info.getStartTime().getSeconds()).isEqualTo(7);
    assertThat(info.getStorage()).isEqualTo(STORAGE);
    assertThat(info.getDurabilitiesList())
        .containsExactly(Durability.DURABILITY_SYNCED, Durability.DURABILITY_MEMORY);
    assertThat(info.getFeaturesList()).contains("upload", "sessions").isSorted();
    assertThat(info.getLimitsCount()).isEqualTo(dev.weir.service.config.Limit.values().length);
    assertThat(info.getLimitsList()).allMatch(limit -> limit.getDescription().isEmpty());
  }

  @Test
  void serverInfo_describesLimitsForWhoAsks() {
    GetServerInfoResponse info =
        admin.getServerInfo(GetServerInfoRequest.newBuilder().setDescribeLimits(true).build());
    assertThat(info.getSerializedSize()).as("it is given beside any flood").isLessThan(32_768);
    assertThat(info.getLimitsList()).noneMatch(limit -> limit.getDescription().isEmpty());
    assertThat(info.getLimitsList())
        .filteredOn(limit -> limit.getName().equals("topics_max"))
        .extracting(Limit::getDescription)
        .containsExactly(dev.weir.service.config.Limit.TOPICS_MAX.description());
  }

  @Test
  void sessions_areListedShownAndEnded() {
    TestPeer<PublishStreamResponse> first = opened("a", 0);
    opened("b", 0);
    ListSessionsRequest.Builder next = ListSessionsRequest.newBuilder().setPageSize(1);
    ListSessionsResponse one = admin.listSessions(next.build());
    next.setPageToken(one.getNextPageToken());
    ListSessionsResponse two = admin.listSessions(next.build());
    assertThat(two.getNextPageToken()).isEmpty();
    assertThat(List.of(one.getSessions(0), two.getSessions(0)))
        .extracting(Session::getId)
        .contains(first.last().getOpened().getSession())
        .doesNotHaveDuplicates();
    String id = first.last().getOpened().getSession();
    GetSessionResponse shown =
        ask(admin.getSession(CALLER, GetSessionRequest.newBuilder().setId(id).build()));
    assertThat(shown.getPublisher().getProducer()).isEqualTo("a");
    EndSessionRequest end = EndSessionRequest.newBuilder().setId(id).setMessage("bye").build();
    assertThat(ask(admin.endSession(end))).isEqualTo(EndSessionResponse.getDefaultInstance());
    assertThat(first.failure()).isEqualTo(ErrorCode.SESSION_ENDED);
    assertThat(first.failed.message()).isEqualTo("bye");
    assertThat(refusal(() -> admin.endSession(end))).isEqualTo("SESSION_NOT_FOUND");
  }

  @Test
  void endWithoutAMessage_saysThatItWasAnOperator() {
    TestPeer<PublishStreamResponse> peer = opened("a", 0);
    String id = peer.last().getOpened().getSession();
    ask(admin.endSession(EndSessionRequest.newBuilder().setId(id).build()));
    assertThat(peer.failed.message()).isNotEmpty();
  }

  @Test
  void badRequests_areRefused() {
    opened("a", 0);
    for (int size : new int[] {1_001, -1}) {
      var list = ListSessionsRequest.newBuilder().setPageSize(size).build();
      assertThat(refusal(() -> CompletableFuture.completedFuture(admin.listSessions(list))))
          .isEqualTo("INVALID_ARGUMENT");
    }
    assertThat(refusal(() -> admin.getSession(CALLER, GetSessionRequest.getDefaultInstance())))
        .isEqualTo("INVALID_ARGUMENT");
    var none = GetSessionRequest.newBuilder().setId("none").build();
    assertThat(refusal(() -> admin.getSession(CALLER, none))).isEqualTo("SESSION_NOT_FOUND");
    assertThat(refusal(() -> admin.endSession(EndSessionRequest.getDefaultInstance())))
        .isEqualTo("INVALID_ARGUMENT");
    var tooLong = EndSessionRequest.newBuilder().setId("x").setMessage("m".repeat(257)).build();
    assertThat(refusal(() -> admin.endSession(tooLong))).isEqualTo("INVALID_ARGUMENT");
  }
}
