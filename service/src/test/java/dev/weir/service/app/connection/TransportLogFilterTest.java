package dev.weir.service.app.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransportLogFilterTest {
  private static final String TRANSPORT = "io.grpc.netty.NettyServerTransport";

  private final List<String> lines = new ArrayList<>();
  private final List<LogRecord> logged = new ArrayList<>();
  private final Logger root = Logger.getLogger("");
  private final Handler handler = new Kept(logged);
  private final TransportLogFilter words = new TransportLogFilter(lines::add);

  @BeforeEach
  void listen() {
    root.addHandler(handler);
  }

  @AfterEach
  void listenNoMore() {
    root.removeHandler(handler);
  }

  @Test
  void failedTransport_isOneLineWithoutAStackTrace() {
    for (String name : List.of(TRANSPORT, TRANSPORT + ".connections")) {
      Logger.getLogger(name).log(Level.INFO, "Transport failed", new Exception("reset " + name));
    }

    assertThat(words).isNotNull();
    assertThat(logged).isEmpty();
    assertThat(lines)
        .containsExactly(
            "A connection failed: reset " + TRANSPORT,
            "A connection failed: reset " + TRANSPORT + ".connections");
  }

  @Test
  void failedStream_isNotTold() {
    Logger.getLogger("io.grpc.netty.NettyServerHandler")
        .log(Level.WARNING, "Stream Error", new Exception("reset"));

    assertThat(logged).isEmpty();
    assertThat(lines).isEmpty();
  }

  /** Keeps what is published. */
  private static final class Kept extends Handler {
    private final List<LogRecord> logged;

    Kept(List<LogRecord> logged) {
      this.logged = logged;
    }

    @Override
    public void publish(LogRecord one) {
      logged.add(one);
    }

    @Override
    public void flush() {
      // Nothing is held back.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
