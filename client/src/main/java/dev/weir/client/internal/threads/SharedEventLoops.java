package dev.weir.client.internal.threads;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The event loops of all clients of this process, one per processor: a thousand clients would spend
 * their time on waking a thousand threads. A client has one of them, in turn, for its life. They
 * start with the first client and end with the last one. Thread-safe; its lock guards the count.
 */
final class SharedEventLoops {
  private final ThreadFactory threads;
  private final IntSupplier processors;
  private EventLoopGroup group;
  private int clients;

  /**
   * No loops yet.
   *
   * @param processors asked when the first client comes
   */
  SharedEventLoops(ThreadFactory threads, IntSupplier processors) {
    this.threads = threads;
    this.processors = processors;
  }

  /** A loop for one more client, which gives it back by {@link #leave}. */
  synchronized EventLoop enter() {
    if (clients == 0) {
      IoHandlerFactory io =
          Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
      group = new MultiThreadIoEventLoopGroup(processors.getAsInt(), threads, io);
    }
    clients++;
    return group.next();
  }

  /** A client needs its loop no more; tasks under way finish. Waits for none. */
  synchronized void leave() {
    clients--;
    if (clients == 0) {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      group = null;
    }
  }
}
