package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Offer;
import dev.weir.client.OnFull;
import dev.weir.client.Publisher;
import dev.weir.client.SensorHandle;
import dev.weir.client.WeirException;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A publisher against a server that plays each case of PublishService's rules. */
class PublisherSessionTest extends PublisherSessionFixture {
  @Test
  void idleStream_sendsAtOnceAndGathersWhileSeveralAreUnacknowledged() throws Exception {
    Publisher publisher = publisher(options().linger(Duration.ofSeconds(10)));
    SensorHandle sensor = publisher.sensor("s");
    var session = opened(0, 64);
    session.define(3);

    CompletableFuture<BatchAck> first = sensor.publish(1, 1.0);
    assertThat(session.sequences(1)).containsExactly(1L);
    for (long sequence = 2; sequence <= PartitionSendQueue.AHEAD_MAX; sequence++) {
      sensor.publish(1, 1.0);
      assertThat(session.sequences(1)).as("without an ack").containsExactly(sequence);
    }
    CompletableFuture<BatchAck> second = sensor.publish(2, 2.0);
    CompletableFuture<BatchAck> third = sensor.publish(3, 3.0);

    assertThat(third).as("the batch's shared future").isSameAs(second).isNotSameAs(first);
    assertThat(session.nextOrNull()).as("gathers while several are unacknowledged").isNull();
    session.ack(1);
    PublishStreamRequest batch = session.next();
    assertThat(batch.getBatch().getBatch().getColumns(0).getDoublesList())
        .containsExactly(2.0, 3.0);
    assertThat(first.get(10, SECONDS).sequence()).isEqualTo(1);
    session.ack(PartitionSendQueue.AHEAD_MAX + 1);
    assertThat(second.get(10, SECONDS).readings()).isEqualTo(2);
    await()
        .untilAsserted(
            () ->
                assertThat(publisher.readingsAcknowledged())
                    .isEqualTo(PartitionSendQueue.AHEAD_MAX + 2));
  }

  @Test
  void everyOpen_hasAGreaterAttemptOfTheSameObject_alsoBehindOneThatWasStale() throws Exception {
    publisher(options());
    var first = server.session();
    PublishOpen opened = first.next().getOpen();
    first.fail(Status.UNAVAILABLE);
    var second = server.session();
    PublishOpen again = second.next().getOpen();
    second.refuse("STALE_OPEN", Duration.ZERO);
    var third = server.session();
    PublishOpen behindStale = third.next().getOpen();
    third.open(0, 64);

    assertThat(opened.getInstance()).isNotZero();
    assertThat(again.getInstance()).isEqualTo(opened.getInstance());
    assertThat(behindStale.getInstance()).isEqualTo(opened.getInstance());
    assertThat(List.of(opened.getAttempt(), again.getAttempt(), behindStale.getAttempt()))
        .containsExactly(1L, 2L, 3L);
    Publisher other = publisher(options());
    assertThat(server.session().next().getOpen().getInstance()).isNotEqualTo(opened.getInstance());
    assertThat(other.readingsAcknowledged()).isZero();
  }

  @Test
  void busyStream_sendsWhatHasLingered() throws Exception {
    Publisher publisher = publisher(options().linger(Duration.ofMillis(5)));
    SensorHandle sensor = publisher.sensor("s");
    var session = opened(0, 64);
    session.define(3);
    for (long sequence = 1; sequence <= PartitionSendQueue.AHEAD_MAX + 2; sequence++) {
      sensor.publish(sequence, 1.0);
      assertThat(session.sequences(1)).containsExactly(sequence);
    }
  }

  @Test
  void rejectInTheMiddleOfAPipeline_failsThatBatchOnlyAndSendsTheRestAgainInOrder()
      throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = opened(0, 64);
    session.define(0);
    List<CompletableFuture<BatchAck>> acks = publishAll(sensor, 5);
    assertThat(session.sequences(5)).containsExactly(1L, 2L, 3L, 4L, 5L);

    session.reject(2, 2, BAD_TIME);
    session.reject(3, 2, BEHIND);
    session.reject(4, 2, BEHIND);
    await().untilAsserted(() -> assertThat(heard).contains("rejected 1 TIME_OUT_OF_RANGE"));
    acks.add(sensor.publish(6, 6));
    assertThat(session.nextOrNull()).as("nothing before all behind are rejected").isNull();
    session.ack(1);
    session.reject(5, 2, BEHIND);

    assertThat(values(session, 4)).containsExactly("2:3.0", "3:4.0", "4:5.0", "5:6.0");
    session.ack(5);
    assertThatThrownBy(() -> acks.get(1).get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining("TIME_OUT_OF_RANGE");
    assertThat(acks.get(2).get(10, SECONDS).sequence()).isEqualTo(2);
    assertThat(acks.get(5).get(10, SECONDS).sequence()).isEqualTo(5);
  }

