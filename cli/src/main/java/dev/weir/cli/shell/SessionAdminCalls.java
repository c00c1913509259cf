package dev.weir.cli.shell;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.weir.client.WeirException;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.EndSessionRequest;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.ListSessionsResponse;
import dev.weir.v1.Session;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Asks a server about its sessions, which are for operators and not in the client's API.
 * Thread-safe; each call blocks for at most ten seconds and throws {@link WeirException}.
 */
public final class SessionAdminCalls implements AutoCloseable {
  private static final int CALL_SECONDS_MAX = 10;
  private static final int PAGE_SIZE = 1_000;

  private final ManagedChannel channel;
  private final AdminServiceGrpc.AdminServiceBlockingStub admin;

  private SessionAdminCalls(ManagedChannel channel) {
    this.channel = channel;
    this.admin = AdminServiceGrpc.newBlockingStub(channel);
  }

  static SessionAdminCalls connect(String server) {
    return new SessionAdminCalls(
        Grpc.newChannelBuilder(server, InsecureChannelCredentials.create()).build());
  }

  /** All open sessions by id; the server bounds their number. */
  public List<Session> list() {
    List<Session> sessions = new ArrayList<>();
    String token = "";
    do {
      ListSessionsRequest request =
          ListSessionsRequest.newBuilder().setPageSize(PAGE_SIZE).setPageToken(token).build();
      ListSessionsResponse page = call(stub -> stub.listSessions(request));
      sessions.addAll(page.getSessionsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return sessions;
  }

  /** One session with all its subscriptions; SESSION_NOT_FOUND where there is none of that id. */
  public GetSessionResponse get(String id) {
    GetSessionRequest.Builder next = GetSessionRequest.newBuilder().setId(id);
    GetSessionResponse.Builder whole = GetSessionResponse.newBuilder();
    do {
      GetSessionResponse page = call(stub -> stub.getSession(next.build()));
      whole.mergeFrom(page).setSession(page.getSession()); // appends the subscriptions
      next.setPageToken(page.getNextPageToken());
    } while (!next.getPageToken().isEmpty());
    return whole.clearNextPageToken().build();
  }

  /** Ends a session; its client receives the message, at most 256 bytes. */
  public void end(String id, String message) {
    EndSessionRequest request =
        EndSessionRequest.newBuilder().setId(id).setMessage(message).build();
    call(stub -> stub.endSession(request));
  }

  private <T> T call(Function<AdminServiceGrpc.AdminServiceBlockingStub, T> call) {
    try {
      return call.apply(admin.withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      throw exception(e);
    }
  }

  private static WeirException exception(StatusRuntimeException e) {
    Status status = StatusProto.fromStatusAndTrailers(e.getStatus(), e.getTrailers());
    String reason =
        status.getDetailsList().stream()
            .flatMap(detail -> reason(detail).stream())
            .findFirst()
            .orElse(e.getStatus().getCode().name());
    return new WeirException(
        reason,
        status.getCode(),
        status.getMessage(),
        Optional.empty(),
        Map.of(),
        List.of(),
        e.getStatus().getCause());
  }

  private static Optional<String> reason(Any detail) {
    try {
      return detail.is(ErrorInfo.class)
          ? Optional.of(detail.unpack(ErrorInfo.class).getReason())
          : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
