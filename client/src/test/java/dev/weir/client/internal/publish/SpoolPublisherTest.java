package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.OnFull;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.SpoolFull;
import dev.weir.client.SpoolOptions;
import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Define;
import dev.weir.v1.Defined;
import dev.weir.v1.Kind;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.SensorProblem;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A publisher with a spool, against a server that plays each case. */
class SpoolPublisherTest extends PublishServerFixture {
  private static final Problem BAD_TIME = problem("TIME_OUT_OF_RANGE", 3);
  private static final Problem BEHIND = problem("OUT_OF_SEQUENCE", 9);

  @TempDir private Path directory;

  private final Queue<String> heard = new ConcurrentLinkedQueue<>();

  @Test
  void withoutServer_readingsAreAccepted_andTheNextProcessSendsThemWithTheirSensors()
      throws Exception {
    Publisher publisher = publisher();
    SensorHandle sensor =
        publisher.sensor(SensorOptions.builder("s").unit("Cel").label("line", "3").build());
    BatchAck ack = sensor.publish(1, 1.5).get(10, SECONDS);
    assertThat(ack.isSpooled()).isTrue();
    publishEach(publisher, 2, 3);
    restart();

    Publisher next = publisher();
    var session = server.session();
    assertThat(session.next().getOpen().getEpoch()).as("none was ever opened").isZero();
    session.open(0, 64);
    var define = session.next().getDefine();
    assertThat(define.getSensors(0).getUnit()).isEqualTo("Cel");
    assertThat(define.getSensors(0).getLabelsMap()).containsEntry("line", "3");
    session.send(defined(define, "none", BEHIND));
    assertBatch(session, 1, 1.5);
    assertBatch(session, 2, 2);
    assertBatch(session, 3, 3);
    session.ack(3);
    next.flush().get(10, SECONDS);
    assertThat(next.spool().orElseThrow().readingsWaiting()).isZero();
    assertThat(next.readingsAcknowledged()).isEqualTo(3);
  }

  @Test
  void restartWithUnacknowledgedBatches_keepsEpochAndNumbers_andSendsExactlyTheRest()
      throws Exception {
    publishEach(publisher(), 1, 4);
    var session = opened(0);
    session.define(3);
    assertThat(session.sequences(4)).containsExactly(1L, 2L, 3L, 4L);
    session.ack(1);
    restart();

    Publisher next = publisher();
    var again = server.session();
    assertThat(again.next().getOpen().getEpoch()).isEqualTo(5);
    again.open(3, 64); // the acks of 2 and 3 were lost
    again.define(7);
    assertBatch(again, 4, 4);
    publishEach(next, 5, 5);
    assertBatch(again, 5, 5);
    again.ack(5);
    next.flush().get(10, SECONDS);
    assertThat(next.spool().orElseThrow().readingsAccepted()).isEqualTo(5);
  }

  @Test
  void everyProcess_opensAsTheSamePublisherObject_withGreaterAttempts() throws Exception {
    publisher();
    var session = server.session();
    PublishOpen first = session.next().getOpen();
    session.open(0, 64);
    session.finish();
    PublishOpen second = server.session().next().getOpen();
    restart();
    publisher();
    PublishOpen next = server.session().next().getOpen();

    assertThat(first.getInstance()).isNotZero();
    assertThat(second.getInstance()).isEqualTo(first.getInstance());
    assertThat(second.getAttempt()).isEqualTo(first.getAttempt() + 1);
    assertThat(next.getInstance()).isEqualTo(first.getInstance());
    assertThat(next.getAttempt()).isGreaterThan(second.getAttempt() + 1_000_000);
  }

  @Test
  void spoolThatWasRestoredFromAnOlderCopy_isToldWithTheWayOut() throws Exception {
    Queue<WeirException> told = new ConcurrentLinkedQueue<>();
    client.publisher(
        options()
            .listener(
                new PublisherListener() {
                  @Override
                  public void onDisconnected(WeirException cause, Duration retryIn) {
                    told.add(cause);
                  }
                })
            .build());
    server.session().refuse("STALE_OPEN", Duration.ZERO);
    await().until(() -> !told.isEmpty());
    assertThat(told.peek().reason()).isEqualTo("STALE_OPEN");
    assertThat(told.peek().getMessage())
        .contains(directory.toString(), "older copy", "another directory and another producer id");
    assertThat(server.session()).as("a restarted server has forgotten it").isNotNull();
  }

