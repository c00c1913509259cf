package dev.weir.service.app.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameFloodGuardTest {
  private static final long HANDSHAKE_MILLIS = 1_000;
  private static final int HEADERS = 1;

  private final List<String> lines = new ArrayList<>();
  private final EmbeddedChannel connection =
      new EmbeddedChannel(
          new FrameFloodGuard(
              new FrameFloodGuard.Terms(
                  Limits.defaults().with(Limit.HANDSHAKE_TIMEOUT_MS, HANDSHAKE_MILLIS),
                  () -> 0,
                  new ConnectionCutLog(() -> 0, lines::add),
                  thrown -> {})));

  @AfterEach
  void close() {
    connection.finishAndReleaseAll();
  }

  @Test
  void headersThatDoNotEnd_cutTheConnectionWithTheReason() {
    connection.freezeTime();
    connection.writeInbound(beginOfHeaders());

    pass(HANDSHAKE_MILLIS);

    assertThat(lines)
        .singleElement()
        .asString()
        .endsWith("its headers did not end within handshake_timeout_ms (1000)");
  }

  @Test
  void headersThatTheServerDoesNotRead_haveTheirTimeOnceItReads() {
    connection.freezeTime();
    connection.writeInbound(beginOfHeaders());
    connection.config().setAutoRead(false);

    pass(5 * HANDSHAKE_MILLIS);

    assertThat(lines).isEmpty();

    connection.config().setAutoRead(true);
    pass(HANDSHAKE_MILLIS);

    assertThat(lines).hasSize(1);
  }

  private void pass(long millis) {
    for (long passed = 0; passed < millis; passed += HANDSHAKE_MILLIS) {
      connection.advanceTimeBy(HANDSHAKE_MILLIS, TimeUnit.MILLISECONDS);
      connection.runScheduledPendingTasks();
    }
  }

  /** A frame of 100 bytes, of which none has come. */
  private static ByteBuf beginOfHeaders() {
    return Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII)
        .writeMedium(100)
        .writeByte(HEADERS)
        .writeByte(0)
        .writeInt(1);
  }
}
