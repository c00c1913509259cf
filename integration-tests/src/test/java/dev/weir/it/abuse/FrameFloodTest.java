package dev.weir.it.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Peers that send frames without content, that never name their protocol, or never end their
 * headers: their connections are cut with the reason, and an honest publisher gets every ack.
 */
final class FrameFloodTest extends ContractTest {
  private static final int FRAMES = 200_000; // ten seconds of an attack
  private static final String PUBLISH = "PublishService/PublishStream";

  private TestTopic topic;
  private RawPublishSession honest;
  private int sequence;

  @BeforeEach
  void serve() {
    topic = topicOfOwnServer(TransportSetup.NETTY_1, quick().with(Limit.HANDSHAKE_TIMEOUT_MS, 500));
    honest = topic.publisher();
    honest.open("honest", 0);
    honestGoesOn();
  }

  private void honestGoesOn() {
    for (int i = 0; i < 50; i++) {
      sequence++;
      honest.send(0, sequence, TestBatches.rows(topic.sensor(0, 0), sequence));
    }
    honest.awaitAck(0, sequence);
    assertThat(honest.rejects(0)).isEmpty();
    assertThat(honest.responses().isOver()).isFalse();
  }

  private RawPeer peer() throws IOException {
    return new RawPeer(topic.server().port(), true);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "SETTINGS, 4, 0, 0, 0",
    "PRIORITY, 2, 0, 1, 5",
    "WINDOW_UPDATE, 8, 0, 0, 4",
    "acknowledged PING, 6, 1, 0, 8",
    "empty DATA, 0, 0, 1, 0",
    "unknown, 77, 0, 0, 3",
  })
  void framesWithoutContent_costTheirConnection(
      String kind, int type, int flags, int stream, int bytes) throws Exception {
    try (RawPeer flood = peer()) {
      flood.call(1, PUBLISH);
      byte[] content = new byte[bytes];
      if (bytes > 0) {
        content[bytes - 1] = 1;
      }
      int sent = 0;
      try {
        while (sent < FRAMES && !flood.isOver()) {
          flood.frame(type, flags, stream, content);
          sent++;
        }
      } catch (IOException closed) {
        assertThat(sent).isPositive();
      }
      flood.awaitOver();
      assertThat(flood.goAway()).contains("control_frames_per_window_max (2000)");
    }
    honestGoesOn();
  }

  @Test
  void peerThatSaysNothing_orSomethingElse_isCutAfterTheHandshakeTimeout() throws Exception {
    for (String said : new String[] {"", "PRI * HT"}) {
      try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), topic.server().port())) {
        silent.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
        silent.setSoTimeout(20_000);
        silent.getInputStream().readAllBytes(); // the library ends it
      }
    }
    try (Socket web = new Socket(InetAddress.getLoopbackAddress(), topic.server().port())) {
      web.getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      web.setSoTimeout(20_000);
      web.getInputStream().readAllBytes(); // the library ends it
    }
    honestGoesOn();
  }

  @Test
  void headersThatNeverEnd_costTheirConnection() throws Exception {
    try (RawPeer slow = peer()) {
      // Nothing may come between headers: not even the acknowledgement of the server's settings.
      await("the server's settings").until(() -> slow.frames().size() >= 2);
      slow.frame(RawPeer.HEADERS, 0, 1, (byte) 0);
      slow.awaitOver();
      assertThat(slow.goAway()).contains("headers did not end", "handshake_timeout_ms");
    }
    honestGoesOn();
  }
}
