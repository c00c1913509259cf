package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Durability;
import dev.weir.v1.Kind;
import dev.weir.v1.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A subscriber process that is stopped (SIGSTOP) while everybody else continues: the server's
 * memory stays bounded, the others lose nothing, and the stopped one hears of every reading it
 * lost.
 *
 * <p>{@code -Dweir.it.stopped.bytes=4294967296} is the run that the promise is about; the default
 * is an eighth of it, so that every build can afford it.
 */
@EnabledOnOs(OS.LINUX)
class StoppedSubscriberTest {
  private static final long MIB = 1L << 20;
  private static final long PUBLISHED_BYTES = Long.getLong("weir.it.stopped.bytes", 512 * MIB);
  private static final long HEAP_BYTES = 512 * MIB;
  private static final long DIRECT_BYTES = 128 * MIB;

  /** Classes, compiled code, thread stacks, the collector's own tables, mapped libraries. */
  private static final long JVM_BYTES = 256 * MIB;

  private static final long RESIDENT_BYTES_MAX = HEAP_BYTES + DIRECT_BYTES + JVM_BYTES;

  /**
   * The readings that the publisher may be ahead of the live ones: retention must not reach them.
   */
  private static final long AHEAD_READINGS_MAX = 32 * MIB / BlobLoad.BLOB_BYTES;

  private static final String TOPIC = "blobs";
  private static final List<String> SMALL =
      List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  @TempDir private Path dir;

  @Test
  void stoppedBesideManyLive_memoryBounded_liveLoseNothing_stoppedHearsOfEveryLoss()
      throws Exception {
    Path config =
        Files.writeString(dir.resolve("weir.yaml"), "limits:\n  retention_check_ms: 500\n");
    List<String> jvm = List.of("-Xmx" + HEAP_BYTES, "-XX:MaxDirectMemorySize=" + DIRECT_BYTES);
    try (JavaProcess server = JavaProcess.server(dir, jvm, "--config", config);
        WeirClient client = WeirClient.connect(server.address())) {
      createTopic(client);
      try (JavaProcess live = subscribers(server, "each");
          JavaProcess stopped = subscribers(server, "all")) {
        live.awaitLine("active");
        stopped.awaitLine("active");
        stopped.pause();
        try {
          long began = System.nanoTime();
          long published = publish(client, live);
          await("the live ones have everything")
              .atMost(JavaProcess.PATIENCE)
              .until(() -> Count.of(live).received() == published || !live.isAlive());
          assertThat(Count.of(live)).as(live::toString).isEqualTo(new Count(published, 0, 0));
          report(server, live, published, System.nanoTime() - began);
          awaitRetention(published);
          stopped.resume();
          assertAccounted(stopped, published);
        } finally {
          stopped.resume();
        }
        assertWell(server);
      }
    }
  }

  private static void createTopic(WeirClient client) {
    Retention retention = Retention.newBuilder().setMaxBytes(PUBLISHED_BYTES / 4).build();
    client.topics().createTopic(TOPIC, 1, Durability.DURABILITY_SYNCED, retention);
  }

  private JavaProcess subscribers(JavaProcess server, String mode) throws IOException {
    String main = BlobSubscribers.class.getName();
    return JavaProcess.start(dir, mode, SMALL, main, server.address(), TOPIC, mode);
  }

  /** Gives how many readings were stored. */
  private static long publish(WeirClient client, JavaProcess live) throws Exception {
    PublisherOptions options =
        PublisherOptions.builder(TOPIC).batchBytesMax((int) (MIB * 3 / 4)).build();
    try (Publisher publisher = client.publisher(options)) {
      SensorHandle[] handles = new SensorHandle[BlobLoad.SENSORS];
      for (int i = 0; i < handles.length; i++) {
        handles[i] =
            publisher.sensor(SensorOptions.builder(BlobLoad.name(i)).kind(Kind.KIND_BLOB).build());
      }
      long published = 0;
      for (long first = 0; published * BlobLoad.BLOB_BYTES < PUBLISHED_BYTES; ) {
        for (int sensor = 0; sensor < handles.length; sensor++) {
          for (long number = first; number < first + BlobLoad.RUN; number++) {
            handles[sensor].publishBlob(BlobLoad.timeNanos(number), BlobLoad.blob(sensor, number));
          }
        }
        first += BlobLoad.RUN;
        published += (long) BlobLoad.RUN * handles.length;
        awaitLive(live, published - AHEAD_READINGS_MAX);
      }
      publisher.flush().get(JavaProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(publisher.readingsAcknowledged()).isEqualTo(published);
      return published;
    }
  }

  private static void awaitLive(JavaProcess live, long readings) {
    if (readings > 0) {
      await("the live ones follow")
          .atMost(JavaProcess.PATIENCE)
          .until(() -> Count.of(live).received() >= readings || live.last("ended ").isPresent());
      assertThat(live.last("ended ")).isEmpty();
    }
  }

  /** Waits until the stopped one's place is no longer in the log. */
  private void awaitRetention(long published) {
    await("retention deletes")
        .atMost(JavaProcess.PATIENCE)
        .until(() -> bytesBelow(dir.resolve("data")) < published * BlobLoad.BLOB_BYTES * 3 / 4);
  }

  private static long bytesBelow(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(Path::toFile).filter(file -> file.isFile()).mapToLong(f -> f.length()).sum();
    }
  }

  private static void assertAccounted(JavaProcess stopped, long published) {
    await("the stopped one has caught up")
        .atMost(JavaProcess.PATIENCE)
        .until(() -> Count.of(stopped).accounted() >= published || !stopped.isAlive());
    Count count = Count.of(stopped);
    System.out.printf(
        "stopped subscriber: %,d of %,d readings received, %,d reported missing, %d disconnects%n",
        count.received(), published, count.missing(), count.disconnects());
    assertThat(count.accounted()).as(stopped::toString).isEqualTo(published);
    assertThat(count.missing()).isPositive();
    assertThat(stopped.last("gap ").orElseThrow())
        .matches("GAP_REASON_(RETENTION|CURSOR_EXPIRED) \\d+ bound=false");
    assertThat(stopped.last("ended ")).as(stopped::toString).isEmpty();
  }

  private static void report(JavaProcess server, JavaProcess live, long published, long nanos)
      throws IOException {
    System.out.printf(
        "stopped subscriber: %,d MiB published in %.1f s; %,d readings to %d live subscriptions;"
            + " server resident at most %d MiB (limit %d)%n",
        published * BlobLoad.BLOB_BYTES / MIB,
        nanos / 1e9,
        Count.of(live).received(),
        BlobLoad.LINES,
        server.residentBytesMax() / MIB,
        RESIDENT_BYTES_MAX / MIB);
  }

  private static void assertWell(JavaProcess server) throws IOException {
    assertThat(server.isAlive()).as(server::toString).isTrue();
    assertThat(server.text()).doesNotContain("OutOfMemory", "OutOfDirectMemory");
    System.out.printf(
        "stopped subscriber: server resident at most %d MiB in the end%n",
        server.residentBytesMax() / MIB);
    assertThat(server.residentBytesMax()).isLessThan(RESIDENT_BYTES_MAX);
  }

  /** The last counts that a {@link BlobSubscribers} printed. */
  private record Count(long received, long missing, long disconnects) {
    static Count of(JavaProcess subscribers) {
      String[] words = subscribers.last("now ").orElse("0 0 0").split(" ", -1);
      return new Count(
          Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
    }

    long accounted() {
      return received + missing;
    }
  }
}