  @Test
  void rejectedBatch_givesItsNumberToTheNext_alsoForTheNextProcess() throws Exception {
    publishEach(publisher(), 1, 4);
    var session = opened(0);
    session.define(3);
    session.sequences(4);
    session.ack(1);
    session.reject(2, 2, BAD_TIME);
    session.reject(3, 2, BEHIND);
    session.reject(4, 2, BEHIND);
    assertBatch(session, 2, 3);
    assertBatch(session, 3, 4);
    await().untilAsserted(() -> assertThat(heard).contains("rejected 1"));
    restart();

    publisher();
    var again = opened(2); // "3" was stored as 2; "4" was not
    again.define(3);
    assertBatch(again, 3, 4);
  }

  @Test
  void refusedSensor_losesItsReadingsOnly_alsoWhereTheyShareABatch() throws Exception {
    Publisher publisher = publisher();
    SensorHandle bad =
        publisher.sensor(SensorOptions.builder("bad").kind(Kind.KIND_INTEGER).build());
    SensorHandle good = publisher.sensor("good");
    bad.publishInteger(1, 1).get(10, SECONDS);
    CompletableFuture.allOf(bad.publishInteger(2, 2), good.publish(3, 3)).get(10, SECONDS);
    good.publish(4, 4).get(10, SECONDS);
    var session = opened(0);
    var define = session.next().getDefine();
    session.send(defined(define, "bad", problem("KIND_MISMATCH", 3)));
    int readings = 0;
    double last = 0;
    for (long sequence = 1; readings < 2; sequence++) {
      PublishBatch batch = session.next().getBatch();
      assertThat(batch.getSequence()).isEqualTo(sequence);
      assertThat(batch.getBatch().getColumnsCount()).isEqualTo(1);
      readings += batch.getBatch().getColumns(0).getDoublesCount();
      last = batch.getBatch().getColumns(0).getDoubles(0);
    }
    assertThat(last).isEqualTo(4);
    await().until(() -> heard.stream().anyMatch("rejected 1"::equals));
    assertThatThrownBy(() -> bad.publishInteger(5, 5)).hasMessageContaining("KIND_MISMATCH");
  }

  @Test
  void secondPublisherOfADirectory_isRefused_untilTheFirstIsClosed() throws Exception {
    Publisher first = publisher();
    try (WeirClient other = server.client()) {
      assertThatThrownBy(() -> other.publisher(options().build()))
          .isInstanceOfSatisfying(
              WeirException.class,
              e -> assertThat(e.reason()).isEqualTo(WeirException.SPOOL_IN_USE));
      first.close();
      other.publisher(options().build());
    }
  }

