package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.client.internal.subscribe.ScriptedSubscribeServer;
import dev.weir.v1.EndReason;
import dev.weir.v1.GoingAway;
import dev.weir.v1.Phase;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests the client's reaction to a server that is going away. */
class GoingAwayTest {
  private static GoingAway.Builder goingAway(int leaveMillis, int deadlineMillis) {
    return GoingAway.newBuilder()
        .setProblem(
            Problem.newBuilder()
                .setCode(Status.Code.UNAVAILABLE.value())
                .setReason("SHUTTING_DOWN")
                .setMessage("the server is stopping"))
        .setReconnectDelay(millis(leaveMillis))
        .setDeadline(millis(deadlineMillis));
  }

  private static Duration millis(int millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1_000)
        .setNanos(millis % 1_000 * 1_000_000)
        .build();
  }

  private static PublishStreamResponse.Builder toPublisher(int leaveMillis, int deadlineMillis) {
    return PublishStreamResponse.newBuilder().setGoingAway(goingAway(leaveMillis, deadlineMillis));
  }

  /** A publisher of "s" that records how it was disconnected. */
  private static Publisher publisher(WeirClient client, List<String> disconnections) {
    return client.publisher(
        PublisherOptions.builder("t")
            .listener(
                new PublisherListener() {
                  @Override
                  public void onDisconnected(WeirException cause, java.time.Duration retryIn) {
                    disconnections.add(cause.reason() + " " + retryIn.toMillis());
                  }
                })
            .build());
  }

  @Test
  void publisher_goesOnUntilItsTime_thenFinishes_andSendsTheRestInTheNextSession()
      throws Exception {
    List<String> disconnections = Collections.synchronizedList(new ArrayList<>());
    try (var server = new ScriptedPublishServer();
        WeirClient client = server.client()) {
      Publisher publisher = publisher(client, disconnections);
      SensorHandle sensor = publisher.sensor("s");
      var first = server.session();
      assertThat(first.next().getOpen().getFeaturesList()).contains("going_away");
      first.holdEnd();
      first.open(0, 8);
      CompletableFuture<BatchAck> one = sensor.publish(1, 1.0);
      first.define(1);
      assertThat(first.next().getBatch().getSequence()).isEqualTo(1);

      first.send(toPublisher(300, 60_000));
      CompletableFuture<BatchAck> two = sensor.publish(2, 2.0);
      assertThat(first.next().getBatch().getSequence()).as("its time has not come").isEqualTo(2);
      first.awaitHalfClose();
      CompletableFuture<BatchAck> three = sensor.publish(3, 3.0);
      first.ack(1);
      one.get(10, TimeUnit.SECONDS);
      assertThat(first.nextOrNull()).as("nothing behind the half-close").isNull();
      first.finish();

      var second = server.session();
      assertThat(second.next().getOpen().getEpoch()).isEqualTo(5);
      second.open(1, 8);
      second.define(1);
      assertThat(second.sequences(2)).containsExactly(2L, 3L);
      second.ack(3);
      CompletableFuture.allOf(two, three).get(10, TimeUnit.SECONDS);
      assertThat(disconnections).containsExactly("SHUTTING_DOWN 0");
    }
  }

  @Test
  void publisher_whoseServerDoesNotEndTheSession_leavesAtTheDeadline() throws Exception {
    try (var server = new ScriptedPublishServer();
        WeirClient client = server.client()) {
      Publisher publisher = publisher(client, new ArrayList<>());
      SensorHandle sensor = publisher.sensor("s");
      var first = server.session();
      first.holdEnd();
      assertThat(first.next().hasOpen()).isTrue();
      first.open(0, 8);
      CompletableFuture<BatchAck> one = sensor.publish(1, 1.0);
      first.define(1);
      assertThat(first.next().getBatch().getSequence()).isEqualTo(1);
      first.send(toPublisher(10, 300));

      var second = server.session();
      PublishStreamRequest open = second.next();
      assertThat(open.hasOpen()).isTrue();
      second.open(1, 8);
      one.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void serverThatRefusesSessionsWhileItStops_isNotWaitedFor_whereThereIsAnother() throws Exception {
    try (var one = new ScriptedPublishServer();
        var other = new ScriptedPublishServer();
        WeirClient client = WeirClient.connect(one.address() + "," + other.address())) {
      publisher(client, new ArrayList<>());
      var refused = await("a session").until(() -> first(one, other), session -> session != null);
      refused.refuse("SHUTTING_DOWN", java.time.Duration.ofMinutes(1));
      await("a session with the other one")
          .until(() -> first(one, other), session -> session != null);
    }
  }

  private static ScriptedPublishServer.Session first(
      ScriptedPublishServer one, ScriptedPublishServer other) {
    var session = one.sessionOrNull();
    return session == null ? other.sessionOrNull() : session;
  }

  @Test
  void serverThatSendsEverySessionAway_isNotHammered() throws Exception {
    List<String> disconnections = Collections.synchronizedList(new ArrayList<>());
    try (var server = new ScriptedPublishServer();
        WeirClient client = server.client()) {
      publisher(client, disconnections);
      for (int i = 0; i < 6; i++) {
        var session = server.session();
        assertThat(session.next().hasOpen()).isTrue();
        session.open(0, 8);
        session.send(toPublisher(0, 1_000));
      }
      await("six ends").until(() -> disconnections.size() >= 6);
      assertThat(disconnections.stream().filter("SHUTTING_DOWN 0"::equals).count())
          .as("sessions that end as soon as they open are followed by waits: %s", disconnections)
          .isLessThan(4);
    }
  }

  @Test
  void subscriber_takesWhatComesUntilItsTime_andGoesOnBehindIt() throws Exception {
    List<Double> seen = Collections.synchronizedList(new ArrayList<>());
    try (var server = new ScriptedSubscribeServer();
        WeirClient client = server.client();
        Subscriber subscriber =
            client.subscribe(
                SubscriberOptions.builder("t").fromEarliest().build(),
                reading -> seen.add(reading.getDouble()))) {
      var first = server.opened("start");
      first.deliver("a", 1);
      first.send(SubscribeResponse.newBuilder().setGoingAway(goingAway(300, 60_000)));
      first.deliver("b", 2, 3);
      first.awaitHalfClose();
      assertThat(first.requests()).filteredOn(SubscribeRequest::hasRemove).hasSize(1);

      var second = server.opened("b");
      assertThat(second.subscription().getStart())
          .isEqualTo(Start.newBuilder().setAfterCursor("b").build());
      second.deliver("c", 4);
      second.end(EndReason.END_REASON_UNTIL_REACHED, "c");
      assertThat(subscriber.completion().get(10, TimeUnit.SECONDS).cursor()).isEqualTo("c");
      assertThat(seen).containsExactly(1.0, 2.0, 3.0, 4.0);
    }
  }

  @Test
  void closedSubscriber_isNotCancelled_butEndsItsSession() throws Exception {
    try (var server = new ScriptedSubscribeServer();
        WeirClient client = server.client()) {
      Subscriber subscriber =
          client.subscribe(SubscriberOptions.builder("t").build(), reading -> {});
      var session = server.opened("start");
      session.phase(Phase.PHASE_CAUGHT_UP, "a");
      await("open").until(() -> subscriber.cursor().equals("a"));
      subscriber.close();
      session.awaitHalfClose();
      assertThat(session.requests()).filteredOn(SubscribeRequest::hasRemove).hasSize(1);
      assertThat(session.isCancelled()).isFalse();
    }
  }
}
