package dev.weir.service.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A range of a byte array that nobody changes any more, so that log, tail and wire share it.
 * Immutable by agreement.
 *
 * @param array the bytes
 * @param offset first byte
 * @param length number of bytes
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode compare the bytes
public record Slice(byte[] array, int offset, int length) {
  /** The slice without bytes. */
  public static final Slice EMPTY = of(new byte[0]);

  public Slice {
    if (offset < 0 || length < 0 || offset > array.length - length) {
      throw new IndexOutOfBoundsException(offset + "+" + length + " of " + array.length);
    }
  }

  /** All of an array. */
  public static Slice of(byte[] array) {
    return new Slice(array, 0, array.length);
  }

  /** A copy of several slices, one behind the other. */
  public static Slice joined(List<Slice> parts) {
    int bytes = 0;
    for (Slice part : parts) {
      bytes = Math.addExact(bytes, part.length);
    }
    byte[] joined = new byte[bytes];
    int at = 0;
    for (Slice part : parts) {
      System.arraycopy(part.array, part.offset, joined, at, part.length);
      at += part.length;
    }
    return of(joined);
  }

  /** A part of this slice, sharing its bytes. */
  public Slice part(int from, int partLength) {
    if (from < 0 || partLength < 0 || from > length - partLength) {
      throw new IndexOutOfBoundsException(from + "+" + partLength + " of " + length);
    }
    return new Slice(array, offset + from, partLength);
  }

  /** Index behind the last byte, in {@link #array()}. */
  public int end() {
    return offset + length;
  }

  /** A read-only view for channels. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(array, offset, length).asReadOnlyBuffer();
  }

  /** A copy of the bytes. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slice that
        && Arrays.equals(array, offset, end(), that.array, that.offset, that.end());
  }

  @Override
  public int hashCode() {
    return buffer().hashCode();
  }

  @Override
  public String toString() {
    return "Slice[" + length + " bytes]";
  }
}
