package dev.weir.client.internal.subscribe;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.End;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.EndReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handlers that finish later, and out of order. */
class AsyncHandlerTest {
  /** A delivery in the handler's hands. */
  private record Work(List<Double> values, String cursor, CompletableFuture<Void> done) {}

  private final BlockingQueue<Work> works = new LinkedBlockingQueue<>(100);
  private ScriptedSubscribeServer server;
  private WeirClient client;
  private Subscriber subscriber;
  private ScriptedSubscribeServer.Session session;
  private volatile Runnable inHandler = () -> {};
  private volatile Runnable inListener = () -> {};

  @BeforeEach
  void subscribe() throws Exception {
    server = new ScriptedSubscribeServer();
    client = server.client();
    subscriber =
        client.subscribeAsync(
            SubscriberOptions.builder("t")
                .fromEarliest()
                .creditReadings(4)
                .inFlightMax(3)
                .listener(new Listener())
                .build(),
            (readings, cursor) -> {
              inHandler.run();
              CompletableFuture<Void> done = new CompletableFuture<>();
              works.add(new Work(readings.stream().map(r -> r.getDouble()).toList(), cursor, done));
              return done;
            });
    session = server.opened("start");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void creditAndCursor_moveInOrderOnly() throws Exception {
    session.deliver("a", 1, 2);
    session.deliver("b", 3, 4);
    Work first = work();
    Work second = work();
    assertThat(second.values()).containsExactly(3.0, 4.0);
    second.done().complete(null);
    assertThat(session.nextOrNull()).as("the first one is not finished").isNull();
    assertThat(subscriber.cursor()).isEqualTo("start");

    first.done().complete(null);
    assertThat(session.next().getCredit().getCredit().getReadings()).isEqualTo(8);
    await().until(() -> subscriber.cursor().equals("b"));
  }

  @Test
  void deliveriesBeyondTheBound_wait() throws Exception {
    for (int i = 0; i < 4; i++) {
      session.deliver("c" + i, i);
    }
    Work first = work();
    work();
    work();
    assertThat(works.poll(150, MILLISECONDS)).isNull();
    first.done().complete(null);
    assertThat(work().cursor()).isEqualTo("c3");
  }

  @Test
  void stageThatFails_endsTheSubscriberBehindWhatWasFinished() throws Exception {
    session.deliver("a", 1);
    session.deliver("b", 2);
    work().done().complete(null);
    work().done().completeExceptionally(new IllegalStateException("disk full"));
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("disk full");
    assertThat(subscriber.cursor()).isEqualTo("a");
  }

  @Test
  void deliveriesUnderWayWhenTheLinkBreaks_doNotComeAgainAndStillHoldCredit() throws Exception {
    session.deliver("a", 1, 2, 3);
    Work first = work();
    session.fail(Status.UNAVAILABLE);

    var second = server.opened("a");
    assertThat(second.subscription().getStart().getAfterCursor()).isEqualTo("a");
    assertThat(second.subscription().getCredit().getReadings()).isEqualTo(1);
    assertThat(subscriber.cursor()).as("not finished").isEqualTo("start");
    first.done().complete(null);
    assertThat(second.next().getCredit().getCredit().getReadings()).isEqualTo(4);
  }

  @Test
  void plannedEnd_waitsForWhatIsUnderWay() throws Exception {
    session.deliver("a", 1);
    session.end(EndReason.END_REASON_UNTIL_REACHED, "b");
    Work last = work();
    assertThatThrownBy(() -> subscriber.completion().get(150, MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    last.done().complete(null);
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_UNTIL_REACHED, "b"));
  }

  @Test
  void stageCompletedBeforeTheUserCloses_countsAtTheEnd() throws Exception {
    session.deliver("a", 1);
    CompletableFuture<Void> done = work().done();
    inListener =
        () -> {
          done.complete(null);
          subscriber.close();
        };
    session.phase(Phase.PHASE_CAUGHT_UP, "");
    assertThat(subscriber.completion().get(10, SECONDS))
        .isEqualTo(new End(EndReason.END_REASON_REMOVED, "a"));
  }

  @Test
  void stageCompletedBeforeTheHandlerThrows_countsAtTheEnd() throws Exception {
    session.deliver("a", 1);
    CompletableFuture<Void> done = work().done();
    inHandler =
        () -> {
          done.complete(null);
          throw new IllegalStateException("disk full");
        };
    session.deliver("b", 2);
    assertThatThrownBy(() -> subscriber.completion().get(10, SECONDS))
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(subscriber.cursor()).isEqualTo("a");
  }

  private Work work() throws InterruptedException {
    Work work = works.poll(10, SECONDS);
    assertThat(work).as("a delivery").isNotNull();
    return work;
  }

  /** Runs the test's code when a phase comes. */
  private final class Listener implements SubscriberListener {
    @Override
    public void onPhase(PhaseChange phase) {
      inListener.run();
    }
  }
}
