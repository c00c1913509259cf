package dev.weir.cli;

import dev.weir.cli.shell.CliRuntime;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.client.Publisher;
import dev.weir.common.OwnedBy;

/**
 * A line on the terminal that counts along; nothing where nobody watches. Owned by the main thread.
 */
@OwnedBy("main thread")
final class ProgressLine {
  private static final long EVERY_NANOS = 200_000_000L;
  private static final int ROWS_PER_LOOK = 64;

  private final StandardStreams streams;
  private final long startNanos = CliRuntime.elapsedNanos();
  private long shownNanos = startNanos;
  private boolean shown;

  ProgressLine(StandardStreams streams) {
    this.streams = streams;
  }

  void show(long published, Publisher publisher) {
    if (!streams.errIsTerminal() || published % ROWS_PER_LOOK != 0) {
      return;
    }
    long now = CliRuntime.elapsedNanos();
    if (now - shownNanos >= EVERY_NANOS) {
      shownNanos = now;
      shown = true;
      streams
          .err()
          .printf(
              "\r%,d published, %,d acknowledged, %,.0f/s\u001b[K",
              published, publisher.readingsAcknowledged(), published * 1e9 / (now - startNanos));
    }
  }

  void end() {
    if (shown) {
      streams.err().print("\r\u001b[K");
    }
  }
}
