package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SpoolOptions;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.it.contract.harness.FaultyFiles.Fault;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promise D5 for publishers: a partition that a failed sync stopped hurts itself only. */
class StoppedPartitionTest {
  private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;
  private static final int PARTITIONS = 3;
  private static final int STOPPED = 1;
  private static final int BUFFERED_BYTES = 64 * 1024;

  /** Several times what the buffer holds. */
  private static final int READINGS = 20_000;

  @TempDir private Path data;
  @TempDir private Path spool;
  private final Queue<Integer> stops = new ConcurrentLinkedQueue<>();
  private FaultyFiles files;
  private WeirServer server;
  private WeirClient client;

  @BeforeEach
  void startServer() throws IOException {
    start(0);
    client = ClientTestServer.client(server.port());
    client
        .topics()
        .createTopic(Topic.newBuilder().setName("t").setPartitionCount(PARTITIONS).build());
  }

  @AfterEach
  void closeAll() throws IOException {
    client.close();
    server.close();
  }

  private void start(int port) throws IOException {
    files = new FaultyFiles();
    server =
        WeirServer.start(
            ServerConfig.defaults().withDataDir(data).withLimits(Limits.defaults()).withPort(port),
            files);
  }

  private void restart(boolean losePower) throws IOException {
    files.die();
    int port = server.port();
    try {
      server.close();
    } catch (IOException | CompletionException expected) {
      // a dead process cannot close its files well
    }
    if (losePower) {
      files.losePageCache();
    }
    start(port);
  }

  private PublisherOptions.Builder options() {
    return PublisherOptions.builder("t")
        .producerId("p")
        .batchBytesMax(4 * 1024)
        .bufferedBytesMax(BUFFERED_BYTES)
        .blockTimeout(Duration.ofSeconds(20))
        .listener(
            new PublisherListener() {
              @Override
              public void onPartitionStopped(int partition, WeirException cause) {
                stops.add(partition);
              }
            });
  }

  private static SensorHandle sensor(Publisher publisher, int partition) {
    return publisher.sensor(name(partition));
  }

  private static String name(int partition) {
    for (int n = 0; ; n++) {
      if (Partitioner.partition("s" + n, PARTITIONS) == partition) {
        return "s" + n;
      }
    }
  }

  private static CompletableFuture<BatchAck> publish(SensorHandle sensor, int value) {
    return sensor.publish(FIRST_NANOS + value, value);
  }

  /** Value 0 is stored in each partition; then one stops with value 1 in doubt. */
  private CompletableFuture<BatchAck> stopOne(Publisher publisher) throws Exception {
    for (int p = 0; p < PARTITIONS; p++) {
      publish(sensor(publisher, p), 0);
    }
    publisher.flush().get(30, TimeUnit.SECONDS);
    files.set(Fault.FAIL_SYNC);
    CompletableFuture<BatchAck> inDoubt = publish(sensor(publisher, STOPPED), 1);
    await("the stop").atMost(30, TimeUnit.SECONDS).until(() -> !stops.isEmpty());
    files.set(Fault.NONE);
    return inDoubt;
  }

  private List<CompletableFuture<BatchAck>> publishToOthers(Publisher publisher) {
    List<CompletableFuture<BatchAck>> acks = new ArrayList<>();
    for (int value = 1; value <= READINGS; value++) {
      for (int p = 0; p < PARTITIONS; p += 2) {
        acks.add(publish(sensor(publisher, p), value));
      }
    }
    return acks;
  }

  private void assertStored(int valuesOfStopped) throws Exception {
    RecordingHandler received = new RecordingHandler();
    Subscriber subscriber =
        client.subscribe(
            SubscriberOptions.builder("t").fromEarliest().untilNow().build(), received);
    subscriber.completion().get(30, TimeUnit.SECONDS);
    for (int p = 0; p < PARTITIONS; p++) {
      int count = p == STOPPED ? valuesOfStopped : READINGS + 1;
      List<Double> counting = new ArrayList<>();
      for (int value = 0; value < count; value++) {
        counting.add((double) value);
      }
      assertThat(received.of(name(p)).equals(counting))
          .as("partition %s has each value once, in order", p)
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stoppedPartition_refusesItsReadings_othersGoOn_andTheRestartSettlesWhatIsInDoubt(
      boolean losePower) throws Exception {
    Publisher publisher = client.publisher(options().build());
    CompletableFuture<BatchAck> inDoubt = stopOne(publisher);
    assertThatThrownBy(() -> publish(sensor(publisher, STOPPED), 99))
        .isInstanceOfSatisfying(
            WeirException.class,
            refused -> assertThat(refused.reason()).isEqualTo("PARTITION_UNAVAILABLE"));
    for (CompletableFuture<BatchAck> ack : publishToOthers(publisher)) {
      ack.get(30, TimeUnit.SECONDS);
    }
    assertThat(inDoubt).as("nobody knows").isNotDone();
    assertThat(stops).containsExactly(STOPPED);

    restart(losePower);
    assertThat(inDoubt.get(30, TimeUnit.SECONDS).sequence()).isEqualTo(2);
    publish(sensor(publisher, STOPPED), 2).get(30, TimeUnit.SECONDS);
    assertStored(3);
  }

  @Test
  void publisherThatOpensWhileOneIsStopped_publishesToTheOthers_andToAllBehindTheRestart()
      throws Exception {
    Publisher first = client.publisher(options().build());
    stopOne(first);
    first.close();
    stops.clear();
    Publisher second = client.publisher(options().build());
    for (CompletableFuture<BatchAck> ack : publishToOthers(second)) {
      ack.get(30, TimeUnit.SECONDS);
    }
    assertThat(stops).containsExactly(STOPPED);

    restart(true); // what was in doubt is lost
    await("the partition")
        .atMost(30, TimeUnit.SECONDS)
        .ignoreExceptionsMatching(
            failed ->
                failed instanceof WeirException refused
                    && refused.reason().equals("PARTITION_UNAVAILABLE"))
        .until(() -> publish(sensor(second, STOPPED), 1) != null);
    second.flush().get(30, TimeUnit.SECONDS);
    assertStored(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void spool_keepsReadingsOfAStoppedPartition_sendsTheOthers_andTheRestBehindTheRestart(
      boolean losePower) throws Exception {
    Publisher publisher =
        client.publisher(
            options().spool(SpoolOptions.builder(spool).bytesMax(64L << 20).build()).build());
    stopOne(publisher);
    for (int value = 2; value <= 5; value++) {
      publish(sensor(publisher, STOPPED), value).get(30, TimeUnit.SECONDS);
    }
    publishToOthers(publisher);
    await("all others are stored")
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> publisher.readingsAcknowledged() >= PARTITIONS + 2L * READINGS);
    assertThat(publisher.readingsAcknowledged()).isEqualTo(PARTITIONS + 2L * READINGS);

    restart(losePower);
    publisher.flush().get(60, TimeUnit.SECONDS);
    assertStored(6);
    assertThat(publisher.readingsAcknowledged()).isEqualTo(PARTITIONS + 2L * READINGS + 5);
    assertThat(publisher.spool().get().readingsWaiting()).isZero();
  }
}
