package dev.weir.service.core.cursor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The bytes of a position: fixed numbers big-endian, counts as base-128 varints. Stateless. */
final class PositionCodec {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private PositionCodec() {}

  static void putFixed32(byte[] bytes, int at, int value) {
    INT.set(bytes, at, value);
  }

  static int fixed32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static void putFixed64(byte[] bytes, int at, long value) {
    LONG.set(bytes, at, value);
  }

  static long fixed64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  static int sizeOf(Position position) {
    return Long.BYTES
        + size(position.offset())
        + size(position.readingsBefore())
        + size(position.rows());
  }

  static void put(byte[] bytes, int at, Position position) {
    putFixed64(bytes, at, position.epoch());
    int next = put(bytes, at + Long.BYTES, position.offset());
    next = put(bytes, next, position.readingsBefore());
    put(bytes, next, position.rows());
  }

  /** Reads a position that {@link #endOfPosition} found sound. */
  static Position position(byte[] bytes, int at) {
    int second = endOfVarint(bytes, at + Long.BYTES, bytes.length);
    int third = endOfVarint(bytes, second, bytes.length);
    return new Position(
        fixed64(bytes, at),
        varint(bytes, at + Long.BYTES),
        varint(bytes, second),
        (int) varint(bytes, third));
  }

  /** Where the position ends, or -1 where the bytes hold none. */
  static int endOfPosition(byte[] bytes, int at, int limit) {
    int second = at + Long.BYTES > limit ? -1 : endOfVarint(bytes, at + Long.BYTES, limit);
    int third = second < 0 ? -1 : endOfVarint(bytes, second, limit);
    int end = third < 0 ? -1 : endOfVarint(bytes, third, limit);
    return end < 0 || varint(bytes, third) > Integer.MAX_VALUE ? -1 : end;
  }

  private static int size(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  private static int put(byte[] bytes, int at, long value) {
    int next = at;
    long rest = value;
    while (rest > 0x7f) {
      bytes[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[next] = (byte) rest;
    return next + 1;
  }

  private static long varint(byte[] bytes, int at) {
    long value = 0;
    int next = at;
    for (int shift = 0; ; shift += 7) {
      byte part = bytes[next++];
      value |= (long) (part & 0x7f) << shift;
      if (part >= 0) {
        return value;
      }
    }
  }

  /** Where a shortest-form varint of at most 63 bits ends, or -1. */
  private static int endOfVarint(byte[] bytes, int at, int limit) {
    for (int i = at; i < limit && i - at < 9; i++) {
      if (bytes[i] >= 0) {
        return bytes[i] == 0 && i > at ? -1 : i + 1;
      }
    }
    return -1;
  }
}
