package dev.weir.cli;

import dev.weir.cli.shell.Streams;
import dev.weir.cli.text.ReadingJson;
import dev.weir.client.ReadingHandler;
import dev.weir.v1.Reading;

/** Prints readings as JSON lines. Immutable; called by the subscriber's thread. */
record JsonTail(String topic, Streams streams) implements ReadingHandler {
  @Override
  public void onReading(Reading reading) {
    streams.out().print(ReadingJson.line(topic, reading) + "\n");
  }

  @Override
  public void onBatch(String cursor) {
    streams.flush();
  }
}
