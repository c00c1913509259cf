package dev.weir.client.internal.subscribe;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ReadingHandler;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.EndReason;
import dev.weir.v1.Gap;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Durable subscriptions: what is committed, when, and what becomes of it. */
class CommitTest {
  private static final Duration NEVER = Duration.ZERO;

  /** The tries by the service config, before the client hears of a failure. */
  private static final int LIBRARY_TRIES = 4;

  private final Queue<String> committed = new ConcurrentLinkedQueue<>();
  private ScriptedSubscribeServer server;
  private WeirClient client;
  private volatile Subscriber subscriber;
  private volatile boolean deaf;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedSubscribeServer();
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void byHand_completesWithTheCursorNowCommitted() throws Exception {
    var session = subscribe(NEVER);
    session.deliver("a", 1);
    await().until(() -> subscriber.cursor().equals("a"));
    CompletableFuture<String> done = subscriber.commit();
    var commit = server.commit();
    assertThat(done).isNotDone();
    assertThat(commit.succeed("ahead")).isEqualTo("a");
    assertThat(commit.request().getName()).isEqualTo("d");
    assertThat(done.get(10, SECONDS)).isEqualTo("ahead");
    assertThat(subscriber.committedCursor()).isEqualTo("ahead");
    await().untilAsserted(() -> assertThat(committed).containsExactly("ahead"));
  }

  @Test
  void commitsCalledWhileOneIsUnderWay_areOneCommitOfTheLast() throws Exception {
    subscribe(NEVER);
    CompletableFuture<String> first = subscriber.commit("a");
    var commit = server.commit();
    CompletableFuture<String> second = subscriber.commit("b");
    CompletableFuture<String> third = subscriber.commit("c");
    assertThat(server.commitOrNull()).isNull();
    assertThat(commit.succeed()).isEqualTo("a");
    assertThat(server.commit().succeed()).isEqualTo("c");
    assertThat(first.get(10, SECONDS)).isEqualTo("a");
    assertThat(second.get(10, SECONDS)).isEqualTo("c");
    assertThat(third).isSameAs(second);
  }

  @Test
  void commitUnderWayWhenTheServerGoesAway_isMadeAgainUntilItIsBack() throws Exception {
    var first = subscribe(NEVER);
    CompletableFuture<String> done = subscriber.commit("a");
    first.fail(Status.UNAVAILABLE);
    int tries = 0;
    while (tries < LIBRARY_TRIES + 1) {
      server.commit().refuse("UNAVAILABLE", Status.UNAVAILABLE);
      tries++;
    }
    assertThat(done).isNotDone();
    assertThat(server.commit().succeed()).isEqualTo("a");
    assertThat(done.get(10, SECONDS)).isEqualTo("a");
  }

  @Test
  void stagesThatEndWithTheirCommit_goOnHoweverManyDeliveriesWait() throws Exception {
    int deliveries = 4 * SubscriberSession.MESSAGES_AHEAD;
    subscriber =
        client.subscribeAsync(
            SubscriberOptions.builder("t").durable("d").commitEvery(NEVER).inFlightMax(1).build(),
            (readings, cursor) -> subscriber.commit(cursor));
    var session = server.opened("start");
    for (int i = 0; i < deliveries; i++) {
      session.deliver("after " + i, i);
    }
    for (int i = 0; i < deliveries; i++) {
      assertThat(server.commit().succeed()).isEqualTo("after " + i);
    }
    await().until(() -> subscriber.cursor().equals("after " + (deliveries - 1)));
    assertThat(session.requests()).as("in the stream").noneMatch(SubscribeRequest::hasCommit);
  }

