package dev.weir.client.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ClientOptions;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.internal.connection.ReconnectPolicy;
import dev.weir.client.internal.connection.SessionContext;
import dev.weir.client.internal.connection.StreamingCall;
import dev.weir.client.internal.connection.StreamingMethods;
import dev.weir.client.internal.connection.TestSessionContext;
import dev.weir.client.internal.threads.ManualClientLoop;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests when the clock of a durable subscription commits, on a loop that the test owns. */
class CommitIntervalTest {
  private static final Duration EVERY = Duration.ofSeconds(3);

  private final ManualClientLoop loop = new ManualClientLoop();
  private final List<String> committed = new ArrayList<>();
  private final ManagedChannel nowhere =
      NettyChannelBuilder.forTarget("localhost:1").usePlaintext().build();

  @AfterEach
  void close() {
    nowhere.shutdownNow();
  }

  /** A loop that is busy may come to the clock when the start is known already. */
  @Test
  void clockThatBeginsLate_commitsTheStartWhenItsIntervalHasPassed() {
    SubscriberListener listener =
        new SubscriberListener() {
          @Override
          public void onActive(SubscriptionStatus status) {
            loop.advance(0);
            assertThat(committed).as("before the interval has passed").isEmpty();
            loop.advance(EVERY.toNanos());
            assertThat(committed).containsExactly("start");
          }
        };
    DeliveryDispatcher handover = handover(listener);
    SubscriptionStatus.Builder active = SubscriptionStatus.newBuilder().setStartCursor("start");
    SubscribeResponse status = SubscribeResponse.newBuilder().setStatus(active).build();
    handover.offer(
        new SubscriberEvent.Response(
            status.toByteArray(),
            new StreamingCall<>(nowhere, StreamingMethods.SUBSCRIBE, loop, null)));
    handover.offer(new SubscriberEvent.Stopped());

    handover.run();

    assertThat(committed).isNotEmpty();
    assertThat(handover.completion()).isCompleted();
  }

  private DeliveryDispatcher handover(SubscriberListener listener) {
    SubscriberOptions options =
        SubscriberOptions.builder("t").durable("d").commitEvery(EVERY).listener(listener).build();
    DeliveryDispatcher handover =
        new DeliveryDispatcher(
            options, HandlerAdapter.of(reading -> {}), CreditLedger.of(options), this::commit);
    SessionContext around =
        TestSessionContext.of(loop, ClientOptions.builder("localhost:1").build());
    SubscriberSession session = new SubscriberSession(around, handover);
    session.close(); // it is the clock's turn only
    loop.advance(0);
    ReconnectPolicy retry = new ReconnectPolicy(around);
    handover.use(
        session, new CommitScheduler(loop, handover, this::commit, retry, EVERY.toNanos()));
    return handover;
  }

  private CompletableFuture<String> commit(String cursor) {
    committed.add(cursor);
    return CompletableFuture.completedFuture(cursor);
  }
}
