package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorInfo;
import dev.weir.client.SensorOptions;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.Durability;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishing through the public client. */
class PublishTest {
  private static final long TIME = 1_700_000_000_123_456_789L;

  @TempDir Path data;
  private ClientTestServer server;
  private WeirClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ClientTestServer(data);
    client = server.client();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  @Test
  void everyKind_comesBackAsItWasPublishedWithItsDefinition() throws Exception {
    Publisher publisher = client.publisher("t");
    SensorOptions celsius = SensorOptions.builder("a/temp").unit("Cel").label("line", "3").build();
    publisher.sensor(celsius).publish(TIME, Double.NaN);
    publisher.sensor(of("a/count", Kind.KIND_INTEGER)).publishInteger(TIME + 1, Long.MIN_VALUE);
    publisher.sensor(of("a/open", Kind.KIND_BOOLEAN)).publishBoolean(TIME + 2, true);
    publisher.sensor(of("a/state", Kind.KIND_TEXT)).publishText(TIME + 3, "läuft");
    publisher.sensor(of("a/raw", Kind.KIND_BLOB)).publishBlob(TIME + 4, new byte[] {0, -1});
    publisher.flush().get(10, SECONDS);

    List<String> seen = new ArrayList<>();
    Subscriber subscriber = client.subscribe(all(), new Describing(seen));
    subscriber.completion().get(10, SECONDS);

    assertThat(seen)
        .containsExactlyInAnyOrder(
            "a/temp Cel {line=3} " + TIME + " NaN",
            "a/count  {} " + (TIME + 1) + " " + Long.MIN_VALUE,
            "a/open  {} " + (TIME + 2) + " true",
            "a/state  {} " + (TIME + 3) + " läuft",
            "a/raw  {} " + (TIME + 4) + " 2 bytes");
  }