  @Test
  void refusedCommit_failsItsFutureAndNothingElse() throws Exception {
    var session = subscribe(NEVER);
    CompletableFuture<String> done = subscriber.commit("not a cursor");
    server.commit().refuse("CURSOR_INVALID", Status.INVALID_ARGUMENT);
    assertThatThrownBy(() -> done.get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("CURSOR_INVALID");
    session.deliver("a", 1);
    await().until(() -> subscriber.cursor().equals("a"));
    assertThat(subscriber.completion()).isNotDone();
  }

  @Test
  void byTheClock_commitsWhatIsFinishedAndNothingTwice() throws Exception {
    var session = subscribe(Duration.ofMillis(10));
    var commit = server.commit();
    session.deliver("a", 1);
    session.deliver("b", 2);
    await().until(() -> subscriber.cursor().equals("b"));
    assertThat(server.commitOrNull()).as("one is under way").isNull();
    assertThat(commit.succeed()).isEqualTo("start");
    assertThat(server.commit().succeed()).isEqualTo("b");
    assertThat(server.commitOrNull()).as("nothing new").isNull();
  }

  @Test
  void refusedCommitOfTheClock_endsTheSubscriberUnlessItMayBeTriedAgain() throws Exception {
    var session = subscribe(Duration.ofMillis(10));
    var commit = server.commit();
    session.deliver("a", 1);
    await().until(() -> subscriber.cursor().equals("a"));
    commit.refuse("ABORTED", Status.ABORTED);
    commit = server.commit();
    assertThat(commit.cursor()).as("what is finished by now").isEqualTo("a");
    commit.refuse("CURSOR_INVALID", Status.INVALID_ARGUMENT);
    assertThat(server.commit().succeed()).as("a last try at the end").isEqualTo("a");
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("CURSOR_INVALID");
  }

  @Test
  void end_commitsTheRestByACallOfItsOwn() throws Exception {
    var session = subscribe(Duration.ofHours(1));
    assertThat(server.commitOrNull()).as("the clock began before the start was known").isNull();
    session.deliver("a", 1);
    session.end(EndReason.END_REASON_UNTIL_REACHED, "b");
    assertThat(server.commit().succeed()).isEqualTo("b");
    subscriber.completion().get(10, SECONDS);
    assertThat(subscriber.committedCursor()).isEqualTo("b");
    assertThatThrownBy(() -> subscriber.commit("c").get(10, SECONDS))
        .hasMessageContaining(WeirException.CLOSED);
  }

  @Test
  void handlerThatThrows_leavesWhatItHadFinishedCommitted() throws Exception {
    var session =
        subscribe(
            Duration.ofHours(1),
            reading -> {
              if (reading.getDouble() == 3) {
                throw new IllegalStateException("three");
              }
            });
    session.deliver("a", 1, 2);
    session.deliver("b", 3);
    assertThat(server.commit().succeed()).isEqualTo("a");
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  static List<SubscribeResponse.Builder> news() {
    return List.of(
        SubscribeResponse.newBuilder().setGap(Gap.newBuilder().setToCursor("b")),
        SubscribeResponse.newBuilder().setPhase(PhaseChange.newBuilder().setCursor("b")),
        SubscribeResponse.newBuilder().setProgress(Progress.newBuilder().setCursor("b")));
  }

  @ParameterizedTest
  @MethodSource("news")
  void listenerThatThrows_leavesWhatItDidNotTakeUncommitted(SubscribeResponse.Builder unheard)
      throws Exception {
    deaf = true;
    var session = subscribe(Duration.ofHours(1));
    session.deliver("a", 1);
    session.send(unheard);
    assertThat(server.commit().succeed()).isEqualTo("a");
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(subscriber.cursor()).isEqualTo("a");
  }

  @Test
  void deletedTopicAndClose_commitNothing() throws Exception {
    var session = subscribe(Duration.ofHours(1));
    session.deliver("a", 1);
    session.end(EndReason.END_REASON_TOPIC_DELETED, "");
    subscriber.completion().get(10, SECONDS);

    subscribe(NEVER);
    CompletableFuture<String> left = subscriber.commit("b");
    assertThat(server.commit().cursor()).isEqualTo("b");
    subscriber.close();
    assertThatThrownBy(() -> left.get(10, SECONDS)).hasMessageContaining(WeirException.CLOSED);
    assertThat(server.commitOrNull()).isNull();
  }

  private ScriptedSubscribeServer.Session subscribe(Duration commitEvery) throws Exception {
    return subscribe(commitEvery, reading -> {});
  }

  private ScriptedSubscribeServer.Session subscribe(Duration commitEvery, ReadingHandler handler)
      throws Exception {
    subscriber =
        client.subscribe(
            SubscriberOptions.builder("t")
                .durable("d")
                .commitEvery(commitEvery)
                .listener(new Listener())
                .build(),
            handler);
    var session = server.opened("start");
    await().until(() -> subscriber.cursor().equals("start"));
    return session;
  }

  /** Writes down what is committed; takes nothing else while it is deaf. */
  private final class Listener implements SubscriberListener {
    @Override
    public void onCommitted(String cursor) {
      committed.add(cursor);
    }

    @Override
    public void onGap(Gap gap) {
      take();
    }

    @Override
    public void onPhase(PhaseChange phase) {
      take();
    }

    @Override
    public void onProgress(Progress progress) {
      take();
    }

    private void take() {
      if (deaf) {
        throw new IllegalStateException("deaf");
      }
    }
  }
}