  @Test
  void failedWriteRolledBack_isSentAgainUnderTheSameNumbers() throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = opened(0, 64);
    session.define(0);
    List<CompletableFuture<BatchAck>> acks = publishAll(sensor, 3);
    session.sequences(3);
    for (int sequence = 1; sequence <= 3; sequence++) {
      session.reject(sequence, 1, STORE_FAILED);
    }
    assertThat(values(session, 3)).containsExactly("1:1.0", "2:2.0", "3:3.0");
    session.ack(3);
    assertThat(acks.get(2).get(10, SECONDS).sequence()).isEqualTo(3);
  }

  @Test
  void lateRejectOfAnOldNumber_changesNothing() throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = opened(0, 64);
    session.define(0);
    List<CompletableFuture<BatchAck>> acks = publishAll(sensor, 2);
    session.sequences(2);
    session.ack(1);
    session.reject(1, 2, BAD_TIME);
    session.ack(2);
    assertThat(acks.get(0).get(10, SECONDS).sequence()).isEqualTo(1);
    assertThat(acks.get(1).get(10, SECONDS).sequence()).isEqualTo(2);
  }

  @Test
  void reconnectWithUnacknowledgedBatches_keepsTheEpochDefinesAgainAndReplaysTheRest()
      throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = server.session();
    assertThat(session.next().getOpen().getEpoch()).isZero();
    session.open(0, 64);
    session.define(3);
    List<CompletableFuture<BatchAck>> acks = publishAll(sensor, 3);
    session.sequences(3);
    session.fail(Status.UNAVAILABLE);

    var again = server.session();
    var open = again.next().getOpen();
    assertThat(open.getEpoch()).isEqualTo(5);
    assertThat(open.getProducer()).isEqualTo("made-up");
    again.open(1, 64);
    assertThat(again.nextOrNull().getDefine().getSensors(0).getName()).isEqualTo("s");
    assertThat(again.nextOrNull()).as("no batch before the ids are bound again").isNull();
    again.send(defined(1 + 1, "s", 9));
    PublishStreamRequest replay = again.next();
    assertThat(replay.getBatch().getSequence()).isEqualTo(2);
    assertThat(replay.getBatch().getBatch().getColumns(0).getSensorIdsList())
        .as("re-encoded, because the id changed")
        .containsExactly(9);
    assertThat(values(again, 1)).containsExactly("3:3.0");
    again.ack(3);
    assertThat(acks.get(0).get(10, SECONDS).cursor()).as("learnt from opened").isEmpty();
    assertThat(acks.get(2).get(10, SECONDS).cursor()).isEqualTo("c");
    assertThat(heard).contains("disconnected UNAVAILABLE");
  }

  @Test
  void openedBelowWhatWasAcknowledged_reportsTheLossAndRenumbers() throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = opened(0, 64);
    session.define(3);
    List<CompletableFuture<BatchAck>> acks = publishAll(sensor, 3);
    session.sequences(3);
    session.ack(2);
    acks.get(1).get(10, SECONDS);
    session.fail(Status.UNAVAILABLE);

    var again = opened(0, 64);
    again.define(3);

    assertThat(values(again, 1)).containsExactly("1:3.0");
    await().untilAsserted(() -> assertThat(heard).contains("lost 1..2"));
  }

  @Test
  void window_isObeyedAndDefineCountsAsABatch() throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = opened(0, 2);
    session.define(3);
    publishAll(sensor, 5);
    assertThat(session.sequences(2)).containsExactly(1L, 2L);
    assertThat(session.nextOrNull()).isNull();
    session.ack(1);
    assertThat(session.sequences(1)).containsExactly(3L);
    assertThat(session.nextOrNull()).isNull();
    session.reject(2, 2, BAD_TIME);
    session.reject(3, 2, BEHIND);
    assertThat(values(session, 2)).containsExactly("2:3.0", "3:4.0");
    assertThat(session.nextOrNull()).isNull();
  }

  @Test
  void fencedProducer_stopsWithThatError() throws Exception {
    Publisher publisher = publisher(options().producerId("p"));
    SensorHandle sensor = publisher.sensor("s");
    var session = opened(0, 64);
    session.define(3);
    CompletableFuture<BatchAck> ack = sensor.publish(1, 1);
    session.next();
    session.reject(1, 1, problem("PRODUCER_FENCED", 9).build());

    assertThatThrownBy(() -> ack.get(10, SECONDS)).hasMessageContaining("PRODUCER_FENCED");
    assertThatThrownBy(() -> sensor.publish(2, 2))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.reason()).isEqualTo("PRODUCER_FENCED"));
    assertThat(sensor.tryPublish(2, 2)).isInstanceOf(Offer.Closed.class);
    assertThatThrownBy(() -> publisher.flush().get(10, SECONDS))
        .hasMessageContaining("PRODUCER_FENCED");
  }

  @Test
  void fullBuffer_tellsOrHoldsTheCallerUntilThereIsRoom() throws Exception {
    Publisher refusing =
        publisher(
            options()
                .batchBytesMax(1_024)
                .bufferedBytesMax(2_048)
                .linger(Duration.ofSeconds(10))
                .onFull(OnFull.REFUSE));
    SensorHandle sensor = refusing.sensor("s");
    assertThat(sensor.tryPublish(0, 0))
        .as("no session yet")
        .isInstanceOf(Offer.BackPressured.class);
    var session = opened(0, 64);
    session.define(3);
    await().until(() -> sensor.tryPublish(0, 0) instanceof Offer.Accepted);
    int taken = 1;
    while (sensor.tryPublish(taken, taken) instanceof Offer.Accepted) {
      taken++;
      assertThat(taken).isLessThan(100);
    }
    assertThatThrownBy(() -> sensor.publish(1, 1))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e)
                    .hasMessageStartingWith(WeirException.BACK_PRESSURED)
                    .hasMessageContaining("of 2048 bytes (bufferedBytesMax) are in use. Publish"));
    await()
        .until(
            () -> {
              PublishStreamRequest sent = session.nextOrNull();
              if (sent != null) {
                session.ack(sent.getBatch().getSequence());
              }
              return sensor.tryPublish(1, 1) instanceof Offer.Accepted;
            });
  }

  @Test
  void serverThatNeverOpens_releasesTheCallerAfterTheBlockTimeout() throws Exception {
    Publisher publisher = publisher(options().blockTimeout(Duration.ofMillis(50)));
    SensorHandle sensor = publisher.sensor("s");
    server.session();
    assertThatThrownBy(() -> sensor.publish(1, 1))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e)
                    .hasMessageStartingWith(WeirException.BLOCK_TIMEOUT)
                    .hasMessageContaining("blockTimeout (50 ms)"));
  }

  @Test
  void fatalStatus_endsThePublisherWithIt() throws Exception {
    SensorHandle sensor = publisher(options()).sensor("s");
    server.session().fail(Status.NOT_FOUND.withDescription("no such topic"));
    assertThatThrownBy(() -> sensor.publish(1, 1)).hasMessageContaining("no such topic");
  }

  @Test
  void drain_sendsWhatIsGatheredAndHalfCloses() throws Exception {
    Publisher publisher = publisher(options().linger(Duration.ofSeconds(10)));
    SensorHandle sensor = publisher.sensor("s");
    var session = opened(0, 64);
    session.define(3);
    for (int i = 0; i < PartitionSendQueue.AHEAD_MAX; i++) {
      sensor.publish(1, 1);
      session.next();
    }
    CompletableFuture<BatchAck> gathered = sensor.publish(2, 2);
    assertThat(session.nextOrNull()).as("gathers").isNull();
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> publisher.drain(Duration.ofSeconds(10)));
    assertThat(session.sequences(1)).containsExactly(PartitionSendQueue.AHEAD_MAX + 1L);
    session.ack(PartitionSendQueue.AHEAD_MAX + 1);

    assertThat(drained.get(10, SECONDS)).isTrue();
    assertThat(gathered).isCompleted();
    assertThatThrownBy(() -> sensor.publish(3, 3)).hasMessageContaining(WeirException.CLOSED);
    publisher.close();
    publisher.close();
  }

  @Test
  void sampledTraceOfTheCaller_travelsInTheBatch() throws Exception {
    SensorHandle sensor = publisher(options().batchReadingsMax(1)).sensor("s");
    var session = opened(0, 64);
    session.define(3);
    String trace = "0123456789abcdef0123456789abcdef";
    SpanContext sampled =
        SpanContext.create(
            trace, "0123456789abcdef", TraceFlags.getSampled(), TraceState.getDefault());
    try (Scope scope = Span.wrap(sampled).makeCurrent()) {
      assertThat(scope).isNotNull();
      sensor.publish(1, 1);
    }
    sensor.publish(2, 2);

    assertThat(session.next().getBatch().getBatch().getTraceparent())
        .isEqualTo("00-" + trace + "-0123456789abcdef-01");
    assertThat(session.next().getBatch().getBatch().getTraceparent()).isEmpty();
  }

  @Test
  void close_failsWhatIsNotStored() throws Exception {
    Publisher publisher = publisher(options());
    SensorHandle sensor = publisher.sensor("s");
    var session = opened(0, 64);
    session.define(3);
    CompletableFuture<BatchAck> ack = sensor.publish(1, 1);
    session.next();
    publisher.close();
    assertThatThrownBy(() -> ack.get(10, SECONDS)).hasMessageContaining(WeirException.CLOSED);
  }
}
