package dev.weir.client.internal.decode;

import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.ProtobufReader;
import dev.weir.common.protobuf.Varint;

/** Reads protobuf's wire format from a part of an array. Owned by the decoder. */
@OwnedBy("subscriber thread")
final class DeliveryReader {
  private static final int VARINT_BYTES_MAX = 10;

  private byte[] array = {};
  private int at;
  private int end;

  void range(byte[] newArray, int from, int to) {
    array = newArray;
    at = from;
    end = to;
  }

  int at() {
    return at;
  }

  int left() {
    return end - at;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 7 * VARINT_BYTES_MAX; shift += 7) {
      if (at >= end) {
        throw malformed();
      }
      byte b = array[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed();
  }

  long zigzag() {
    return Varint.unzigzag(varint());
  }

  long fixed64() {
    if (end - at < Long.BYTES) {
      throw malformed();
    }
    long value = (long) ProtobufReader.LITTLE_ENDIAN_LONG.get(array, at);
    at += Long.BYTES;
    return value;
  }

  /** Reads a length, and skips so many bytes; returns where they begin. They end at {@link #at}. */
  int skipBytes() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw malformed();
    }
    int from = at;
    at += (int) length;
    return from;
  }

  /** Skips a field of this wire type. */
  void skip(int wireType) {
    switch (wireType) {
      case 0 -> varint();
      case 1 -> fixed64();
      case 2 -> skipBytes();
      case 5 -> {
        if (end - at < Integer.BYTES) {
          throw malformed();
        }
        at += Integer.BYTES;
      }
      default -> throw malformed();
    }
  }

  static dev.weir.client.WeirException malformed() {
    return ErrorTranslator.internal("the server sent a delivery that this client cannot read");
  }
}