  @Test
  void fencedProducer_endsWithThatError_andKeepsItsReadings() throws Exception {
    Publisher publisher = publisher();
    publishEach(publisher, 1, 1);
    var session = opened(0);
    session.define(3);
    session.next();
    session.reject(1, 1, problem("PRODUCER_FENCED", 9));
    assertThatThrownBy(() -> publisher.flush().get(10, SECONDS))
        .hasMessageContaining("PRODUCER_FENCED");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> publisher.sensor("s").publish(2, 2))
                    .hasMessageContaining("PRODUCER_FENCED"));
    restart();
    publisher();
    var again = server.session();
    assertThat(again.next().getOpen().getEpoch()).as("it stays fenced").isEqualTo(5);
  }

  @Test
  void position_isKeptWithTheReadingsAroundIt() throws Exception {
    Publisher publisher = publisher();
    publishEach(publisher, 1, 2);
    publisher.position("file a, row 2");
    publishEach(publisher, 3, 5);
    publisher.position("file a, row 5");
    publishEach(publisher, 6, 6);
    restart();
    SpoolStatus status = publisher().spool().orElseThrow();
    assertThat(status.position()).isEqualTo("file a, row 5");
    assertThat(status.readingsBehindPosition()).isEqualTo(1);
    assertThat(status.readingsAccepted()).isEqualTo(6);
  }

  @Test
  void positionWithoutFurtherReadings_isKeptToo() throws Exception {
    Publisher publisher = publisher();
    publishEach(publisher, 1, 2);
    publisher.position("done");
    restart();
    SpoolStatus status = publisher().spool().orElseThrow();
    assertThat(status.position()).isEqualTo("done");
    assertThat(status.readingsBehindPosition()).isZero();
  }

  @Test
  void fullSpool_holdsBackOrTells_andSaysWhy() throws Exception {
    Publisher publisher =
        client.publisher(
            options()
                .batchBytesMax(1_024)
                .bufferedBytesMax(2_048)
                .onFull(OnFull.REFUSE)
                .spool(SpoolOptions.builder(directory).bytesMax(16_384).build())
                .build());
    SensorHandle sensor = publisher.sensor("s");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> publishMany(sensor))
                    .hasMessageContaining(WeirException.BACK_PRESSURED)
                    .hasMessageContaining("the spool is full: 16384 bytes"));
    assertThat(publisher.spool().orElseThrow().bytes()).isLessThanOrEqualTo(16_384);
    assertThat(publisher.spool().orElseThrow().readingsDropped()).isZero();
  }

  @Test
  void fullSpoolThatDrops_tellsTheListenerHowMany() throws Exception {
    Publisher publisher =
        client.publisher(
            options()
                .batchBytesMax(1_024)
                .bufferedBytesMax(2_048)
                .spool(
                    SpoolOptions.builder(directory)
                        .bytesMax(16_384)
                        .whenFull(SpoolFull.DROP_OLDEST)
                        .build())
                .build());
    SensorHandle sensor = publisher.sensor("s");
    int published = 0;
    while (publisher.spool().orElseThrow().readingsDropped() == 0) {
      sensor.publish(++published, published).get(10, SECONDS);
    }
    SpoolStatus status = publisher.spool().orElseThrow();
    assertThat(status.readingsAccepted()).isEqualTo(published);
    assertThat(status.readingsWaiting()).isEqualTo(published - status.readingsDropped());
    await()
        .untilAsserted(
            () ->
                assertThat(heard).contains("dropped " + status.readingsDropped() + " SPOOL_FULL"));
  }

  @Test
  void reconnect_sendsAgainWhatTheSessionHad() throws Exception {
    Publisher publisher = publisher();
    publishEach(publisher, 1, 3);
    var session = opened(0);
    session.define(3);
    session.sequences(3);
    session.fail(Status.UNAVAILABLE);
    var again = opened(2);
    again.define(3);
    assertBatch(again, 3, 3);
    again.ack(3);
    publisher.flush().get(10, SECONDS);
  }

  // ---- what the tests are made of

  private PublisherOptions.Builder options() {
    return PublisherOptions.builder("t")
        .producerId("made-up")
        .blockTimeout(Duration.ofSeconds(10))
        .listener(new Listener())
        .spool(SpoolOptions.of(directory));
  }

  private Publisher publisher() {
    return client.publisher(options().build());
  }

  /** Each reading in a frame of its own. */
  private static void publishEach(Publisher publisher, int from, int to) throws Exception {
    for (int i = from; i <= to; i++) {
      publisher.sensor("s").publish(i, i).get(10, SECONDS);
    }
  }

  private static void publishMany(SensorHandle sensor) {
    for (int i = 0; i < 100_000; i++) {
      sensor.publish(i, i);
    }
  }

  /** Another process, and a server that has seen none of the old sessions. */
  private void restart() throws Exception {
    client.close();
    server.close();
    start();
  }

  private ScriptedPublishServer.Session opened(long last) throws Exception {
    var session = server.session();
    assertThat(session.next().hasOpen()).isTrue();
    session.open(last, 64);
    return session;
  }

  private static void assertBatch(
      ScriptedPublishServer.Session session, long sequence, double value) throws Exception {
    PublishBatch batch = session.next().getBatch();
    assertThat(batch.getSequence()).isEqualTo(sequence);
    assertThat(batch.getBatch().getColumns(0).getDoublesList()).containsExactly(value);
  }

  /** Binds all sensors but one. */
  private static PublishStreamResponse.Builder defined(
      Define define, String refused, Problem problem) {
    Defined.Builder defined = Defined.newBuilder().setId(define.getId());
    for (int i = 0; i < define.getSensorsCount(); i++) {
      String name = define.getSensors(i).getName();
      if (name.equals(refused)) {
        defined.addProblems(SensorProblem.newBuilder().setIndex(i).setProblem(problem));
      } else {
        defined.addBindings(SensorBinding.newBuilder().setName(name).setId(3 + i));
      }
    }
    return PublishStreamResponse.newBuilder().setDefined(defined);
  }

  private static Problem problem(String reason, int code) {
    return Problem.newBuilder().setReason(reason).setCode(code).setMessage("as scripted").build();
  }

  private final class Listener implements PublisherListener {
    @Override
    public void onRejected(int partition, int readings, WeirException cause) {
      heard.add("rejected " + readings);
    }

    @Override
    public void onSpoolLoss(long readings, WeirException cause) {
      heard.add("dropped " + readings + " " + cause.reason());
    }
  }
}
