package dev.weir.client.internal.reconnect;

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
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscribeResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Durable subscriptions: what is committed, when, and what becomes of it. */
class CommitTest {
  private static final Duration NEVER = Duration.ZERO;

  private static final Consumer<ScriptedSubscribeServer.Session> GAP =
      session -> session.gap(GapReason.GAP_REASON_RETENTION, "b");
  private static final Consumer<ScriptedSubscribeServer.Session> CAUGHT_UP =
      session -> session.phase(Phase.PHASE_CAUGHT_UP, "b");
  private static final Consumer<ScriptedSubscribeServer.Session> PROGRESS =
      session ->
          session.send(
              SubscribeResponse.newBuilder().setProgress(Progress.newBuilder().setCursor("b")));

  private final Queue<String> committed = new ConcurrentLinkedQueue<>();
  private ScriptedSubscribeServer server;
  private WeirClient client;
  private Subscriber subscriber;
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
    assertThat(session.next().getCommit().getCursor()).isEqualTo("a");
    assertThat(done).isNotDone();
    session.acknowledge("ahead");
    assertThat(done.get(10, SECONDS)).isEqualTo("ahead");
    assertThat(subscriber.committedCursor()).isEqualTo("ahead");
    await().untilAsserted(() -> assertThat(committed).containsExactly("ahead"));
  }

  @Test
  void commitsCalledWhileOneIsUnderWay_areOneCommitOfTheLast() throws Exception {
    var session = subscribe(NEVER);
    CompletableFuture<String> first = subscriber.commit("a");
    assertThat(session.next().getCommit().getCursor()).isEqualTo("a");
    CompletableFuture<String> second = subscriber.commit("b");
    CompletableFuture<String> third = subscriber.commit("c");
    assertThat(session.nextOrNull()).isNull();
    session.acknowledge("a");
    assertThat(session.next().getCommit().getCursor()).isEqualTo("c");
    session.acknowledge("c");
    assertThat(first.get(10, SECONDS)).isEqualTo("a");
    assertThat(second.get(10, SECONDS)).isEqualTo("c");
    assertThat(third).isSameAs(second);
  }

  @Test
  void commitUnderWayWhenTheLinkBreaks_isSentAgain() throws Exception {
    var first = subscribe(NEVER);
    CompletableFuture<String> done = subscriber.commit("a");
    first.next();
    first.fail(Status.UNAVAILABLE);
    var second = server.opened("start");
    assertThat(second.next().getCommit().getCursor()).isEqualTo("a");
    second.acknowledge("a");
    assertThat(done.get(10, SECONDS)).isEqualTo("a");
  }

  @Test
  void refusedCommit_failsItsFutureAndNothingElse() throws Exception {
    var session = subscribe(NEVER);
    CompletableFuture<String> done = subscriber.commit("never given");
    session.next();
    session.refuse("COMMIT_AHEAD", Status.FAILED_PRECONDITION);
    assertThatThrownBy(() -> done.get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("COMMIT_AHEAD");
    session.deliver("a", 1);
    await().until(() -> subscriber.cursor().equals("a"));
    assertThat(subscriber.completion()).isNotDone();
  }

  @Test
  void byTheClock_commitsWhatIsFinishedAndNothingTwice() throws Exception {
    var session = subscribe(Duration.ofMillis(10));
    assertThat(session.next().getCommit().getCursor()).isEqualTo("start");
    session.deliver("a", 1);
    session.deliver("b", 2);
    await().until(() -> subscriber.cursor().equals("b"));
    assertThat(session.nextOrNull()).as("one is under way").isNull();
    session.acknowledge("start");
    assertThat(session.next().getCommit().getCursor()).isEqualTo("b");
    session.acknowledge("b");
    assertThat(session.nextOrNull()).as("nothing new").isNull();
  }

  @Test
  void refusedCommitOfTheClock_endsTheSubscriberUnlessItMayBeTriedAgain() throws Exception {
    var session = subscribe(Duration.ofMillis(10));
    session.next();
    session.refuse("STORE_FAILED", Status.UNAVAILABLE);
    assertThat(session.next().getCommit().getCursor()).as("tried again").isEqualTo("start");
    session.refuse("CURSOR_INVALID", Status.INVALID_ARGUMENT);
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("CURSOR_INVALID");
  }

  @Test
  void end_commitsTheRestByACallOfItsOwn() throws Exception {
    var session = subscribe(Duration.ofHours(1));
    assertThat(session.nextOrNull()).as("the clock began before the start was known").isNull();
    session.deliver("a", 1);
    session.end(EndReason.END_REASON_UNTIL_REACHED, "b");
    var request = server.unaryCommit();
    assertThat(request.getName()).isEqualTo("d");
    assertThat(request.getCursor()).isEqualTo("b");
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
    assertThat(server.unaryCommit().getCursor()).isEqualTo("a");
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void listenerThatThrows_leavesWhatItDidNotTakeUncommitted() throws Exception {
    deaf = true;
    for (Consumer<ScriptedSubscribeServer.Session> news : List.of(GAP, CAUGHT_UP, PROGRESS)) {
      var session = subscribe(Duration.ofHours(1));
      session.deliver("a", 1);
      news.accept(session);
      assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class);
      assertThat(subscriber.cursor()).isEqualTo("a");
      assertThat(server.unaryCommit().getCursor()).isEqualTo("a");
    }
  }

  @Test
  void deletedTopicAndClose_commitNothing() throws Exception {
    var session = subscribe(Duration.ofHours(1));
    session.deliver("a", 1);
    session.end(EndReason.END_REASON_TOPIC_DELETED, "");
    subscriber.completion().get(10, SECONDS);

    subscribe(NEVER);
    CompletableFuture<String> left = subscriber.commit("b");
    subscriber.close();
    assertThatThrownBy(() -> left.get(10, SECONDS)).hasMessageContaining(WeirException.CLOSED);
    assertThat(server.hasUnaryCommits()).isFalse();
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
