package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ClientOptions;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A port where connections are taken and cut at once, and a client with many sessions. */
class DeadServerTest implements PublisherListener {
  private static final int SESSIONS = 20;
  private static final int PER_MINUTE = 20;

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger tries = new AtomicInteger();
  private ServerSocket socket;
  private WeirClient client;

  @BeforeEach
  void start() throws Exception {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread cutter = new Thread(this::cutAll);
    cutter.setDaemon(true);
    cutter.start();
    client =
        WeirClient.connect(
            ClientOptions.builder("127.0.0.1:" + socket.getLocalPort())
                .retriesPerMinuteMax(PER_MINUTE)
                .backoffSeed(7)
                .closeTimeout(Duration.ZERO)
                .build());
  }

  private void cutAll() {
    while (!socket.isClosed()) {
      try {
        socket.accept().close();
        connections.incrementAndGet();
      } catch (IOException e) {
        assertThat(socket.isClosed()).isTrue();
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    socket.close();
  }

  @Override
  public void onDisconnected(WeirException cause, Duration retryIn) {
    tries.incrementAndGet();
  }

  @Test
  void sessionsOfAClient_doNotHammerIt() {
    for (int i = 0; i < SESSIONS; i++) {
      client.publisher(PublisherOptions.builder("t").listener(this).build());
    }
    int soon = SESSIONS + PER_MINUTE / 2; // a first try each, and what the bucket holds
    await().atMost(Duration.ofSeconds(20)).until(() -> tries.get() >= soon);
    // The bucket gains a token every six seconds.
    await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(3))
        .until(() -> tries.get() <= soon + PER_MINUTE / 2);
    assertThat(tries.get()).isLessThanOrEqualTo(soon + 5);
    assertThat(connections.get()).as("no connection without a try").isBetween(1, tries.get());
  }
}
