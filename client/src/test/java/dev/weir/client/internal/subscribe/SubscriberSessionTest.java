package dev.weir.client.internal.subscribe;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.End;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.EndReason;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A subscriber against a server that breaks off when the test orders it. */
class SubscriberSessionTest {
  private ScriptedSubscribeServer server;
  private WeirClient client;
  private Subscriber subscriber;
  private ScriptedSubscribeServer.Session session;

  @BeforeEach
  void subscribe() throws Exception {
    server = new ScriptedSubscribeServer();
    client = server.client();
    subscriber = client.subscribe(SubscriberOptions.of("t"), reading -> {});
    session = server.opened("at the start");
    await().until(() -> !subscriber.cursor().isEmpty());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void linkThatBreaksDuringDrain_endsTheSubscriptionInsteadOfOpeningItAgain() throws Exception {
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> subscriber.drain(Duration.ofSeconds(60)));
    assertThat(session.next().hasRemove()).isTrue();
    session.fail(Status.UNAVAILABLE);

    assertThat(drained.get(10, SECONDS)).isTrue();
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_REMOVED, "at the start"));
    assertThat(session.nextOrNull()).isNull();
    assertThat(server.commitOrNull()).as("it is not durable").isNull();
  }

  @Test
  void completion_isOneFutureWithTheFailureItself() {
    CompletableFuture<End> completion = subscriber.completion();
    session.fail(Status.NOT_FOUND);
    assertThatThrownBy(() -> completion.get(10, SECONDS)).hasCauseInstanceOf(WeirException.class);
    assertThat(completion.handle((end, failure) -> failure).join())
        .isInstanceOf(WeirException.class);
    assertThat(subscriber.completion()).as("polling it holds nothing").isSameAs(completion);
  }

  @Test
  void endsThatTheSubscriptionAskedFor_areNoFailures() throws Exception {
    session.deliver("a", 1, 2);
    session.end(EndReason.END_REASON_LAGGED, "b");
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_LAGGED, "b"));

    Subscriber other = client.subscribe(SubscriberOptions.of("t"), reading -> {});
    server.opened("x").end(EndReason.END_REASON_TOPIC_DELETED, "");
    assertThat(other.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_TOPIC_DELETED, "x"));
  }

  @Test
  void requestWithoutManualCredit_isRefusedToTheCaller() {
    assertThatThrownBy(() -> subscriber.request(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> subscriber.requestBytes(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(subscriber::commit).isInstanceOf(IllegalStateException.class);
  }
}
