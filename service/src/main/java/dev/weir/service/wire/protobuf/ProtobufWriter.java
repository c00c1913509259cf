package dev.weir.service.wire.protobuf;

import com.google.protobuf.CodedOutputStream;
import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.service.core.Slice;
import java.util.Arrays;

/** A growing byte array that knows protobuf's encodings. Owned by the call that made it. */
@OwnedBy("its caller")
public final class ProtobufWriter {
  /** So much of a slice's array may be unused. */
  private static final int UNUSED_PART = 8;

  private byte[] array;
  private int length;

  public ProtobufWriter(int capacity) {
    array = new byte[Math.max(16, capacity)];
  }

  private void reserve(int more) {
    if (more > array.length - length) {
      array = Arrays.copyOf(array, Math.max(Math.addExact(length, more), array.length * 2));
    }
  }

  /** Returns the bytes that it takes. */
  public int memoryBytes() {
    return array.length;
  }

  public void put(int oneByte) {
    reserve(1);
    array[length++] = (byte) oneByte;
  }

  public void varint(long value) {
    reserve(CodedOutputStream.computeUInt64SizeNoTag(-1L));
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      array[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    array[length++] = (byte) rest;
  }

  public void unsigned(int value) {
    varint(Integer.toUnsignedLong(value));
  }

  public void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  public void fixed64(long value) {
    reserve(Long.BYTES);
    ProtobufReader.LITTLE_ENDIAN_LONG.set(array, length, value);
    length += Long.BYTES;
  }

  public void bytes(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, array, length, count);
    length += count;
  }

  /** A length-delimited field. */
  public void field(int tag, byte[] source, int from, int count) {
    varint(tag);
    varint(count);
    bytes(source, from, count);
  }

  /** A length-delimited field whose content was written to another sink. */
  public void field(int tag, ProtobufWriter content) {
    field(tag, content.array, 0, content.length);
  }

  /** A length-delimited field of ASCII text. */
  public void ascii(int tag, String text) {
    varint(tag);
    varint(text.length());
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      array[length++] = (byte) text.charAt(i);
    }
  }

  /** All bytes of another sink. */
  public void all(ProtobufWriter other) {
    bytes(other.array, 0, other.length);
  }

  /** A range of another sink. */
  public void range(ProtobufWriter other, int from, int end) {
    bytes(other.array, from, end - from);
  }

  public int length() {
    return length;
  }

  /** Changes a byte that was written. */
  public void set(int index, int oneByte) {
    array[index] = (byte) oneByte;
  }

  /** Forgets what was written behind a length. */
  public void cutTo(int shorter) {
    length = shorter;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(array, length);
  }

  /**
   * The bytes; nothing may be written afterwards. Without a copy, unless much would be held in
   * vain: what is counted of a slice is its length.
   */
  public Slice slice() {
    int unused = array.length - length;
    return unused <= length / UNUSED_PART ? new Slice(array, 0, length) : Slice.of(toBytes());
  }
}
