package dev.weir.cli;

import dev.weir.cli.shell.Machine;
import dev.weir.cli.shell.Streams;
import dev.weir.client.Publisher;
import dev.weir.service.core.OwnedBy;

/**
 * A line on the terminal that counts along; nothing where nobody watches. Owned by the main thread.
 */
@OwnedBy("main thread")
final class Progress {
  private static final long EVERY_NANOS = 200_000_000L;
  private static final int ROWS_PER_LOOK = 64;

  private final Streams streams;
  private final long startNanos = Machine.elapsedNanos();
  private long shownNanos = startNanos;
  private boolean shown;

  Progress(Streams streams) {
    this.streams = streams;
  }

  void show(long published, Publisher publisher) {
    if (!streams.errIsTerminal() || published % ROWS_PER_LOOK != 0) {
      return;
    }
    long now = Machine.elapsedNanos();
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
