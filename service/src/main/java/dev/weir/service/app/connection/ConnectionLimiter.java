package dev.weir.service.app.connection;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.rpc.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets so many connections in that the process keeps descriptors for its files. One more is told
 * why, in HTTP/2, and closed. Thread-safe.
 */
public final class ConnectionLimiter extends ChannelInboundHandlerAdapter {
  private static final Logger logger = LoggerFactory.getLogger(ConnectionLimiter.class);
  private static final int SETTINGS = 4;

  /** Connections that are being told; beyond, they are closed without a word. */
  private static final int TOLD_MAX = 32;

  /** The time for which accepting rests after it failed. */
  private static final int REST_MILLIS = 500;

  /** Refusals after which the operator is told again. */
  private static final long TELL_EVERY = 1_000;

  private final int most;
  private final Budget files;
  private final FrameFloodGuard.Terms terms;
  private final ConnectionCutLog failures;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicInteger told = new AtomicInteger();

  /**
   * A gate.
   *
   * @param most connections that may be open
   * @param files files and connections that the process has open
   * @param terms of each
   */
  public ConnectionLimiter(int most, Budget files, FrameFloodGuard.Terms terms) {
    this.most = most;
    this.files = files;
    this.terms = terms;
    this.failures = new ConnectionCutLog(terms.clock(), logger::warn);
  }

  @Override
  public boolean isSharable() {
    return true;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    String full = whyFull();
    if (full == null) {
      open.incrementAndGet();
      files.take(1);
      connection.closeFuture().addListener(closed -> left());
      connection.pipeline().addFirst(new FrameFloodGuard(terms));
      connection.pipeline().addFirst(new ConnectionHandler());
      context.fireChannelRead(connection);
      return;
    }
    if (refused.getAndIncrement() % TELL_EVERY == 0) {
      logger.warn(
          "The server refuses connections, {} so far: {} {} connections are open.",
          refused.get(),
          full,
          open.get());
    }
    connection.pipeline().addFirst(new RefusedHandler());
    context
        .channel()
        .eventLoop()
        .register(connection)
        .addListener(
            registered -> {
              boolean first = told.incrementAndGet() <= TOLD_MAX;
              connection.closeFuture().addListener(closed -> told.decrementAndGet());
              if (!first) {
                connection.close();
                return;
              }
              connection.writeAndFlush(beginAndEnd("OVERLOADED: " + full));
              GoAwayFrame.closeSoon(connection);
            });
  }

  /** Why no connection is let in; null where one is. Only the accepting loop lets in. */
  private String whyFull() {
    if (open.get() >= most) {
      return String.format(
          "%d connections are open, and connections_max is %d. Close idle ones, or ask the operator"
              + " to raise connections_max and `ulimit -n`.",
          open.get(), most);
    }
    if (files.isNearlyUsed()) {
      files.refused();
      return String.format(
          "%d files and connections are open, and the last tenth of %s (%d) is kept for the log."
              + " Close idle connections, or ask the operator to raise %2$s or `ulimit -n`.",
          files.used(), files.name(), files.max());
    }
    return null;
  }

  private void left() {
    open.decrementAndGet();
    files.giveBack(1);
  }

  /**
   * The system has no descriptor left, or the peer is gone already. Accepting goes on after a
   * moment: it would fail again at once, for as long as nobody gives a descriptor back.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    terms.thrown().accept(thrown);
    if (!(thrown instanceof IOException)) {
      context.fireExceptionCaught(thrown);
      return;
    }
    failures.tell("A connection cannot be accepted: " + thrown.getMessage());
    Channel acceptor = context.channel();
    acceptor.config().setAutoRead(false);
    acceptor
        .eventLoop()
        .schedule(() -> acceptor.config().setAutoRead(true), REST_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Reads nothing of a connection that is told why it is closed, and does not mind how it ends. */
  private static final class RefusedHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object arrived) {
      ReferenceCountUtil.release(arrived);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
      context.close();
    }
  }

  /** An empty SETTINGS, as a server must begin, and GOAWAY with NO_ERROR: nothing was taken. */
  private static ByteBuf beginAndEnd(String reason) {
    ByteBuf settings = Unpooled.buffer();
    settings.writeMedium(0).writeByte(SETTINGS).writeByte(0).writeInt(0);
    return Unpooled.wrappedBuffer(settings, GoAwayFrame.frame(0, GoAwayFrame.NO_ERROR, reason));
  }
}
