package dev.weir.service.rpc;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.fair.LoopTaskQueue;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One connection, at the head of its pipeline: calls that start can ask for theirs. A peer that
 * reads nothing is not read either while too much waits for it: what flow control does not hold
 * back, such as the ends of calls, would fill the memory. Owned by its event loop.
 */
@OwnedBy("event loop")
public final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  /** Bytes given to the socket and not taken, beyond which its peer is read no further. */
  private static final long PENDING_BYTES_MAX = 1 << 20;

  /**
   * The pause between two reads of a peer that leaves its answers unread: each request that is read
   * is work, and those of peers that read come first.
   */
  private static final long UNREAD_PAUSE_MILLIS = 100;

  private static final FastThreadLocal<ConnectionHandler> CURRENT = new FastThreadLocal<>();

  /** The unread answers of the connections of the current loop. */
  private static final FastThreadLocal<ConnectionUnreadAnswers.Slices> SLICES =
      new FastThreadLocal<>() {
        @Override
        protected ConnectionUnreadAnswers.Slices initialValue() {
          return new ConnectionUnreadAnswers.Slices();
        }
      };

  private final LoopTaskQueue.Turn turn = new LoopTaskQueue.Turn();
  private ChannelHandlerContext context;
  private ConnectionUnreadAnswers unread; // null before its first call
  private int shortCalls;
  private boolean takesNothing; // of what was written, beyond the bound
  private boolean pauses; // as its peer has left much unread
  private MessageArrivalTracer arriving; // whose part came last in this read; null for none

  /** Returns the connection from which this thread is reading; null for none. */
  static ConnectionHandler current() {
    return CURRENT.get();
  }

  /** The turn of that one; null for none. */
  public static LoopTaskQueue.Turn currentTurn() {
    ConnectionHandler connection = CURRENT.get();
    return connection == null ? null : connection.turn;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    inTurn(() -> reading.fireChannelRead(message));
  }

  /** Runs something as this connection: tasks that it adds to the loop get its turn. */
  private void inTurn(Runnable event) {
    ConnectionHandler before = CURRENT.get();
    CURRENT.set(this);
    try {
      event.run();
    } finally {
      CURRENT.set(before);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext reading) {
    arrived(null);
    inTurn(reading::fireChannelReadComplete);
    ChannelOutboundBuffer pending = reading.channel().unsafe().outboundBuffer();
    takesNothing = pending != null && pending.totalPendingWriteBytes() > PENDING_BYTES_MAX;
    if (unread != null && unread.isLeft() && !pauses) {
      pauses = true;
      reading.executor().schedule(this::endPause, UNREAD_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (takesNothing || pauses) {
      reading.channel().config().setAutoRead(false);
    }
  }

  private void endPause() {
    pauses = false;
    resumeReading();
  }

  /** Reads again if nothing speaks against it any more. */
  private void resumeReading() {
    if (!takesNothing && !pauses) {
      context.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext writing) {
    if (writing.channel().isWritable()) {
      takesNothing = false;
      resumeReading();
    }
    inTurn(writing::fireChannelWritabilityChanged);
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    gone.fireChannelInactive();
    if (unread != null) {
      unread.close();
    }
  }

  /**
   * A part of a call's message has come, whose end may come with the same read; the part of another
   * call that came before it has had that time.
   */
  void arrived(MessageArrivalTracer part) {
    MessageArrivalTracer before = arriving;
    if (before != part) {
      arriving = part;
      if (before != null) {
        before.charge();
      }
    }
  }

  /** Counts its open unary calls. */
  int shortCalls() {
    return shortCalls;
  }

  /** Adds to its count of open unary calls. */
  void shortCalls(int more) {
    shortCalls += more;
  }

  /** Returns the answers that its peer has not read. */
  ConnectionUnreadAnswers unread(ConnectionUnreadAnswers.Bounds bounds, Loop loop) {
    if (unread == null) {
      unread = new ConnectionUnreadAnswers(bounds, SLICES.get(), loop, this::reset);
    }
    return unread;
  }

  /** The stream of the call that is starting, which is the newest. */
  int startingStream() {
    return http2().connection().remote().lastStreamCreated();
  }

  private Http2ConnectionHandler http2() {
    return context.pipeline().get(Http2ConnectionHandler.class);
  }

  /** Drops streams, and what is to be sent on them. */
  private void reset(List<Integer> streams) {
    Http2ConnectionHandler handler = http2();
    if (handler == null) {
      return;
    }
    ChannelHandlerContext its = context.pipeline().context(handler);
    for (int stream : streams) {
      if (handler.connection().stream(stream) != null) {
        handler.resetStream(its, stream, Http2Error.ENHANCE_YOUR_CALM.code(), its.newPromise());
      }
    }
    its.flush();
  }
}
