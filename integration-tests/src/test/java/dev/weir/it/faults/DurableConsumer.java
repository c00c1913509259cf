package dev.weir.it.faults;

import dev.weir.client.DoubleHandler;
import dev.weir.client.SensorInfo;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * A program: a durable consumer that commits every second and writes down what it was handed, a
 * write per delivery, so that its killing loses nothing that it had finished. Owned by the
 * subscriber's thread.
 *
 * <p>Lines: {@code r SENSOR NUMBER} a reading, {@code b CURSOR} a delivery's end, {@code c CURSOR}
 * an acknowledged commit.
 */
final class DurableConsumer implements DoubleHandler, SubscriberListener {
  private final OutputStream journal;
  private final StringBuilder lines = new StringBuilder();

  private DurableConsumer(OutputStream journal) {
    this.journal = journal;
  }

  /** Consumes from a target a topic under a name, and writes to a file. */
  public static void main(String... args) throws Exception {
    try (WeirClient client = WeirClient.connect(args[0]);
        OutputStream journal = Files.newOutputStream(Path.of(args[3]), StandardOpenOption.CREATE)) {
      DurableConsumer consumer = new DurableConsumer(journal);
      SubscriberOptions options =
          SubscriberOptions.builder(args[1])
              .durable(args[2])
              .commitEvery(Duration.ofSeconds(1))
              .listener(consumer)
              .build();
      client.subscribe(options, consumer).completion().get();
    }
  }

  @Override
  public void onDouble(SensorInfo sensor, long timeNanos, double value) {
    lines.append("r ").append(sensor.name()).append(' ').append((long) value).append('\n');
  }

  @Override
  public void onBatch(String cursor) {
    lines.append("b ").append(cursor).append('\n');
    write();
  }

  @Override
  public void onCommitted(String cursor) {
    lines.append("c ").append(cursor).append('\n');
    write();
  }

  private void write() {
    try {
      journal.write(lines.toString().getBytes(StandardCharsets.UTF_8));
      lines.setLength(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
