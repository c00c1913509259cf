package dev.weir.client;

import com.google.protobuf.ByteString;
import dev.weir.v1.Reading;

/**
 * Takes the readings of one {@link Subscriber}.
 *
 * <p>Called on the subscriber's own thread, never concurrently, in log order per sensor. It may
 * block: credit is returned only after it has finished, so a slow handler slows its own
 * subscription and nobody else. If it throws, the subscriber ends with that exception at the cursor
 * of the last delivery (in the row form: the last reading) it finished. The last call is over
 * before {@link Subscriber#completion()} completes.
 *
 * <p>Override {@link #onDouble} and its siblings to take values without an object per reading; what
 * is not overridden arrives at {@link #onReading}. With {@link SubscriberOptions.Builder#rows()}
 * everything arrives at {@link #onReading}, each reading with its own cursor.
 *
 * <p>The readings of a snapshot come here like all others; {@link SubscriberListener#onPhase}
 * reports where it begins and ends. They, and the last values that come where a subscription is
 * conflated, have no cursor.
 */
@FunctionalInterface
public interface ReadingHandler {
  /** Takes one reading of any kind. */
  void onReading(Reading reading);

  /** Takes one reading of a DOUBLE sensor; time in nanoseconds since the Unix epoch. */
  default void onDouble(SensorInfo sensor, long timeNanos, double value) {
    onReading(ReadingRows.begin(sensor, timeNanos).setDouble(value).build());
  }

  /** Takes one reading of an INTEGER sensor; time in nanoseconds since the Unix epoch. */
  default void onInteger(SensorInfo sensor, long timeNanos, long value) {
    onReading(ReadingRows.begin(sensor, timeNanos).setInteger(value).build());
  }

  /** Takes one reading of a BOOLEAN sensor; time in nanoseconds since the Unix epoch. */
  default void onBoolean(SensorInfo sensor, long timeNanos, boolean value) {
    onReading(ReadingRows.begin(sensor, timeNanos).setBoolean(value).build());
  }

  /** Takes one reading of a TEXT sensor; time in nanoseconds since the Unix epoch. */
  default void onText(SensorInfo sensor, long timeNanos, String value) {
    onReading(ReadingRows.begin(sensor, timeNanos).setText(value).build());
  }

  /** Takes one reading of a BLOB sensor; time in nanoseconds since the Unix epoch. */
  default void onBlob(SensorInfo sensor, long timeNanos, byte[] value) {
    onReading(ReadingRows.begin(sensor, timeNanos).setBlob(ByteString.copyFrom(value)).build());
  }

  /**
   * A delivery ends here: all readings up to the cursor have been handed over.
   *
   * @param cursor resuming after it gives exactly the next matching reading; empty in a snapshot
   *     and where values are conflated
   */
  default void onBatch(String cursor) {}
}
