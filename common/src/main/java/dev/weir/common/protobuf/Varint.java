package dev.weir.common.protobuf;

/** Protobuf's variable-length integers over byte arrays. Stateless. */
public final class Varint {
  private Varint() {}

  /** Bytes that an unsigned value takes, 1 to 10. */
  public static int size(long value) {
    // 9 / 64 approximates 1 / 7 exactly enough for 64 bits.
    return (Long.SIZE * 9 - Long.numberOfLeadingZeros(value | 1) * 9 + 64) >>> 6;
  }

  /** Writes an unsigned value and returns the index after it. */
  public static int put(byte[] target, int at, long value) {
    int next = at;
    long rest = value;
    if (rest >>> 7 != 0 && rest >>> 14 == 0) { // the usual one without a loop
      target[next] = (byte) (rest | 0x80);
      target[next + 1] = (byte) (rest >>> 7);
      return next + 2;
    }
    while ((rest & ~0x7FL) != 0) {
      target[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[next++] = (byte) rest;
    return next;
  }

  /** Reads the unsigned value that was written there. */
  public static long get(byte[] source, int at) {
    long value = 0;
    int next = at;
    int shift = 0;
    do {
      value |= (source[next] & 0x7FL) << shift;
      shift += 7;
    } while (source[next++] < 0);
    return value;
  }

  /** Maps signed values of small magnitude to small unsigned ones. */
  public static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  /** The inverse of {@link #zigzag}. */
  public static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
