package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Columns;
import dev.weir.v1.Defined;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.SensorProblem;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sensors that the server refuses, beside others in the same batches. */
class RefusedSensorTest {
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private ScriptedPublishServer server;
  private WeirClient client;
  private Publisher publisher;
  private SensorHandle good;
  private SensorHandle bad;
  private SensorHandle other;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedPublishServer();
    client = server.client();
    publisher =
        client.publisher(
            PublisherOptions.builder("t")
                .linger(Duration.ofSeconds(10))
                .listener(new Listener())
                .build());
    good = publisher.sensor("good");
    bad = publisher.sensor("bad");
    other = publisher.sensor("other");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void refusedAtFirst_failsItsOwnReadingsOnly() throws Exception {
    var session = opened();
    CompletableFuture<BatchAck> stored = good.publish(1, 1);
    CompletableFuture<BatchAck> refused = bad.publish(2, 2);
    assertThat(bad.publish(3, 3)).as("in the same batch").isSameAs(refused);
    CompletableFuture<BatchAck> storedToo = other.publish(4, 4);
    assertThat(good.publish(5, 5)).isSameAs(stored);
    CompletableFuture<Void> flushed = publisher.flush();
    answer(session, 4, "bad");

    Columns sent = session.next().getBatch().getBatch().getColumns(0);
    assertThat(sent.getDoublesList()).containsExactly(1.0, 4.0, 5.0);
    assertThat(sent.getSensorIdsList()).containsExactly(4, 6, 4);
    assertRefused(refused);
    assertThat(stored).isNotDone();
    session.ack(1);
    assertThat(stored.get(10, SECONDS).readings()).isEqualTo(3);
    assertThat(storedToo.get(10, SECONDS).sequence()).isEqualTo(1);
    assertThat(heard).containsExactly("rejected 2 KIND_MISMATCH");
    assertThatThrownBy(() -> flushed.get(10, SECONDS)).hasMessageContaining("KIND_MISMATCH");
    await().until(() -> publisher.readingsAcknowledged() == 3);
    assertThatThrownBy(() -> bad.publish(6, 6)).hasMessageContaining("KIND_MISMATCH");
  }

  @Test
  void nothingButRefusedSensors_sendsNothing() throws Exception {
    var session = opened();
    CompletableFuture<BatchAck> refused = bad.publish(1, 1);
    CompletableFuture<BatchAck> refusedToo = other.publish(2, 2);
    answer(session, 4, "bad", "other");
    assertRefused(refused);
    assertRefused(refusedToo);
    CompletableFuture<BatchAck> stored = good.publish(3, 3);
    assertThat(session.sequences(1)).containsExactly(1L);
    session.ack(1);
    assertThat(stored.get(10, SECONDS).readings()).isEqualTo(1);
  }

  @Test
  void refusedOnReconnectBeforeItWasAccepted_failsItsOwnReadingsOnly() throws Exception {
    var session = opened();
    CompletableFuture<BatchAck> stored = good.publish(1, 1);
    CompletableFuture<BatchAck> refused = bad.publish(2, 2);
    CompletableFuture<BatchAck> storedToo = other.publish(3, 3);
    answer(session, 4);
    assertThat(session.sequences(1)).containsExactly(1L);
    session.fail(Status.UNAVAILABLE);

    var again = opened();
    answer(again, 7, "bad");
    Columns sent = again.next().getBatch().getBatch().getColumns(0);
    assertThat(sent.getDoublesList()).containsExactly(1.0, 3.0);
    assertThat(sent.getSensorIdsList()).containsExactly(7, 9);
    assertRefused(refused);
    again.ack(1);
    assertThat(stored.get(10, SECONDS).readings()).isEqualTo(2);
    assertThat(storedToo.get(10, SECONDS).readings()).isEqualTo(2);
  }

