package dev.weir.client.internal.reconnect;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ClientOptions;
import dev.weir.client.End;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.EndReason;
import dev.weir.v1.SubscribeOpened;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A subscriber against a server that breaks off when it is told to. */
class SubscribeSessionTest {
  private final BlockingQueue<SubscribeRequest> requests = new ArrayBlockingQueue<>(100);
  private volatile StreamObserver<SubscribeResponse> responses;
  private Server server;
  private WeirClient client;
  private Subscriber subscriber;

  @BeforeEach
  void subscribe() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("localhost", 0))
            .addService(new Scripted())
            .build()
            .start();
    client =
        WeirClient.connect(
            ClientOptions.builder("localhost:" + server.getPort()).backoffSeed(7).build());
    subscriber = client.subscribe(SubscriberOptions.of("t"), reading -> {});
    assertThat(requests.poll(10, SECONDS).hasOpen()).isTrue();
    responses.onNext(
        SubscribeResponse.newBuilder().setOpened(SubscribeOpened.getDefaultInstance()).build());
    responses.onNext(
        SubscribeResponse.newBuilder()
            .setStatus(SubscriptionStatus.newBuilder().setStartCursor("at the start"))
            .build());
    await().until(() -> !subscriber.cursor().isEmpty());
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdownNow();
  }

  @Test
  void linkThatBreaksDuringDrain_endsTheSubscriptionInsteadOfOpeningItAgain() throws Exception {
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> subscriber.drain(Duration.ofSeconds(60)));
    assertThat(requests.poll(10, SECONDS).hasRemove()).isTrue();
    responses.onError(Status.UNAVAILABLE.asRuntimeException());

    assertThat(drained.get(10, SECONDS)).isTrue();
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_REMOVED, "at the start"));
    assertThat(requests).isEmpty();
  }

  @Test
  void completion_isOneFutureWithTheFailureItself() {
    CompletableFuture<End> completion = subscriber.completion();
    responses.onError(Status.NOT_FOUND.asRuntimeException());
    assertThatThrownBy(() -> completion.get(10, SECONDS)).hasCauseInstanceOf(WeirException.class);
    assertThat(completion.handle((end, failure) -> failure).join())
        .isInstanceOf(WeirException.class);
    assertThat(subscriber.completion()).as("polling it holds nothing").isSameAs(completion);
  }

  /** Takes requests; the test answers them. */
  private final class Scripted extends SubscribeServiceGrpc.SubscribeServiceImplBase {
    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> to) {
      responses = to;
      return new StreamObserver<>() {
        @Override
        public void onNext(SubscribeRequest request) {
          requests.add(request);
        }

        @Override
        public void onError(Throwable failure) {
          // The client broke the call off; tests look at what it sent.
        }

        @Override
        public void onCompleted() {
          to.onCompleted();
        }
      };
    }
  }
}
