package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Offer;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Defined;
import dev.weir.v1.Kind;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.SensorProblem;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Tests that neither user code nor a session that breaks half-way spoils the futures. */
class PublishFuturesTest extends PublishServerFixture {
  private static final Problem LATER =
      Problem.newBuilder()
          .setReason("STORE_FAILED")
          .setCode(14)
          .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(60))
          .build();

  @Test
  void ackThatTheUserCancelled_isStillWaitedForByFlush() throws Exception {
    Publisher publisher = client.publisher(options().build());
    SensorHandle sensor = publisher.sensor("s");
    var session = opened();
    session.define(3);
    assertThat(sensor.publish(1, 1).cancel(false)).isTrue();
    CompletableFuture<Void> flushed = publisher.flush();
    long sequence = session.next().getBatch().getSequence();

    assertThat(session.nextOrNull()).as("waits a moment").isNull();
    assertThat(flushed).isNotDone();
    session.ack(sequence);
    assertThat(flushed.get(10, SECONDS)).isNull();
  }

  @Test
  void flushOfAnEndedPublisher_isToldOnTheCallbackThread() throws Exception {
    CountDownLatch callback = new CountDownLatch(1);
    Publisher publisher = client.publisher(options().listener(new Blocking(callback)).build());
    SensorHandle sensor = publisher.sensor("s");
    var session = opened();
    session.fail(Status.NOT_FOUND);
    await().until(() -> sensor.tryPublish(1, 1) instanceof Offer.Closed);

    CompletableFuture<String> thread =
        publisher.flush().handle((nothing, failure) -> Thread.currentThread().getName());
    callback.countDown();

    assertThat(thread.get(10, SECONDS)).isEqualTo("weir-client-callbacks");
  }

  @Test
  void sessionThatBreaksBetweenDefinitions_doesNotHideThatAnIdChanged() throws Exception {
    Publisher publisher = client.publisher(options().build());
    SensorHandle sensor = publisher.sensor("s");
    var session = opened();
    session.define(3);
    publisher.sensor("other");
    session.define(4);
    CompletableFuture<BatchAck> ack = sensor.publish(1, 1);
    session.sequences(1);
    session.fail(Status.UNAVAILABLE);
    var halfway = opened();
    Defined.Builder half =
        Defined.newBuilder()
            .setId(halfway.next().getDefine().getId())
            .addBindings(SensorBinding.newBuilder().setName("s").setId(9))
            .addProblems(SensorProblem.newBuilder().setIndex(1).setProblem(LATER));
    halfway.send(PublishStreamResponse.newBuilder().setDefined(half));
    assertThat(halfway.nextOrNull()).as("not before all is defined").isNull();
    halfway.fail(Status.UNAVAILABLE);

    var again = opened();
    again.define(9);

    assertThat(again.next().getBatch().getBatch().getColumns(0).getSensorIdsList())
        .containsExactly(9);
    again.ack(1);
    assertThat(ack.get(10, SECONDS).sequence()).isEqualTo(1);
  }

  @Test
  void sensorsThatAreStillBeingMade_doNotHoldBackTheReplay() throws Exception {
    Publisher publisher = client.publisher(options().build());
    SensorHandle sensor = publisher.sensor("s");
    var session = opened();
    session.define(3);
    sensor.publish(1, 1);
    session.sequences(1);
    session.fail(Status.UNAVAILABLE);
    var again = opened();
    long known = again.next().getDefine().getId();
    publisher.sensor("made meanwhile");
    assertThat(again.next().getDefine().getSensors(0).getName()).isEqualTo("made meanwhile");

    Defined.Builder first =
        Defined.newBuilder()
            .setId(known)
            .addBindings(SensorBinding.newBuilder().setName("s").setId(3));
    again.send(PublishStreamResponse.newBuilder().setDefined(first));

    assertThat(again.sequences(1)).containsExactly(1L);
  }

  @Test
  void clientThatCloses_drainsAllItsPublishersWithinOneTimeout() throws Exception {
    WeirClient slow = server.client(Duration.ofMillis(500));
    for (int i = 0; i < 8; i++) {
      Publisher publisher = slow.publisher(options().build());
      SensorHandle sensor = publisher.sensor("s");
      opened().define(3);
      assertThat(sensor.publish(1, 1)).isNotDone();
    }
    long start = System.nanoTime();
    slow.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void textThatIsNotUnicode_isRefusedInsteadOfChanged() throws Exception {
    Publisher publisher = client.publisher(options().build());
    SensorHandle sensor = publisher.sensor(SensorOptions.builder("s").kind(Kind.KIND_TEXT).build());
    opened();
    assertThatThrownBy(() -> sensor.publishText(1, "half a pair: \uD83D"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
  }

  private static PublisherOptions.Builder options() {
    return PublisherOptions.builder("t").batchReadingsMax(1);
  }

  private ScriptedPublishServer.Session opened() throws Exception {
    var session = server.session();
    assertThat(session.next().hasOpen()).isTrue();
    session.open(0, 64);
    return session;
  }

  /** Keeps the callback thread until it is let go. */
  private record Blocking(CountDownLatch until) implements PublisherListener {
    @Override
    public void onConnected(PublishOpened opened) {
      try {
        assertThat(until.await(10, SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
