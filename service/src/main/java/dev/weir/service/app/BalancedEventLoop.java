package dev.weir.service.app;

import dev.weir.service.app.connection.ReadPass;
import dev.weir.service.core.fair.LoopTaskQueue;
import dev.weir.service.rpc.ConnectionHandler;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * An event loop that reads from its connections however many tasks it has, and does what it has
 * read before it reads much more. By the library's default a loop does tasks for up to a second
 * before it reads: one that writes to many readers that catch up then hardly reads from publishers.
 * One that did as little as it reads would let answers pile up behind requests.
 */
final class BalancedEventLoop extends SingleThreadIoEventLoop {
  /** After so long it reads again, when the task that runs then has ended. */
  private static final long TASKS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /**
   * What the library is told, whose bound is looked at every 64 tasks only: a poll ends the pass.
   */
  private static final long POLLS_END_IT_NANOS = TimeUnit.HOURS.toNanos(1);

  /** More tasks than these wait where requests come faster than they are answered. */
  private static final int BACKLOG_TASKS = 256;

  /** Then it does tasks for so long. */
  private static final long BACKLOG_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  private final LoopTaskQueue tasks;

  private BalancedEventLoop(
      IoEventLoopGroup group, Executor executor, IoHandlerFactory io, LoopTaskQueue tasks) {
    super(
        group,
        executor,
        io,
        tasks,
        newTaskQueue0(Integer.MAX_VALUE),
        RejectedExecutionHandlers.reject());
    this.tasks = tasks;
  }

  /** A group of such loops. */
  static MultiThreadIoEventLoopGroup group(
      int loops, ThreadFactory threads, IoHandlerFactory io, LongSupplier cpuNanos) {
    return new MultiThreadIoEventLoopGroup(loops, threads, io) {
      @Override
      protected IoEventLoop newChild(Executor executor, IoHandlerFactory its, Object... more) {
        LoopTaskQueue tasks =
            new LoopTaskQueue(
                newTaskQueue0(Integer.MAX_VALUE),
                ConnectionHandler::currentTurn,
                cpuNanos,
                System::nanoTime);
        return new BalancedEventLoop(this, executor, its, tasks);
      }
    };
  }

  @Override
  protected void run() {
    ioHandler().initialize();
    tasks.begin();
    ReadPass reading = ReadPass.current();
    do {
      reading.begin();
      runIo();
      if (isShuttingDown()) {
        ioHandler().prepareToDestroy();
      }
      long began = System.nanoTime();
      do {
        tasks.pollFor(TASKS_NANOS);
        try {
          runAllTasks(POLLS_END_IT_NANOS);
        } finally {
          tasks.pause();
        }
      } while (pendingTasks() > BACKLOG_TASKS && System.nanoTime() - began < BACKLOG_NANOS);
    } while (!confirmShutdown() && !canSuspend());
  }
}
