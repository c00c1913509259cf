package dev.weir.client.internal.subscribe;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.client.BatchAck;
import dev.weir.client.DoubleHandler;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorInfo;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.client.internal.publish.ScriptedPublishServer;
import dev.weir.v1.Ack;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import dev.weir.v1.SubscribeResponse;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * Rule 13 of SubscribeService, the client's half: a server of a later version sends what this
 * client does not know, as responses and inside those it knows; everything else continues.
 */
class NewerServerTest {
  /** The next free numbers of one byte, those of two bytes, and the greatest of all. */
  private static final List<Integer> UNKNOWN_RESPONSES =
      List.of(13, 14, 15, 16, 17, 100, 2_047, 2_048, (1 << 29) - 1);

  /** More than may arrive ahead of the handler, so that ignored ones must be asked for again. */
  private static final int TIMES = 2 * SubscriberSession.MESSAGES_AHEAD;

  private final Queue<Double> values = new ConcurrentLinkedQueue<>();
  private final Queue<String> disconnects = new ConcurrentLinkedQueue<>();

  @Test
  void unknownResponses_leaveReadingsAndTheSessionAlone() throws Exception {
    try (ScriptedSubscribeServer server = new ScriptedSubscribeServer();
        WeirClient client = server.client()) {
      Subscriber subscriber = subscribe(client);
      var session = server.opened("start");
      session.deliver("a", 1);
      for (int i = 0; i < TIMES; i++) {
        int number = UNKNOWN_RESPONSES.get(i % UNKNOWN_RESPONSES.size());
        session.send(SubscribeResponse.newBuilder().setUnknownFields(message(number)));
      }
      session.send(SubscribeResponse.newBuilder()); // whatever it means was optional
      session.deliver("b", 2);

      await().untilAsserted(() -> assertThat(values).containsExactly(1.0, 2.0));
      await().untilAsserted(() -> assertThat(subscriber.cursor()).isEqualTo("b"));
      assertThat(disconnects).isEmpty();
      assertThat(subscriber.completion()).isNotDone();
    }
  }

  @Test
  void unknownFieldsOfADelivery_leaveItsReadingsAndCursorAlone() throws Exception {
    try (ScriptedSubscribeServer server = new ScriptedSubscribeServer();
        WeirClient client = server.client()) {
      Subscriber subscriber = subscribe(client);
      var session = server.opened("start");
      session.send(SubscribeResponse.newBuilder().setSensors(announcement()));
      session.send(
          SubscribeResponse.newBuilder()
              .setDelivery(columns("a", 1, 2))
              .setUnknownFields(fields(16)));
      session.send(
          SubscribeResponse.newBuilder().setDelivery(row("b", 3)).setUnknownFields(fields(2_047)));
      session.deliver("c", 4);

      await().untilAsserted(() -> assertThat(values).containsExactly(1.0, 2.0, 3.0, 4.0));
      await().untilAsserted(() -> assertThat(subscriber.cursor()).isEqualTo("c"));
      assertThat(disconnects).isEmpty();
      assertThat(subscriber.completion()).isNotDone();
    }
  }

  @Test
  void unknownResponsesAndFieldsOfAnAck_leavePublishingAlone() throws Exception {
    try (ScriptedPublishServer server = new ScriptedPublishServer();
        WeirClient client = server.client()) {
      SensorHandle sensor = publisher(client).sensor("s");
      var session = server.session();
      assertThat(session.next().hasOpen()).isTrue();
      session.open(0, 64);
      session.define(3);
      CompletableFuture<BatchAck> first = sensor.publish(1, 1.0);
      assertThat(session.sequences(1)).containsExactly(1L);
      for (int i = 0; i < TIMES; i++) {
        int number = UNKNOWN_RESPONSES.get(i % UNKNOWN_RESPONSES.size());
        session.send(PublishStreamResponse.newBuilder().setUnknownFields(message(number)));
      }
      Ack.Builder ack = Ack.newBuilder().setThroughSequence(1).setCursor("c");
      session.send(
          PublishStreamResponse.newBuilder()
              .setAck(ack.setUnknownFields(fields(8)))
              .setUnknownFields(fields(16)));

      assertThat(first.get(10, SECONDS).sequence()).isEqualTo(1);
      CompletableFuture<BatchAck> second = sensor.publish(2, 2.0);
      assertThat(session.sequences(1)).as("in the same session").containsExactly(2L);
      session.ack(2);
      assertThat(second.get(10, SECONDS).sequence()).isEqualTo(2);
      assertThat(disconnects).isEmpty();
    }
  }

  private Subscriber subscribe(WeirClient client) {
    Hearer hearer = new Hearer();
    return client.subscribe(SubscriberOptions.builder("t").listener(hearer).build(), hearer);
  }

  private Publisher publisher(WeirClient client) {
    return client.publisher(PublisherOptions.builder("t").listener(new Hearer()).build());
  }

  /** A message in a field that nobody knows. */
  private static UnknownFieldSet message(int number) {
    return UnknownFieldSet.newBuilder()
        .addField(
            number,
            UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8("x"))
                .build())
        .build();
  }

  /** A field of every wire type, from this number on. */
  private static UnknownFieldSet fields(int number) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addVarint(-1).build())
        .addField(number + 1, UnknownFieldSet.Field.newBuilder().addFixed32(-1).build())
        .addField(number + 2, UnknownFieldSet.Field.newBuilder().addFixed64(-1).build())
        .mergeFrom(message(number + 3))
        .build();
  }

  private static Sensors announcement() {
    Sensor.Builder sensor = Sensor.newBuilder().setId(7).setName("s").setKind(Kind.KIND_DOUBLE);
    return Sensors.newBuilder()
        .setTopic("t")
        .addSensors(sensor.setUnknownFields(fields(16)))
        .setUnknownFields(fields(3))
        .build();
  }

  private static Delivery columns(String cursor, double... doubles) {
    Columns.Builder columns = Columns.newBuilder().setCount(doubles.length).addSensorIds(7);
    for (double value : doubles) {
      columns.addDoubles(value);
    }
    Batch.Builder batch = Batch.newBuilder().addColumns(columns.setUnknownFields(fields(13)));
    return Delivery.newBuilder()
        .setCursor(cursor)
        .setChargedReadings(doubles.length)
        .addBatches(batch.setUnknownFields(fields(5)))
        .setUnknownFields(fields(8))
        .build();
  }

  private static Delivery row(String cursor, double value) {
    Reading.Builder reading = Reading.newBuilder().setSensor("s").setDouble(value);
    return Delivery.newBuilder()
        .setCursor(cursor)
        .setChargedReadings(1)
        .addReadings(reading.setUnknownFields(fields(9)))
        .setUnknownFields(fields(4_000))
        .build();
  }

  /** Writes down what it hears. */
  private final class Hearer implements DoubleHandler, SubscriberListener, PublisherListener {
    @Override
    public void onDouble(SensorInfo sensor, long timeNanos, double value) {
      values.add(value);
    }

    @Override
    public void onReading(Reading reading) {
      values.add(reading.getDouble());
    }

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      disconnects.add(cause.reason());
    }
  }
}
