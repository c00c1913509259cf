package dev.weir.service.app;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets so many connections in, so that the process keeps descriptors for its files. One more is
 * told why, in HTTP/2, and closed. Thread-safe.
 */
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private static final Logger logger = LoggerFactory.getLogger(ConnectionGate.class);
  private static final byte[] REASON =
      "OVERLOADED: the server has its most connections (connections_max)"
          .getBytes(StandardCharsets.US_ASCII);
  private static final int GO_AWAY_BYTES = 8;
  private static final int SETTINGS = 4;
  private static final int GO_AWAY = 7;

  /** Connections that are being told; beyond, they are closed without a word. */
  private static final int TOLD_MAX = 32;

  /** Refusals after which the operator is told again. */
  private static final long TELL_EVERY = 1_000;

  private final int most;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicInteger told = new AtomicInteger();

  ConnectionGate(int most) {
    this.most = most;
  }

  @Override
  public boolean isSharable() {
    return true;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (open.incrementAndGet() <= most) {
      connection.closeFuture().addListener(closed -> open.decrementAndGet());
      context.fireChannelRead(connection);
      return;
    }
    open.decrementAndGet();
    if (refused.getAndIncrement() % TELL_EVERY == 0) {
      logger.warn(
          "connections are refused: {} are open (connections_max); {} refused so far",
          most,
          refused.get());
    }
    context
        .channel()
        .eventLoop()
        .register(connection)
        .addListener(
            registered -> {
              boolean first = told.incrementAndGet() <= TOLD_MAX;
              connection.closeFuture().addListener(closed -> told.decrementAndGet());
              if (!first || !(connection instanceof DuplexChannel duplex)) {
                connection.close();
                return;
              }
              connection.writeAndFlush(goAway());
              duplex.shutdownOutput();
              // Closed at once, it would be reset, and the peer might never read why.
              connection.eventLoop().schedule(() -> connection.close(), 1, TimeUnit.SECONDS);
            });
  }

  /** An empty SETTINGS, as a server must begin, and GOAWAY with NO_ERROR: nothing was taken. */
  private static ByteBuf goAway() {
    ByteBuf frames = Unpooled.buffer();
    frames.writeMedium(0).writeByte(SETTINGS).writeByte(0).writeInt(0);
    frames.writeMedium(GO_AWAY_BYTES + REASON.length).writeByte(GO_AWAY).writeByte(0).writeInt(0);
    frames.writeInt(0).writeInt(0).writeBytes(REASON);
    return frames;
  }
}
