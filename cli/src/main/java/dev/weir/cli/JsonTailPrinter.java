package dev.weir.cli;

import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.ReadingJson;
import dev.weir.client.AsyncReadingHandler;
import dev.weir.v1.Reading;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Prints readings as JSON lines. Immutable; called by the subscriber's thread. It takes deliveries
 * whole, so that no row counts as printed before it has left the buffer.
 */
record JsonTailPrinter(String topic, StandardStreams streams) implements AsyncReadingHandler {
  private static final CompletionStage<Void> WRITTEN = CompletableFuture.completedStage(null);

  @Override
  public CompletionStage<Void> onReadings(List<Reading> readings, String cursor) {
    for (Reading reading : readings) {
      streams.out().print(ReadingJson.line(topic, reading) + "\n");
    }
    streams.flush();
    return WRITTEN;
  }
}
