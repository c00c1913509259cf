package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Batch;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.Topic;
import dev.weir.v1.Until;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * F1, F3: a real server that may open fewer files than it has partitions stores in all of them,
 * also while as many connections as it lets in are open, and loses nothing. What finds no file at a
 * moment is refused, and stored when it is sent again.
 */
class FewFilesTest {
  private static final int FILES = 240;
  private static final int TOPICS = 5;
  private static final int PARTITIONS = 64;
  private static final int SENSORS = 256;
  private static final int ROUNDS = 4;
  private static final int CONNECTIONS = 300;
  private static final int DEADLINE_SECONDS = 30;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  private RealServer start() throws IOException {
    String[] few = {"bash", "-c", "ulimit -n " + FILES + "; exec \"$@\"", "weir"};
    return RealServer.start(new RealServer.Terms(dir, Map.of()).under(few), 0, List.of());
  }

  @Test
  void morePartitionsAndConnectionsThanFiles_everythingIsStored() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (RealServer server = start()) {
      ManagedChannel channel = channel(server);
      for (int topic = 0; topic < TOPICS; topic++) {
        create(channel, topic);
      }
      for (int i = 0; i < CONNECTIONS; i++) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }
      for (long round = 1; round <= ROUNDS; round++) {
        for (int topic = 0; topic < TOPICS; topic++) {
          publish(channel, topic, round);
        }
      }
      channel.shutdownNow();
      assertThat(server.stop()).isZero();
      assertThat(String.join("\n", server.words()))
          .contains("The server refuses connections")
          .doesNotContain("_FAILED");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    try (RealServer again = start()) {
      ManagedChannel channel = channel(again);
      for (int topic = 0; topic < TOPICS; topic++) {
        assertThat(stored(channel, topic))
            .containsExactlyInAnyOrderElementsOf(
                LongStream.range(SENSORS, (ROUNDS + 1L) * SENSORS).boxed().toList());
      }
      channel.shutdownNow();
    }
  }

  private static ManagedChannel channel(RealServer server) {
    return NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
  }

  private static String name(int topic) {
    return "few" + topic;
  }

  private static void create(ManagedChannel channel, int topic) {
    CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .createTopic(
            CreateTopicRequest.newBuilder()
                .setTopic(Topic.newBuilder().setName(name(topic)).setPartitionCount(PARTITIONS))
                .build());
  }

  private static void publish(ManagedChannel channel, int topic, long round) {
    Batch.Builder batch = Batch.newBuilder();
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      batch.addRows(
          Reading.newBuilder().setSensor("s" + sensor).setInteger(round * SENSORS + sensor));
    }
    PublishRequest request =
        PublishRequest.newBuilder().setTopic(name(topic)).setBatch(batch).build();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    boolean stored = false;
    while (!stored) {
      try {
        PublishServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .publish(request);
        stored = true;
      } catch (StatusRuntimeException refused) { // no file for it at this moment
        assertThat(refused).hasMessageContaining("nothing was stored; retry");
        assertThat(System.nanoTime() - end).as("nanoseconds over").isNegative();
      }
    }
  }

  private static List<Long> stored(ManagedChannel channel, int topic) {
    List<Long> all = new ArrayList<>();
    SubscribeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .tail(
            TailRequest.newBuilder()
                .setTopic(name(topic))
                .setStart(Start.newBuilder().setEarliest(true))
                .setUntil(Until.newBuilder().setNow(true))
                .build())
        .forEachRemaining(
            answer ->
                answer
                    .getDelivery()
                    .getReadingsList()
                    .forEach(reading -> all.add(reading.getInteger())));
    return all;
  }
}
