package dev.weir.client.internal.subscribe;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.End;
import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.EndReason;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Subscriptions that end while commits are under way, handlers block, or users give up waiting. */
class SubscriptionEndTest {
  private static final Duration SOON = Duration.ofMillis(10);

  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicInteger atTheGate = new AtomicInteger();
  private ScriptedSubscribeServer server;
  private WeirClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedSubscribeServer();
    client = server.client();
  }

  @AfterEach
  void stop() {
    gate.countDown();
    client.close();
    server.close();
  }

  @Test
  void clockCommitUnderWayAtTheEnd_isFollowedByTheRest() throws Exception {
    Subscriber subscriber = client.subscribe(durable(SOON), blocking());
    var session = server.opened("start");
    var underWay = server.commit();
    session.deliver("a", 1);
    session.deliver("b", 2, 3);
    session.end(EndReason.END_REASON_UNTIL_REACHED, "b");
    gate.countDown();
    assertThat(server.commit().succeed()).isEqualTo("b");
    assertThat(underWay.succeed()).isEqualTo("start");
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_UNTIL_REACHED, "b"));
    assertThat(subscriber.readingsDelivered()).isEqualTo(3);
    assertThat(subscriber.committedCursor()).isEqualTo("b");
  }

  @Test
  void clockCommitOfADeletedTopic_leavesItToTheEndToTell() throws Exception {
    Subscriber subscriber = client.subscribe(durable(SOON), blocking());
    var session = server.opened("start");
    session.deliver("a", 1);
    session.end(EndReason.END_REASON_TOPIC_DELETED, "");
    server.commit().refuse("TOPIC_NOT_FOUND", Status.NOT_FOUND);
    gate.countDown();
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_TOPIC_DELETED, "a"));
  }

  @Test
  void commitByHandUnderWayAtTheEnd_completesWithIt() throws Exception {
    Subscriber subscriber = client.subscribe(durable(Duration.ZERO), reading -> {});
    var session = server.opened("start");
    await().until(() -> subscriber.cursor().equals("start"));
    CompletableFuture<String> done = subscriber.commit();
    assertThat(server.commit().cursor()).as("its answer is lost").isEqualTo("start");
    session.end(EndReason.END_REASON_UNTIL_REACHED, "start");
    assertThat(server.commit().succeed()).isEqualTo("start");
    assertThat(done.get(10, SECONDS)).isEqualTo("start");
  }

  @Test
  void grantRefusedBehindARetryableEnd_doesNotEndTheSubscriber() throws Exception {
    Subscriber subscriber = client.subscribe(SubscriberOptions.of("t"), blocking());
    var session = server.opened("start");
    session.deliver("a", 1);
    session.fail("STORE_FAILED", Status.UNAVAILABLE);
    session.refuse("SUBSCRIPTION_NOT_FOUND", Status.NOT_FOUND);
    assertThat(session.nextOrNull()).as("waits a moment until all of it is there").isNull();
    gate.countDown();
    var again = server.opened("a");
    assertThat(again.subscription().getStart().getAfterCursor()).isEqualTo("a");
    again.deliver("b", 2);
    await().until(() -> subscriber.cursor().equals("b"));
    assertThat(subscriber.completion()).isNotDone();
  }

  @Test
  void completionThatItsUserTimesOut_isNoEnd() throws Exception {
    Subscriber subscriber = client.subscribe(SubscriberOptions.of("t"), blocking());
    var session = server.opened("start");
    CompletableFuture<End> completion = subscriber.completion().orTimeout(1, MILLISECONDS);
    assertThatThrownBy(() -> completion.get(10, SECONDS))
        .hasCauseInstanceOf(TimeoutException.class);
    session.deliver("a", 1);
    gate.countDown();
    await().until(() -> subscriber.cursor().equals("a"));
    client.close();
    assertThat(subscriber.drain(Duration.ofSeconds(10))).as("closed with its client").isTrue();
  }

  @Test
  void drainOfTheClient_waitsForNoneBeforeItAsksAll() throws Exception {
    client.subscribe(SubscriberOptions.of("t"), blocking());
    var first = server.opened("start");
    first.deliver("a", 1);
    client.subscribe(SubscriberOptions.of("t"), blocking());
    var second = server.opened("start");
    second.deliver("a", 1);
    await().until(() -> atTheGate.get() == 2);
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> client.drain(Duration.ofSeconds(30)));
    assertThat(first.next().hasRemove()).isTrue();
    assertThat(second.next().hasRemove()).isTrue();
    first.end(EndReason.END_REASON_REMOVED, "a");
    second.end(EndReason.END_REASON_REMOVED, "a");
    gate.countDown();
    assertThat(drained.get(10, SECONDS)).isTrue();
  }

  @Test
  void handlerThatIsNull_isRefusedAtOnce() {
    assertThatThrownBy(() -> client.subscribe(SubscriberOptions.of("t"), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("handler");
    assertThatThrownBy(() -> client.subscribeAsync(SubscriberOptions.of("t"), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("handler");
  }

  private static SubscriberOptions durable(Duration commitEvery) {
    return SubscriberOptions.builder("t").durable("d").commitEvery(commitEvery).build();
  }

  /** A handler that does not finish before the gate is open. */
  private ReadingHandler blocking() {
    return reading -> {
      atTheGate.incrementAndGet();
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    };
  }
}
