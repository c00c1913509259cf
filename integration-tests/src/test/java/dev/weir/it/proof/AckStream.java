package dev.weir.it.proof;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.v1.PublishStreamResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server wrote to one connection, taken apart: HTTP/2 frames (RFC 9113), gRPC messages, and
 * of those the responses to publishers. Owned by the audit.
 */
final class AckStream {
  private static final int FRAME_HEADER = 9;
  private static final int MESSAGE_HEADER = 5;
  private static final int DATA = 0;
  private static final int PADDED = 8;
  private static final int BYTE = 0xFF;

  /**
   * A response.
   *
   * @param stream the HTTP/2 stream
   * @param message what was said
   */
  record Said(int stream, PublishStreamResponse message) {}

  private byte[] rest = {};
  private final Map<Integer, byte[]> streams = new HashMap<>();

  /** More bytes were written; gives the responses that are complete with them. */
  List<Said> onBytes(byte[] bytes) {
    List<Said> said = new ArrayList<>();
    ByteBuffer from = ByteBuffer.wrap(joined(rest, bytes, 0, bytes.length));
    while (from.remaining() >= FRAME_HEADER) {
      int at = from.position();
      int length =
          (from.get(at) & BYTE) << 16 | (from.get(at + 1) & BYTE) << 8 | from.get(at + 2) & BYTE;
      if (from.remaining() < FRAME_HEADER + length) {
        break;
      }
      if (from.get(at + 3) == DATA) {
        boolean padded = (from.get(at + 4) & PADDED) != 0;
        int padding = padded ? 1 + (from.get(at + FRAME_HEADER) & BYTE) : 0;
        int begin = at + FRAME_HEADER + (padded ? 1 : 0);
        onData(from.getInt(at + 5), from.array(), begin, length - padding, said);
      }
      from.position(at + FRAME_HEADER + length);
    }
    rest = new byte[from.remaining()];
    from.get(rest);
    return said;
  }

  private void onData(int stream, byte[] bytes, int from, int length, List<Said> said) {
    ByteBuffer all =
        ByteBuffer.wrap(joined(streams.getOrDefault(stream, new byte[0]), bytes, from, length));
    while (all.remaining() >= MESSAGE_HEADER
        && all.remaining() >= MESSAGE_HEADER + all.getInt(all.position() + 1)) {
      all.get(); // not compressed
      byte[] message = new byte[all.getInt()];
      all.get(message);
      parsed(message).ifPresent(response -> said.add(new Said(stream, response)));
    }
    byte[] left = new byte[all.remaining()];
    all.get(left);
    streams.put(stream, left);
  }

  /** Empty for a response to something else. */
  private static Optional<PublishStreamResponse> parsed(byte[] message) {
    try {
      return Optional.of(PublishStreamResponse.parseFrom(message));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static byte[] joined(byte[] first, byte[] second, int from, int length) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    all.write(second, from, length);
    return all.toByteArray();
  }
}
