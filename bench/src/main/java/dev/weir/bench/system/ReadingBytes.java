package dev.weir.bench.system;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A reading as a message of its own: 16 bytes, the time and then the value. Stateless. */
final class ReadingBytes {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private ReadingBytes() {}

  static byte[] of(long timeNanos, double value) {
    byte[] bytes = new byte[2 * Long.BYTES];
    LONGS.set(bytes, 0, timeNanos);
    LONGS.set(bytes, Long.BYTES, Double.doubleToRawLongBits(value));
    return bytes;
  }

  static long timeNanos(byte[] bytes) {
    return (long) LONGS.get(bytes, 0);
  }

  static double value(byte[] bytes) {
    return Double.longBitsToDouble((long) LONGS.get(bytes, Long.BYTES));
  }
}
