package dev.weir.client.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ClientOptions;
import dev.weir.client.PublisherListener;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection that has failed already fails the next call at once, while it is started. */
class ServerDownTest {
  private int port;
  private WeirClient client;

  @BeforeEach
  void failToConnect() throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    client =
        WeirClient.connect(
            ClientOptions.builder("localhost:" + port)
                .backoffSeed(7)
                .closeTimeout(Duration.ZERO)
                .build());
    Tries first = new Tries();
    client.publisher(PublisherOptions.builder("first").listener(first).build());
    await().until(() -> first.count.get() >= 2);
  }

  @AfterEach
  void stop() {
    client.close();
  }

  @Test
  void publisherOpenedMeanwhile_triesUntilTheServerIsBack() throws Exception {
    Tries late = new Tries();
    client.publisher(PublisherOptions.builder("late").listener(late).build());
    await().until(() -> late.count.get() >= 2);

    try (ScriptedPublishServer server = new ScriptedPublishServer(port)) {
      assertThat(server.session().next().hasOpen()).isTrue();
      assertThat(server.session().next().hasOpen()).isTrue();
    }
  }

  @Test
  void subscriberOpenedMeanwhile_goesOnTrying() {
    Tries late = new Tries();
    client.subscribe(SubscriberOptions.builder("late").listener(late).build(), reading -> {});
    await().until(() -> late.count.get() >= 2);
  }

  /** Counts tries that failed. */
  private static final class Tries implements PublisherListener, SubscriberListener {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      count.incrementAndGet();
    }
  }
}
