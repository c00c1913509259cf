package dev.weir.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.v1.Durability;
import dev.weir.v1.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rule 1 of PublishService, at its end: the client hears what a lost machine took of a BUFFERED
 * topic.
 */
class LostBufferedDataTest {
  private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;

  private record Range(int partition, long from, long through) {}

  @TempDir private Path data;
  private FaultyFiles files;

  private WeirServer start(int port) throws IOException {
    files = new FaultyFiles();
    Limits limits = Limits.defaults().with(Limit.BUFFERED_SYNC_MS, 60_000);
    return WeirServer.start(
        ServerConfig.defaults().withDataDir(data).withLimits(limits).withPort(port), files);
  }

  private void losePower(WeirServer server) throws IOException {
    files.die();
    try {
      server.close();
    } catch (IOException | CompletionException expected) {
      // a dead process cannot close its files well
    }
    files.losePageCache();
  }

  @Test
  void tailLostWithTheMachine_isToldToThePublisher_andItsNumbersAreUsedAgain() throws Exception {
    List<Range> lost = new CopyOnWriteArrayList<>();
    WeirServer server = start(0);
    int port = server.port();
    try (WeirClient client = ClientTestServer.client(port)) {
      client
          .topics()
          .createTopic(
              Topic.newBuilder()
                  .setName("t")
                  .setDurability(Durability.DURABILITY_BUFFERED)
                  .build());
      Publisher publisher =
          client.publisher(
              PublisherOptions.builder("t").producerId("p").listener(listener(lost)).build());
      SensorHandle sensor = publisher.sensor("s");
      publish(publisher, sensor, 0);
      publish(publisher, sensor, 1);
      publish(publisher, publisher.sensor("later"), 2); // its definition syncs what is before it
      publish(publisher, sensor, 3);
      publish(publisher, sensor, 4);
      losePower(server);
      server = start(port);
      await("told").atMost(30, TimeUnit.SECONDS).until(() -> !lost.isEmpty());
      publish(publisher, sensor, 10);
      publish(publisher, sensor, 11);

      assertThat(lost).containsExactly(new Range(0, 3, 5));
      RecordingHandler received = new RecordingHandler();
      Subscriber subscriber =
          client.subscribe(
              SubscriberOptions.builder("t").fromEarliest().untilNow().build(), received);
      subscriber.completion().get(30, TimeUnit.SECONDS);
      assertThat(received.of("s")).containsExactly(0.0, 1.0, 10.0, 11.0);
      assertThat(received.of("later")).isEmpty();
    } finally {
      server.close();
    }
  }

  private static PublisherListener listener(List<Range> lost) {
    return new PublisherListener() {
      @Override
      public void onLost(int partition, long fromSequence, long throughSequence) {
        lost.add(new Range(partition, fromSequence, throughSequence));
      }
    };
  }

  private static void publish(Publisher publisher, SensorHandle sensor, int value)
      throws Exception {
    sensor.publish(FIRST_NANOS + value, value);
    publisher.flush().get(30, TimeUnit.SECONDS);
  }
}
