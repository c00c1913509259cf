package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorOptions;
import dev.weir.client.SpoolOptions;
import dev.weir.client.WeirException;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishLimits;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishers of a server that takes smaller batches than the readings were gathered for. */
class LowerLimitsTest extends PublishServerFixture {
  private static final int READINGS = 5_000;
  private static final int WINDOW = 8_000;
  private static final PublishLimits ONE_READING =
      PublishLimits.newBuilder().setBatchReadingsMax(1).build();
  private static final PublishLimits SMALL_MESSAGES =
      PublishLimits.newBuilder().setMessageBytesMax(4_096).build();

  @TempDir private Path directory;

  private final Queue<String> heard = new ConcurrentLinkedQueue<>();

  @Test
  void backlogOfASpool_isCut_andTheNextProcessKnowsWhere() throws Exception {
    Publisher publisher = publisher(spooled());
    publishAll(publisher);
    var session = opened(0, ONE_READING);
    session.define(3);
    assertEachAlone(session, 1);
    session.ack(40);
    await().until(() -> publisher.readingsAcknowledged() == 40);
    client.close();
    server.close();
    start();

    Publisher next = publisher(spooled());
    var again = opened(60, PublishLimits.getDefaultInstance()); // the acks from 41 on were lost
    again.define(3);
    assertEachAlone(again, 61);
    again.ack(READINGS);
    next.flush().get(10, SECONDS);
    assertThat(next.readingsAcknowledged()).isEqualTo(READINGS - 40);
    assertThat(heard).isEmpty();
  }

  @Test
  void spoolWhoseServerComesBackWithLowerLimits_cutsWhatIsNotStored() throws Exception {
    Publisher publisher = publisher(spooled());
    publishAll(publisher);
    var session = opened(0, PublishLimits.getDefaultInstance());
    session.define(3);
    PublishBatch first = session.next().getBatch();
    session.fail(Status.UNAVAILABLE);

    var again = opened(1, ONE_READING);
    again.define(3);
    int stored = first.getBatch().getColumns(0).getCount();
    for (int value = stored + 1; value <= READINGS; value++) {
      assertReading(again.next().getBatch(), 1 + value - stored, value);
    }
    again.ack(1 + READINGS - stored);
    publisher.flush().get(10, SECONDS);
    assertThat(publisher.readingsAcknowledged()).isEqualTo(READINGS);
    assertThat(publisher.spool().orElseThrow().readingsWaiting()).isZero();
  }

  @Test
  void readingOfASpoolLargerThanAnyMessage_isToldAndTheRestIsStored() throws Exception {
    Publisher publisher = publisher(spooled());
    publisher
        .sensor(SensorOptions.builder("b").kind(Kind.KIND_BLOB).build())
        .publishBlob(1, new byte[20_000])
        .get(10, SECONDS);
    publisher.sensor("s").publish(2, 2).get(10, SECONDS);
    CompletableFuture<Void> flush = publisher.flush();
    var session = opened(0, SMALL_MESSAGES);
    session.define(3);
    assertReading(session.next().getBatch(), 1, 2);
    session.ack(1);
    assertThatThrownBy(() -> flush.get(10, SECONDS)).hasMessageContaining("TOO_LARGE");
    assertThat(heard).containsExactly("rejected 1 TOO_LARGE");
  }

  @Test
  void publisherWithoutSpool_keepsToTheLimitsOfTheNewestSession() throws Exception {
    Publisher publisher = publisher(PublisherOptions.builder("t"));
    publisher.sensor("s");
    var session = opened(0, PublishLimits.getDefaultInstance());
    session.define(3);
    publisher.sensor("s").publish(1, 1);
    session.next();
    CompletableFuture<BatchAck> large =
        publisher
            .sensor(SensorOptions.builder("b").kind(Kind.KIND_BLOB).build())
            .publishBlob(2, new byte[20_000]);
    session.fail(Status.UNAVAILABLE);

    var again = opened(1, SMALL_MESSAGES.toBuilder().setBatchReadingsMax(1).build());
    again.define(3);
    assertThatThrownBy(() -> large.get(10, SECONDS)).hasMessageContaining("TOO_LARGE");
    for (int value = 1; value <= READINGS; value++) {
      publisher.sensor("s").publish(value, value);
    }
    for (int value = 1; value <= READINGS; value++) {
      assertReading(again.next().getBatch(), 1 + value, value);
    }
  }

  private PublisherOptions.Builder spooled() {
    return PublisherOptions.builder("t").producerId("made-up").spool(SpoolOptions.of(directory));
  }

  private Publisher publisher(PublisherOptions.Builder options) {
    return client.publisher(options.listener(new Listener()).build());
  }

  private static void publishAll(Publisher publisher) throws Exception {
    var sensor = publisher.sensor("s");
    List<CompletableFuture<BatchAck>> acks =
        IntStream.rangeClosed(1, READINGS).mapToObj(value -> sensor.publish(value, value)).toList();
    int largest = 0;
    for (CompletableFuture<BatchAck> ack : acks) {
      largest = Math.max(largest, ack.get(10, SECONDS).readings());
    }
    assertThat(largest).as("readings of a frame").isGreaterThan(1);
  }

  private ScriptedPublishServer.Session opened(long last, PublishLimits limits) throws Exception {
    var session = server.session();
    assertThat(session.next().hasOpen()).isTrue();
    session.open(last, WINDOW, limits);
    return session;
  }

  /** Readings to the last one come in batches of one, each with its own number. */
  private static void assertEachAlone(ScriptedPublishServer.Session session, int from)
      throws Exception {
    for (int value = from; value <= READINGS; value++) {
      assertReading(session.next().getBatch(), value, value);
    }
  }

  private static void assertReading(PublishBatch batch, long sequence, double value) {
    assertThat(batch.getSequence()).isEqualTo(sequence);
    Columns columns = batch.getBatch().getColumns(0);
    assertThat(columns.getDoublesList()).containsExactly(value);
  }

  private final class Listener implements PublisherListener {
    @Override
    public void onRejected(int partition, int readings, WeirException cause) {
      heard.add("rejected " + readings + " " + cause.reason());
    }
  }
}
