package dev.weir.client;

import com.google.protobuf.Timestamp;
import dev.weir.v1.Reading;

/** Turns a columnar reading into the row form. Stateless. */
final class ReadingRows {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private ReadingRows() {}

  static Reading.Builder begin(SensorInfo sensor, long timeNanos) {
    return Reading.newBuilder()
        .setSensor(sensor.name())
        .setTime(
            Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(timeNanos, NANOS_PER_SECOND))
                .setNanos((int) Math.floorMod(timeNanos, NANOS_PER_SECOND)));
  }
}
