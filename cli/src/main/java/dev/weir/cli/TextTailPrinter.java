package dev.weir.cli;

import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.TerminalText;
import dev.weir.cli.text.TimeText;
import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.v1.Reading;
import java.time.Instant;

/**
 * Prints readings for people: local time, sensor, value, unit. Called by the subscriber's thread.
 */
final class TextTailPrinter implements ReadingHandler {
  private final StandardStreams streams;

  TextTailPrinter(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void onReading(Reading reading) {
    throw new IllegalStateException("rows were not asked for");
  }

  @Override
  public void onDouble(SensorInfo sensor, long timeNanos, double value) {
    print(sensor, timeNanos, Double.toString(value));
  }

  @Override
  public void onInteger(SensorInfo sensor, long timeNanos, long value) {
    print(sensor, timeNanos, Long.toString(value));
  }

  @Override
  public void onBoolean(SensorInfo sensor, long timeNanos, boolean value) {
    print(sensor, timeNanos, Boolean.toString(value));
  }

  @Override
  public void onText(SensorInfo sensor, long timeNanos, String value) {
    print(sensor, timeNanos, TerminalText.text(value));
  }

  @Override
  public void onBlob(SensorInfo sensor, long timeNanos, byte[] value) {
    print(sensor, timeNanos, value.length + " bytes");
  }

  @Override
  public void onBatch(String cursor) {
    streams.flush();
  }

  private void print(SensorInfo sensor, long timeNanos, String value) {
    String time = TimeText.local(Instant.ofEpochSecond(0, timeNanos));
    String unit = sensor.unit().isEmpty() ? "" : " " + TerminalText.text(sensor.unit());
    streams.out().print(time + "  " + sensor.name() + "  " + value + unit + "\n");
  }
}
