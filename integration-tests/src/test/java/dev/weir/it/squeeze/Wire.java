package dev.weir.it.squeeze;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Protobuf messages that no builder makes in reasonable time. Stateless. */
final class Wire {
  private Wire() {}

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

  /** A repeated field with empty entries. */
  static ByteString empties(int number, int count) {
    byte[] entry = field(number, ByteString.EMPTY).toByteArray();
    byte[] all = new byte[entry.length * count];
    for (int i = 0; i < all.length; i++) {
      all[i] = entry[i % entry.length];
    }
    return ByteString.copyFrom(all);
  }
}
