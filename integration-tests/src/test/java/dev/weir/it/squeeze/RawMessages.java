package dev.weir.it.squeeze;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Protobuf messages that no builder makes in reasonable time. Stateless. */
final class RawMessages {
  private static final int GROUPS_DEEP = 99;
  private static final int GROUP_BEGINS = 0x7B; // of field 15
  private static final int GROUP_ENDS = 0x7C;

  private RawMessages() {}

  /** A field of a message, text or bytes type. */
  static ByteString field(int number, ByteString value) {
    ByteString.Output bytes = ByteString.newOutput(value.size() + 16);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeBytes(number, value);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteString();
  }

  /** Groups that no type has, as deep as a parser reads, again and again. */
  static ByteString groups(int bytes) {
    byte[] all = new byte[bytes / (2 * GROUPS_DEEP) * (2 * GROUPS_DEEP)];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) (i % (2 * GROUPS_DEEP) < GROUPS_DEEP ? GROUP_BEGINS : GROUP_ENDS);
    }
    return ByteString.copyFrom(all);
  }

  /** A repeated field with empty entries. */
  static ByteString empties(int number, int count) {
    return repeat(field(number, ByteString.EMPTY), count);
  }

  /** The same bytes, so many times. */
  static ByteString repeat(ByteString bytes, int count) {
    byte[] entry = bytes.toByteArray();
    byte[] all = new byte[entry.length * count];
    for (int i = 0; i < all.length; i++) {
      all[i] = entry[i % entry.length];
    }
    return ByteString.copyFrom(all);
  }
}
