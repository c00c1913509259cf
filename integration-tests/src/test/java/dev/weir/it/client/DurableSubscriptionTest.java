package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirException;
import dev.weir.v1.CommittedCursor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Durable subscriptions through the public client. */
class DurableSubscriptionTest extends ClientServerTest {
  private static SubscriberOptions.Builder durable() {
    return SubscriberOptions.builder("t").durable("report").commitEvery(Duration.ofHours(1));
  }

  /** Runs the durable subscription up to now, or up to a count, and returns its readings. */
  private RecordingHandler run(SubscriberOptions.Builder until) throws Exception {
    RecordingHandler received = new RecordingHandler();
    client.subscribe(until.build(), received).completion().get(30, SECONDS);
    return received;
  }

  @Test
  void endedAsPlanned_nextRunGoesOnBehindIt_alsoAfterARestart() throws Exception {
    publish("s", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(run(durable().untilCount(4)).of("s")).containsExactly(0.0, 1.0, 2.0, 3.0);
    CommittedCursor committed = client.cursors("t").get("report");
    assertThat(committed.getLagReadings()).isEqualTo(6);
    server.restart();
    assertThat(run(durable().untilCount(5)).of("s")).containsExactly(4.0, 5.0, 6.0, 7.0, 8.0);
    assertThat(run(durable().untilNow()).of("s")).containsExactly(9.0);
    assertThat(run(durable().untilNow()).readings()).isZero();
  }

  @Test
  void closedWithoutACommit_nextRunRepeats() throws Exception {
    publish("s", 0, 1, 2);
    RecordingHandler received = new RecordingHandler();
    try (Subscriber subscriber = client.subscribe(durable().build(), received)) {
      received.awaitReadings(3);
      assertThat(subscriber.committedCursor()).isEmpty();
    }
    assertThat(run(durable().untilNow()).of("s")).containsExactly(0.0, 1.0, 2.0);
  }

  @Test
  void commitByHand_neverMovesBack() throws Exception {
    publish("s", 0, 1, 2);
    RecordingHandler received = new RecordingHandler();
    String early;
    String late;
    try (Subscriber subscriber = client.subscribe(durable().build(), received)) {
      received.awaitReadings(3);
      early = subscriber.commit().get(10, SECONDS);
      publish("s", 3);
      received.awaitReadings(4);
      await("finished with the last").until(() -> !subscriber.cursor().equals(early));
      late = subscriber.commit().get(10, SECONDS);
      assertThat(late).isNotEqualTo(early).isEqualTo(subscriber.committedCursor());
      assertThat(subscriber.commit(early).get(10, SECONDS)).isEqualTo(late);
    }
    assertThat(client.cursors("t").commit("report", early)).isEqualTo(late);
    assertThat(client.cursors("t").get("report").getCursor()).isEqualTo(late);
    assertThat(run(durable().untilNow()).readings()).isZero();
  }

  @Test
  void stagesThatEndWithTheirCommit_reachTheEndHoweverMuchWaits() throws Exception {
    publishRounds(1, 1_000);
    SubscriberOptions options =
        SubscriberOptions.builder("t")
            .durable("report")
            .commitEvery(Duration.ZERO)
            .inFlightMax(1)
            .untilNow()
            .build();
    CompletableFuture<Subscriber> started = new CompletableFuture<>();
    AtomicInteger readings = new AtomicInteger();
    Subscriber subscriber =
        client.subscribeAsync(
            options,
            (delivery, cursor) -> {
              readings.addAndGet(delivery.size());
              return started.thenCompose(itself -> itself.commit(cursor));
            });
    started.complete(subscriber);
    String end = subscriber.completion().get(60, SECONDS).cursor();
    assertThat(readings).hasValue(1_000);
    assertThat(client.cursors("t").get("report").getLagReadings()).isZero();
    assertThat(subscriber.committedCursor()).isEqualTo(end);
  }

  @Test
  void forgottenCursor_beginsAgainAtTheOldest() throws Exception {
    publish("s", 0, 1, 2);
    assertThat(run(durable().untilNow()).readings()).isEqualTo(3);
    assertThat(client.cursors("t").list())
        .extracting(CommittedCursor::getName)
        .containsExactly("report");
    client.cursors("t").delete("report");
    assertThatThrownBy(() -> client.cursors("t").get("report"))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("CURSOR_NOT_FOUND");
    assertThat(run(durable().untilNow()).readings()).isEqualTo(3);
  }
}
