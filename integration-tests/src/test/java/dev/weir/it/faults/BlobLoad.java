package dev.weir.it.faults;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * The readings of {@link StoppedSubscriberTest}: sensors of some lines, each with consecutively
 * numbered BLOBs. Stateless.
 */
final class BlobLoad {
  static final int LINES = 99;
  static final int SENSORS_PER_LINE = 2;
  static final int SENSORS = LINES * SENSORS_PER_LINE;
  static final int BLOB_BYTES = 4_096;

  /** Readings of a sensor that are published in a row, so that a delivery holds more than one. */
  static final int RUN = 4;

  private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;
  private static final byte[] BODY = new byte[BLOB_BYTES];

  static {
    new Random(7).nextBytes(BODY);
  }

  private BlobLoad() {}

  static String name(int sensor) {
    return String.format("line%02d/%d", sensor / SENSORS_PER_LINE, sensor % SENSORS_PER_LINE);
  }

  static String glob(int line) {
    return String.format("line%02d/*", line);
  }

  /** The number of a sensor that has this name. */
  static int sensor(String name) {
    return Integer.parseInt(name.substring(4, 6)) * SENSORS_PER_LINE
        + Integer.parseInt(name.substring(7));
  }

  static byte[] blob(int sensor, long number) {
    return ByteBuffer.wrap(BODY.clone()).putInt(sensor).putLong(number).array();
  }

  static long timeNanos(long number) {
    return 1_700_000_000_000_000_000L + number;
  }

  /** The number of a reading of this sensor; -1: it is none of them. */
  static long number(int sensor, long timeNanos, byte[] blob) {
    if (blob.length != BLOB_BYTES) {
      return -1;
    }
    ByteBuffer head = ByteBuffer.wrap(blob);
    int claimed = head.getInt();
    long number = head.getLong();
    boolean right =
        claimed == sensor
            && timeNanos == timeNanos(number)
            && Arrays.equals(blob, HEAD_BYTES, BLOB_BYTES, BODY, HEAD_BYTES, BLOB_BYTES);
    return right ? number : -1;
  }
}
