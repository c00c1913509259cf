package dev.weir.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.GetSessionRequest;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Session;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the calls of the command to a server that shows a session in pages of one subscription. */
class SessionAdminCallsTest {
  private static final int SUBSCRIPTIONS = 3;

  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new PagingServer())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void sessionOfSeveralPages_isOneAnswer_withTheStateOfTheLastPage() {
    try (SessionAdminCalls calls = SessionAdminCalls.connect("127.0.0.1:" + server.getPort())) {
      GetSessionResponse whole = calls.get("one");
      assertThat(whole.getSubscriptionsList())
          .extracting(state -> state.getSubscription().getId())
          .containsExactly(1, 2, 3);
      assertThat(whole.getNextPageToken()).isEmpty();
      assertThat(whole.getSession())
          .isEqualTo(Session.newBuilder().setId("one").setPeerReading(false).build());
    }
  }

  private static final class PagingServer extends AdminServiceGrpc.AdminServiceImplBase {
    @Override
    public void getSession(GetSessionRequest request, StreamObserver<GetSessionResponse> answer) {
      int number = request.getPageToken().isEmpty() ? 1 : Integer.parseInt(request.getPageToken());
      boolean last = number == SUBSCRIPTIONS;
      answer.onNext(
          GetSessionResponse.newBuilder()
              .setSession(Session.newBuilder().setId(request.getId()).setPeerReading(!last))
              .addSubscriptions(
                  SubscriptionState.newBuilder()
                      .setSubscription(Subscription.newBuilder().setId(number)))
              .setNextPageToken(last ? "" : Integer.toString(number + 1))
              .build());
      answer.onCompleted();
    }
  }
}
