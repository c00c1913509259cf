package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.BatchAck;
import dev.weir.client.Publisher;
import dev.weir.client.PublisherOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A publisher whose topic is another log after a reconnect. */
class ReplacedLogTest {
  private ScriptedPublishServer server;
  private WeirClient client;
  private Publisher publisher;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedPublishServer();
    client = server.client();
    publisher = client.publisher(PublisherOptions.builder("t").producerId("gateway").build());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void otherLogBehindTheSameName_endsThePublisherWithAReason() throws Exception {
    CompletableFuture<BatchAck> unsettled = brokenBehindABatch("0000000000000001");
    server.session().open(0, 64, "0000000000000002");
    assertThatThrownBy(() -> unsettled.get(10, SECONDS))
        .hasCauseInstanceOf(WeirException.class)
        .hasMessageContaining(WeirException.TOPIC_REPLACED);
    assertThatThrownBy(() -> publisher.sensor("a").publish(1, 1))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> assertThat(e.reason()).isEqualTo(WeirException.TOPIC_REPLACED));
  }

  @Test
  void sameLog_orAServerThatDoesNotTell_goesOn() throws Exception {
    CompletableFuture<BatchAck> unsettled = brokenBehindABatch("0000000000000001");
    ScriptedPublishServer.Session untold = server.session();
    untold.open(0, 64, "");
    untold.fail(Status.UNAVAILABLE);
    ScriptedPublishServer.Session same = server.session();
    assertThat(same.next().hasOpen()).isTrue();
    same.open(0, 64, "0000000000000001");
    same.define(1);
    assertThat(same.sequences(1)).containsExactly(1L);
    same.ack(1);
    assertThat(unsettled.get(10, SECONDS)).isNotNull();
  }

  /** Sends a batch in a session on a log, which breaks before its ack. */
  private CompletableFuture<BatchAck> brokenBehindABatch(String logId) throws Exception {
    ScriptedPublishServer.Session first = server.session();
    assertThat(first.next().hasOpen()).isTrue();
    first.open(0, 64, logId);
    CompletableFuture<BatchAck> unsettled = publisher.sensor("a").publish(1, 1);
    first.define(1);
    assertThat(first.sequences(1)).containsExactly(1L);
    first.fail(Status.UNAVAILABLE);
    return unsettled;
  }
}
