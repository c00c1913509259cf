package dev.weir.service.app.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The end of an HTTP/2 connection with a reason (RFC 9113, section 6.8). Stateless. */
final class GoAwayFrame {
  static final int NO_ERROR = 0;
  static final int ENHANCE_YOUR_CALM = 0xb;
  private static final int FIXED_BYTES = 8;
  private static final int TYPE = 7;

  /** Closed at once, a connection is reset, and its peer might never read why. */
  private static final int LINGER_SECONDS = 1;

  private GoAwayFrame() {}

  /** Its frame. */
  static ByteBuf frame(int lastStream, int error, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(FIXED_BYTES + text.length).writeByte(TYPE).writeByte(0).writeInt(0);
    return frame.writeInt(lastStream).writeInt(error).writeBytes(text);
  }

  /** Says nothing more, and closes once the peer had time to read. The connection's loop. */
  static void closeSoon(Channel connection) {
    if (connection instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
    connection.eventLoop().schedule(() -> connection.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }
}
