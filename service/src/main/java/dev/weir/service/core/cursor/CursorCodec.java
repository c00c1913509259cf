package dev.weir.service.core.cursor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;

/**
 * The bytes and the text of a cursor: a head, a position for each partition, and behind them, in
 * the text only, a checksum. Fixed numbers are big-endian, counts are base-128 varints. The format
 * is durable: see docs/formats-cursor.md. Stateless.
 */
final class CursorCodec {
  /** Longest text of a cursor, in characters. */
  static final int TEXT_LENGTH_MAX = 2_664;

  /** Bytes of version, log id and number of partitions. */
  static final int HEAD_BYTES = 1 + Long.BYTES + 1;

  /** Bytes of the checksum. */
  static final int SUM_BYTES = Integer.BYTES;

  private static final byte VERSION = 1;
  private static final int POSITION_BYTES_MIN = Long.BYTES + 3;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private CursorCodec() {}

  // ---- the whole cursor

  /** Writes the head of a cursor. */
  static void putHead(byte[] body, long logId, int partitions) {
    body[0] = VERSION;
    LONG.set(body, 1, logId);
    body[HEAD_BYTES - 1] = (byte) partitions;
  }

  static long logId(byte[] body) {
    return (long) LONG.get(body, 1);
  }

  /** The text of a cursor's bytes, which have room for the checksum at their end. */
  static String text(byte[] withRoomForSum) {
    int end = withRoomForSum.length - SUM_BYTES;
    INT.set(withRoomForSum, end, sum(withRoomForSum, end));
    return new String(ENCODER.encode(withRoomForSum), StandardCharsets.ISO_8859_1);
  }

  /**
   * Reads the bytes of a text without their checksum; null where it does not hold, or the version
   * is another one. The positions are not looked at, and one body may have other texts, too.
   */
  static byte[] body(String text) {
    if (text.length() > TEXT_LENGTH_MAX) {
      return null;
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
    int end = bytes.length - SUM_BYTES;
    boolean sound =
        end >= HEAD_BYTES + POSITION_BYTES_MIN
            && bytes[0] == VERSION
            && (int) INT.get(bytes, end) == sum(bytes, end);
    return sound ? Arrays.copyOf(bytes, end) : null;
  }

  private static int sum(byte[] bytes, int end) {
    var crc = new CRC32C();
    crc.update(bytes, 0, end);
    return (int) crc.getValue();
  }

  /** Finds where every position begins, and the end; null where they do not fill a body exactly. */
  static int[] startsOf(byte[] body) {
    int count = body[HEAD_BYTES - 1];
    if (count < 1 || count > Cursor.PARTITIONS_MAX) {
      return null;
    }
    var starts = new int[count + 1];
    starts[0] = HEAD_BYTES;
    for (int i = 0; i < count; i++) {
      int next = endOfPosition(body, starts[i], body.length);
      if (next < 0) {
        return null;
      }
      starts[i + 1] = next;
    }
    return starts[count] == body.length ? starts : null;
  }

  // ---- one position

  static int sizeOf(Position position) {
    return Long.BYTES
        + size(position.offset())
        + size(position.readingsBefore())
        + size(position.rows());
  }

  static void put(byte[] bytes, int at, Position position) {
    LONG.set(bytes, at, position.epoch());
    int next = put(bytes, at + Long.BYTES, position.offset());
    next = put(bytes, next, position.readingsBefore());
    put(bytes, next, position.rows());
  }

  /** Reads a position that {@link #endOfPosition} found sound. */
  static Position position(byte[] bytes, int at) {
    int second = endOfVarint(bytes, at + Long.BYTES, bytes.length);
    int third = endOfVarint(bytes, second, bytes.length);
    return new Position(
        (long) LONG.get(bytes, at),
        varint(bytes, at + Long.BYTES),
        varint(bytes, second),
        (int) varint(bytes, third));
  }

  /** Returns the index after the position, or -1 where the bytes hold none. */
  private static int endOfPosition(byte[] bytes, int at, int limit) {
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

  /** Returns the index after a shortest-form varint of at most 63 bits, or -1. */
  private static int endOfVarint(byte[] bytes, int at, int limit) {
    for (int i = at; i < limit && i - at < 9; i++) {
      if (bytes[i] >= 0) {
        return bytes[i] == 0 && i > at ? -1 : i + 1;
      }
    }
    return -1;
  }
}