  @Test
  void refusedOnReconnectAfterItWasAccepted_failsItsOwnReadingsOnly() throws Exception {
    var session = opened();
    CompletableFuture<BatchAck> first = good.publish(1, 1);
    answer(session, 4);
    session.sequences(1);
    session.ack(1);
    first.get(10, SECONDS);
    List<CompletableFuture<BatchAck>> alone = new ArrayList<>();
    for (int i = 0; i < PartitionSendQueue.AHEAD_MAX; i++) {
      alone.add(good.publish(2, 2));
      session.sequences(1);
    }
    CompletableFuture<BatchAck> beside = good.publish(3, 3);
    CompletableFuture<BatchAck> refused = bad.publish(4, 4);
    SensorHandle late = publisher.sensor("late");
    CompletableFuture<BatchAck> besideToo = late.publish(5, 5);
    assertThat(bad.publish(6, 6)).as("in the same batch").isSameAs(refused);
    session.fail(Status.UNAVAILABLE);

    var again = server.session();
    again.next();
    again.open(1, 64);
    answer(again, 4, "bad");
    publisher.flush();
    assertRefused(refused);
    for (int i = 0; i < PartitionSendQueue.AHEAD_MAX; i++) {
      assertThat(again.next().getBatch().getBatch().getColumns(0).getDoublesList())
          .as("sent already")
          .containsExactly(2.0);
    }
    assertThat(again.next().getBatch().getBatch().getColumns(0).getDoublesList())
        .as("all but those of the refused sensor")
        .containsExactly(3.0, 5.0);
    assertThat(heard).contains("rejected 2 KIND_MISMATCH");
    again.ack(PartitionSendQueue.AHEAD_MAX + 2);
    assertThat(beside.get(10, SECONDS).readings()).isEqualTo(2);
    for (CompletableFuture<BatchAck> one : alone) {
      assertThat(one.get(10, SECONDS).readings()).isEqualTo(1);
    }
    assertThat(besideToo.get(10, SECONDS).readings()).isEqualTo(2);
  }

  @Test
  void refusedOnReconnectAfterItsReadingsWereSent_failsItsOwnReadingsOnly() throws Exception {
    var session = opened();
    CompletableFuture<BatchAck> first = good.publish(1, 1);
    answer(session, 4);
    session.sequences(1);
    session.ack(1);
    first.get(10, SECONDS);
    good.publish(2, 2);
    session.sequences(1);
    CompletableFuture<BatchAck> beside = good.publish(3, 3);
    CompletableFuture<BatchAck> refused = bad.publish(4, 4);
    publisher.flush();
    assertThat(session.sequences(1)).containsExactly(3L);
    session.fail(Status.UNAVAILABLE);

    var again = server.session();
    again.next();
    again.open(1, 64);
    answer(again, 4, "bad");
    again.next();
    assertThat(again.next().getBatch().getBatch().getColumns(0).getDoublesList())
        .containsExactly(3.0);
    assertRefused(refused);
    again.ack(3);
    assertThat(beside.get(10, SECONDS).readings()).isEqualTo(1);
  }

  @Test
  void sensorThatTheServerLeavesOut_isRefusedInsteadOfWaitedFor() throws Exception {
    var session = opened();
    CompletableFuture<BatchAck> stored = good.publish(1, 1);
    CompletableFuture<BatchAck> left = bad.publish(2, 2);
    long id = session.next().getDefine().getId();
    Defined.Builder defined = Defined.newBuilder().setId(id);
    defined.addBindings(SensorBinding.newBuilder().setName("good").setId(4));
    session.send(PublishStreamResponse.newBuilder().setDefined(defined));
    assertThatThrownBy(() -> left.get(10, SECONDS)).hasMessageContaining("leaves out");
    assertThat(session.sequences(1)).containsExactly(1L);
    session.ack(1);
    assertThat(stored.get(10, SECONDS).readings()).isEqualTo(1);
  }

  private ScriptedPublishServer.Session opened() throws Exception {
    var session = server.session();
    assertThat(session.next().hasOpen()).isTrue();
    session.open(0, 64);
    return session;
  }

  /** Answers the next request, a definition, with ids from this one on, but for those refused. */
  private static void answer(ScriptedPublishServer.Session session, int firstId, String... refused)
      throws Exception {
    var define = session.next().getDefine();
    Defined.Builder defined = Defined.newBuilder().setId(define.getId());
    for (int i = 0; i < define.getSensorsCount(); i++) {
      String name = define.getSensors(i).getName();
      if (Set.of(refused).contains(name)) {
        defined.addProblems(
            SensorProblem.newBuilder()
                .setIndex(i)
                .setProblem(Problem.newBuilder().setReason("KIND_MISMATCH").setCode(3)));
      } else {
        defined.addBindings(SensorBinding.newBuilder().setName(name).setId(firstId + i));
      }
    }
    session.send(PublishStreamResponse.newBuilder().setDefined(defined));
  }

  private static void assertRefused(CompletableFuture<BatchAck> ack) {
    assertThatThrownBy(() -> ack.get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("KIND_MISMATCH");
  }

  /** Writes down what it hears. */
  private final class Listener implements PublisherListener {
    @Override
    public void onRejected(int partition, int readings, WeirException cause) {
      heard.add("rejected " + readings + " " + cause.reason());
    }
  }
}
