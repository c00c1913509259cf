package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ClientOptions;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server is drained under the sessions of several Java clients, and another one takes its place:
 * nothing is lost or repeated, and the clients come back spread over time. {@code
 * -Dweir.it.drain.sessions} sets the number of sessions.
 */
final class DrainSpreadTest {
  private static final int SESSIONS = Integer.getInteger("weir.it.drain.sessions", 200);
  private static final int SESSIONS_PER_CLIENT = 200;
  private static final int DRAIN_SECONDS = 2;
  private static final int PAUSE_MILLIS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path dir;

  /** Records when sessions were asked for. Thread-safe. */
  private static final class Arrivals implements ServerInterceptor {
    private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String method = call.getMethodDescriptor().getBareMethodName();
      if ("PublishStream".equals(method) || "Subscribe".equals(method)) {
        nanos.add(System.nanoTime());
      }
      return next.startCall(call, headers);
    }

    /** Counts the sessions of each second from a moment on. */
    int[] perSecond(long fromNanos, int seconds) {
      int[] counts = new int[seconds];
      for (long at : nanos) {
        long second = (at - fromNanos) / 1_000_000_000L;
        if (at >= fromNanos && second < seconds) {
          counts[(int) second]++;
        }
      }
      return counts;
    }
  }

  /** One sensor's publisher and subscriber. */
  private static final class Pair {
    private final Publisher publisher;
    private final SensorHandle sensor;
    private final AtomicInteger next = new AtomicInteger();
    private final List<String> wrong = new ArrayList<>(); // the subscriber's thread, then the test

    Pair(WeirClient client, String name) {
      publisher = client.publisher(PublisherOptions.builder("t").build());
      sensor = publisher.sensor(name);
      client.subscribe(
          SubscriberOptions.builder("t").fromEarliest().sensors(name).build(),
          reading -> {
            int expected = next.get();
            if (reading.getDouble() != expected) {
              wrong.add(expected + " expected, got " + reading.getDouble());
            }
            next.set((int) reading.getDouble() + 1);
          });
    }
  }

  private WeirServer server(int port, Arrivals arrivals) throws IOException {
    Limits limits =
        Limits.defaults()
            .with(Limit.DRAIN_MS, DRAIN_SECONDS * 1_000L)
            .with(Limit.DRAIN_SESSIONS_PER_SECOND, Math.max(1, SESSIONS / DRAIN_SECONDS));
    return WeirServer.start(
        ServerConfig.defaults().withDataDir(dir).withLimits(limits),
        new NioDataFiles(),
        NettyServerBuilder.forAddress(new InetSocketAddress("localhost", port))
            .intercept(arrivals));
  }

  @Test
  void drainedServer_itsClientsComeBackSpreadOverTime_andMissNothing() throws Exception {
    Arrivals before = new Arrivals();
    Arrivals after = new Arrivals();
    WeirServer first = server(0, before);
    int port = first.port();
    List<WeirClient> clients = new ArrayList<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < SESSIONS / 2; i++) {
      if (i % (SESSIONS_PER_CLIENT / 2) == 0) {
        clients.add(WeirClient.connect(ClientOptions.builder("localhost:" + port).build()));
      }
      pairs.add(new Pair(clients.get(clients.size() - 1), "line/" + i));
    }
    int rounds = publish(pairs, 0, 5);
    awaitAll(pairs, rounds);
    before.nanos.clear();

    long begin = System.nanoTime();
    CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> drain(first));
    while (!drained.isDone()) {
      rounds = publish(pairs, rounds, 1);
      await().pollDelay(Duration.ofMillis(PAUSE_MILLIS)).until(() -> true);
    }
    drained.get(1, TimeUnit.SECONDS);
    first.close();
    long taken = System.nanoTime();
    try (WeirServer second = server(port, after)) {
      await("all sessions come back").atMost(PATIENCE).until(() -> after.nanos.size() >= SESSIONS);
      rounds = publish(pairs, rounds, 5);
      awaitAll(pairs, rounds);
      assertThat(pairs).allSatisfy(pair -> assertThat(pair.wrong).isEmpty());
      assertThat(second.port()).isEqualTo(port);
      clients.forEach(WeirClient::close);
    }
    assertSpread("leave", before.perSecond(begin, DRAIN_SECONDS));
    assertSpread("come back", after.perSecond(taken, DRAIN_SECONDS + 1));
  }

  private static void drain(WeirServer server) {
    try {
      server.drain();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertSpread(String what, int[] perSecond) {
    assertThat(Arrays.stream(perSecond).max().orElseThrow())
        .as("sessions that %s, in the worst of the seconds %s", what, Arrays.toString(perSecond))
        .isLessThanOrEqualTo(2 * SESSIONS / DRAIN_SECONDS);
  }

  private static int publish(List<Pair> pairs, int from, int rounds) {
    for (int round = from; round < from + rounds; round++) {
      for (Pair pair : pairs) {
        pair.sensor.publish(round, round);
      }
    }
    return from + rounds;
  }

  private static void awaitAll(List<Pair> pairs, int rounds) throws Exception {
    for (Pair pair : pairs) {
      pair.publisher.flush().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    await("every subscriber has everything")
        .atMost(PATIENCE)
        .until(() -> pairs.stream().allMatch(pair -> pair.next.get() == rounds));
  }
}
