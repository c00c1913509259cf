package dev.weir.it.proxy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One direction of a gRPC connection, taken apart: HTTP/2 frames (RFC 9113), and the gRPC messages
 * in them, which must not be compressed. Owned by its reader.
 */
public final class GrpcMessageParser {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME_HEADER = 9;
  private static final int MESSAGE_HEADER = 5;
  private static final int DATA = 0;
  private static final int PADDED = 8;
  private static final int BYTE = 0xFF;

  /** A message that is complete. Immutable by convention. */
  public static final class Message {
    private final int stream;
    private final byte[] bytes;
    private final long end;

    private Message(int stream, byte[] bytes, long end) {
      this.stream = stream;
      this.bytes = bytes;
      this.end = end;
    }

    /** The HTTP/2 stream. */
    public int stream() {
      return stream;
    }

    /** Its encoded form. */
    public byte[] bytes() {
      return bytes;
    }

    /** Bytes of the connection up to the end of the frame that completed it. */
    public long end() {
      return end;
    }
  }

  private final Map<Integer, byte[]> streams = new HashMap<>();
  private int preface;
  private byte[] rest = {};
  private long done;

  private GrpcMessageParser(int preface) {
    this.preface = preface;
  }

  /** Parses what a client sends, which begins with the preface of HTTP/2. */
  public static GrpcMessageParser ofClient() {
    return new GrpcMessageParser(PREFACE.length);
  }

  /** Parses what a server sends. */
  public static GrpcMessageParser ofServer() {
    return new GrpcMessageParser(0);
  }

  /** More bytes went by; gives the messages that are complete with them. */
  public List<Message> onBytes(byte[] bytes) {
    List<Message> complete = new ArrayList<>();
    ByteBuffer from = ByteBuffer.wrap(joined(rest, bytes, 0, bytes.length));
    if (preface > 0 && from.remaining() >= preface) {
      from.position(preface);
      done += preface;
      preface = 0;
    }
    while (preface == 0 && from.remaining() >= FRAME_HEADER) {
      int at = from.position();
      int length =
          (from.get(at) & BYTE) << 16 | (from.get(at + 1) & BYTE) << 8 | from.get(at + 2) & BYTE;
      if (from.remaining() < FRAME_HEADER + length) {
        break;
      }
      done += FRAME_HEADER + length;
      if (from.get(at + 3) == DATA) {
        boolean padded = (from.get(at + 4) & PADDED) != 0;
        int padding = padded ? 1 + (from.get(at + FRAME_HEADER) & BYTE) : 0;
        int begin = at + FRAME_HEADER + (padded ? 1 : 0);
        onData(from.getInt(at + 5), from.array(), begin, length - padding, complete);
      }
      from.position(at + FRAME_HEADER + length);
    }
    rest = new byte[from.remaining()];
    from.get(rest);
    return complete;
  }

  private void onData(int stream, byte[] bytes, int from, int length, List<Message> complete) {
    ByteBuffer all =
        ByteBuffer.wrap(joined(streams.getOrDefault(stream, new byte[0]), bytes, from, length));
    while (all.remaining() >= MESSAGE_HEADER
        && all.remaining() >= MESSAGE_HEADER + all.getInt(all.position() + 1)) {
      all.get(); // not compressed
      byte[] message = new byte[all.getInt()];
      all.get(message);
      complete.add(new Message(stream, message, done));
    }
    byte[] left = new byte[all.remaining()];
    all.get(left);
    streams.put(stream, left);
  }

  private static byte[] joined(byte[] first, byte[] second, int from, int length) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    all.write(second, from, length);
    return all.toByteArray();
  }
}