  @Test
  void rowForm_isStoredLikeTheHandles() throws Exception {
    Publisher publisher = client.publisher("t");
    Reading text = Reading.newBuilder().setSensor("s").setText("on").build();
    Reading blob =
        Reading.newBuilder().setSensor("b").setBlob(ByteString.copyFromUtf8("x")).build();
    BatchAck ack = publisher.publish(text).get(10, SECONDS);
    publisher.publish(blob).get(10, SECONDS);

    List<Reading> seen = new ArrayList<>();
    client
        .subscribe(
            SubscriberOptions.builder("t").fromEarliest().untilNow().rows().build(), seen::add)
        .completion()
        .get(10, SECONDS);

    assertThat(ack.durability()).isEqualTo(Durability.DURABILITY_SYNCED);
    assertThat(ack.cursor()).isNotEmpty();
    assertThat(seen).extracting(Reading::getSensor).containsExactly("s", "b");
    assertThat(seen.get(0).hasTime()).isTrue();
    assertThatThrownBy(() -> publisher.publish(Reading.newBuilder().setSensor("s").build()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void batchTheServerRejects_failsAloneAndTheOthersAreStoredInOrder() throws Exception {
    Publisher publisher =
        client.publisher(PublisherOptions.builder("t").batchReadingsMax(1).build());
    SensorHandle sensor = publisher.sensor("s");
    long tenYears = Duration.ofDays(3_650).toNanos();
    List<CompletableFuture<BatchAck>> acks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      boolean bad = i % 50 == 25;
      acks.add(sensor.publish(bad ? System.currentTimeMillis() * 1_000_000 + tenYears : TIME, i));
    }
    List<Integer> rejected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      try {
        acks.get(i).get(30, SECONDS);
      } catch (ExecutionException e) {
        assertThat(((WeirException) e.getCause()).reason()).isEqualTo("TIME_OUT_OF_RANGE");
        rejected.add(i);
      }
    }
    RecordingHandler received = new RecordingHandler();
    client.subscribe(all(), received).completion().get(10, SECONDS);

    assertThat(rejected).containsExactly(25, 75, 125, 175);
    assertThat(received.of("s")).hasSize(196).isSorted().doesNotContain(25.0, 75.0, 125.0, 175.0);
  }

  @Test
  void secondPublisherOfAProducer_fencesTheFirst() throws Exception {
    PublisherOptions options =
        PublisherOptions.builder("t").producerId("p").batchReadingsMax(1).build();
    Publisher first = client.publisher(options);
    SensorHandle old = first.sensor("s");
    old.publish(TIME, 0).get(10, SECONDS);

    Publisher second = client.publisher(options);
    BatchAck ack = second.sensor("s").publish(TIME, 1).get(10, SECONDS);

    assertThat(ack.sequence()).as("sequences go on across epochs").isEqualTo(2);
    assertThatThrownBy(
            () -> {
              while (true) {
                old.publish(TIME, 9).get(10, SECONDS);
              }
            })
        .hasMessageContaining("PRODUCER_FENCED");
  }

  @Test
  void sensorOfAnotherKind_isRefusedByTheServer() throws Exception {
    client.publisher("t").sensor("s").publish(TIME, 1).get(10, SECONDS);
    SensorHandle other = client.publisher("t").sensor(of("s", Kind.KIND_TEXT));
    assertThatThrownBy(() -> other.publishText(TIME, "x").get(10, SECONDS))
        .hasMessageContaining("KIND_MISMATCH");
    assertThatThrownBy(() -> other.publish(TIME, 1)).hasMessageContaining("KIND_MISMATCH");
  }

  @Test
  void manySensorsOnSeveralPartitions_areAllListedAndDelivered() throws Exception {
    Topic topic = client.topics().createTopic("wide", 8);
    Publisher publisher = client.publisher("wide");
    int sensors = 3_000;
    for (int i = 0; i < sensors; i++) {
      publisher.sensor("s" + i).publish(TIME, 0);
    }
    publisher.flush().get(30, SECONDS);

    RecordingHandler received = new RecordingHandler();
    Subscriber subscriber =
        client.subscribe(
            SubscriberOptions.builder("wide").fromEarliest().untilNow().build(), received);
    subscriber.completion().get(30, SECONDS);

    received.assertCounting(sensors, 1);
    assertThat(client.topics().listSensors("wide"))
        .extracting(Sensor::getName)
        .hasSize(sensors)
        .doesNotHaveDuplicates();
    assertThat(client.topics().listTopics()).contains(topic);
    assertThat(client.topics().getTopic("wide").getPartitionCount()).isEqualTo(8);
    assertThat(client.serverInfo().getDevelopmentMode()).isTrue();
  }

  @Test
  void missingTopic_isToldWithItsReason() {
    assertThatThrownBy(() -> client.topics().getTopic("nothing-here"))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.reason()).isEqualTo("TOPIC_NOT_FOUND"));
  }

  private static SensorOptions of(String name, Kind kind) {
    return SensorOptions.builder(name).kind(kind).build();
  }

  private static SubscriberOptions all() {
    return SubscriberOptions.builder("t").fromEarliest().untilNow().build();
  }

  /** Writes down each reading with its sensor's definition. */
  private record Describing(List<String> seen) implements ReadingHandler {
    @Override
    public void onReading(Reading reading) {
      throw new AssertionError("every kind has its own method here");
    }

    private void add(SensorInfo sensor, long time, Object value) {
      seen.add(
          sensor.name() + " " + sensor.unit() + " " + sensor.labels() + " " + time + " " + value);
    }

    @Override
    public void onDouble(SensorInfo sensor, long time, double value) {
      add(sensor, time, value);
    }

    @Override
    public void onInteger(SensorInfo sensor, long time, long value) {
      add(sensor, time, value);
    }

    @Override
    public void onBoolean(SensorInfo sensor, long time, boolean value) {
      add(sensor, time, value);
    }

    @Override
    public void onText(SensorInfo sensor, long time, String value) {
      add(sensor, time, value);
    }

    @Override
    public void onBlob(SensorInfo sensor, long time, byte[] value) {
      add(sensor, time, value.length + " bytes");
    }
  }
}
