package dev.weir.service.app.connection;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Cuts a connection that sends frames without content in numbers, or that never ends its headers;
 * it says why. One that does not begin as HTTP/2 is ended by the library. In front of the library's
 * codec, behind what decrypts. Owned by the connection's event loop.
 */
@OwnedBy("event loop")
public final class FrameFloodGuard extends ChannelDuplexHandler {
  /**
   * What all connections of a listener have in common. Thread-safe.
   *
   * @param limits of frames and of time
   * @param clock of the windows
   * @param cuts hears of connections that are cut
   * @param thrown hears what was thrown while a connection was read
   */
  public record Terms(
      Limits limits, LongSupplier clock, ConnectionCutLog cuts, Consumer<Throwable> thrown) {
    long handshakeMillis() {
      return limits.get(Limit.HANDSHAKE_TIMEOUT_MS);
    }
  }

  private final Terms terms;
  private final FrameCounter frames;
  private long watchedBlock; // whose end is awaited; 0: none
  private ScheduledFuture<?> timer; // null while none runs: one for all blocks
  private boolean cut;

  FrameFloodGuard(Terms terms) {
    this.terms = terms;
    this.frames =
        new FrameCounter(
            terms.limits().getInt(Limit.CONTROL_FRAMES_PER_WINDOW_MAX),
            TimeUnit.SECONDS.toNanos(terms.limits().get(Limit.CONTROL_WINDOW_SECONDS)),
            terms.clock());
  }

  private String handshake() {
    return "handshake_timeout_ms (" + terms.handshakeMillis() + ")";
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object arrived) {
    if (cut) {
      ReferenceCountUtil.release(arrived);
      return;
    }
    if (arrived instanceof ByteBuf bytes && !frames.takes(bytes)) {
      ReferenceCountUtil.release(arrived);
      cut(
          context,
          "it sent too many frames without content: "
              + "control_frames_per_window_max ("
              + terms.limits().get(Limit.CONTROL_FRAMES_PER_WINDOW_MAX)
              + ") within control_window_seconds ("
              + terms.limits().get(Limit.CONTROL_WINDOW_SECONDS)
              + ")");
      return;
    }
    if (frames.openBlock() != 0 && timer == null) {
      watch(context);
    }
    context.fireChannelRead(arrived);
  }

  /** Headers mostly arrive whole, and there is nothing to watch. */
  private void watch(ChannelHandlerContext context) {
    watchedBlock = frames.openBlock();
    timer =
        context
            .executor()
            .schedule(() -> look(context), terms.handshakeMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * A block that is open now and was not when the timer began has its time from now on, and so has
   * one that the server does not read.
   */
  private void look(ChannelHandlerContext context) {
    timer = null;
    if (cut || frames.openBlock() == 0) {
      return;
    }
    if (frames.openBlock() == watchedBlock && context.channel().config().isAutoRead()) {
      cut(context, "its headers did not end within " + handshake());
    } else {
      watch(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    context.fireChannelInactive();
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (cut) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new java.nio.channels.ClosedChannelException());
      return;
    }
    frames.sent();
    context.write(message, promise);
  }

  private void cut(ChannelHandlerContext context, String reason) {
    cut = true;
    terms.cuts().cut(context.channel().remoteAddress(), reason);
    context.writeAndFlush(
        GoAwayFrame.frame(
            Integer.MAX_VALUE, GoAwayFrame.ENHANCE_YOUR_CALM, "ENHANCE_YOUR_CALM: " + reason));
    GoAwayFrame.closeSoon(context.channel());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    terms.thrown().accept(thrown); // reading may have found no direct memory
    context.fireExceptionCaught(thrown);
  }
}
