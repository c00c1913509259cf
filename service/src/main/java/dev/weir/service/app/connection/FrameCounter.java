package dev.weir.service.app.connection;

import dev.weir.common.OwnedBy;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Reads along the frames of one connection (RFC 9113, section 4.1), without their content, and
 * counts those that cost the server work and bring nothing: SETTINGS, PRIORITY, acknowledged PINGs,
 * CONTINUATION, GOAWAY, empty DATA and unknown types. WINDOW_UPDATE and PING answer what the server
 * sends, and count where there are more than two for each of its frames. RST_STREAM is counted by
 * the library. Owned by the connection's event loop.
 */
@OwnedBy("event loop")
final class FrameCounter {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int HEADER_BYTES = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int FLAG_ACK = 1;
  private static final int FLAG_END_STREAM = 1;
  private static final int FLAG_END_HEADERS = 4;
  private static final int FLAG_PADDED = 8;

  /** A padded frame may be all padding. */
  private static final int PADDING_BYTES_MAX = 256;

  private static final int ANSWERS_PER_FRAME = 2;

  private final int most;
  private final long windowNanos;
  private final LongSupplier clock;

  private int prefaceBytes; // that have arrived
  private boolean foreign; // not HTTP/2: the library refuses it
  private final byte[] header = new byte[HEADER_BYTES];
  private int headerBytes; // of one that has not arrived whole
  private int contentBytes; // of the present frame that are still to come
  private boolean block; // of headers, which has begun
  private boolean blockEnds; // with the present frame
  private long blocks;

  private boolean begun;
  private long windowBegin;
  private int counted;
  private long answers;
  private long sent;
  private long sentBefore;

  /**
   * Counts.
   *
   * @param most frames that may be counted in a window
   * @param windowNanos its length
   * @param clock of a counted frame
   */
  FrameCounter(int most, long windowNanos, LongSupplier clock) {
    this.most = most;
    this.windowNanos = windowNanos;
    this.clock = clock;
  }

  /** The server wrote to the connection; at least once for each frame. */
  void sent() {
    sent++;
  }

  /** Looks at what has arrived, and leaves it as it is; false once there was too much. */
  boolean takes(ByteBuf arrived) {
    int at = arrived.readerIndex();
    int end = arrived.writerIndex();
    if (prefaceBytes < PREFACE.length) {
      at = preface(arrived, at, end);
    }
    while (at < end && !foreign) {
      if (contentBytes > 0) {
        int part = Math.min(contentBytes, end - at);
        contentBytes -= part;
        at += part;
      } else if (headerBytes == 0 && end - at >= HEADER_BYTES) {
        if (!frame(
            arrived.getUnsignedMedium(at), arrived.getByte(at + 3), arrived.getByte(at + 4))) {
          return false;
        }
        at += HEADER_BYTES;
      } else {
        header[headerBytes++] = arrived.getByte(at++);
        if (headerBytes == HEADER_BYTES) {
          headerBytes = 0;
          if (!frame(length(header), header[3], header[4])) {
            return false;
          }
        }
      }
      if (contentBytes == 0 && blockEnds) {
        block = false;
        blockEnds = false;
      }
    }
    return true;
  }

  private static int length(byte[] header) {
    return (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
  }

  private int preface(ByteBuf arrived, int from, int end) {
    int at = from;
    while (at < end && prefaceBytes < PREFACE.length) {
      if (arrived.getByte(at++) != PREFACE[prefaceBytes++]) {
        foreign = true;
        prefaceBytes = PREFACE.length;
      }
    }
    return at;
  }

  @SuppressWarnings("StatementSwitchToExpressionSwitch") // cases fall through
  private boolean frame(int length, byte type, byte flags) {
    contentBytes = length;
    switch (type) {
      case DATA:
        return has(flags, FLAG_PADDED) && length <= PADDING_BYTES_MAX
                || length == 0 && !has(flags, FLAG_END_STREAM)
            ? count()
            : true;
      case HEADERS:
        block = true;
        blocks++;
        blockEnds = has(flags, FLAG_END_HEADERS);
        return true;
      case RST_STREAM:
        return true;
      case SETTINGS:
        sent -= has(flags, FLAG_ACK) ? 0 : 1; // its acknowledgement is written, and wants no answer
        return count();
      case PING:
        if (has(flags, FLAG_ACK)) {
          return count();
        }
        sent--;
        return answer();
      case WINDOW_UPDATE:
        return answer();
      case CONTINUATION:
        blockEnds = has(flags, FLAG_END_HEADERS);
        return count();
      default:
        return count();
    }
  }

  private static boolean has(byte flags, int flag) {
    return (flags & flag) != 0;
  }

  private boolean count() {
    turnWindow();
    return ++counted <= most;
  }

  private boolean answer() {
    turnWindow();
    return ++answers <= most + ANSWERS_PER_FRAME * Math.max(0, sent + sentBefore);
  }

  private void turnWindow() {
    long now = clock.getAsLong();
    if (!begun || now - windowBegin >= windowNanos) {
      begun = true;
      windowBegin = now;
      counted = 0;
      answers = 0;
      sentBefore = Math.max(0, sent); // what they answer may be older than the window
      sent = Math.min(0, sent);
    }
  }

  /** The number of the block of headers that has begun and not ended; 0 for none. */
  long openBlock() {
    return block ? blocks : 0;
  }
}
