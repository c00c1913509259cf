package dev.weir.service.rpc;

import dev.weir.common.Loop;
import dev.weir.service.core.fair.LoopTaskQueue;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Netty's event loops: a call belongs to the loop of its connection, and what is posted for it to
 * that connection's turn. Thread-safe.
 */
public final class NettyLoops implements Loops {
  private final List<Wrapped> loops = new ArrayList<>();

  /** Wraps the loops of a group. */
  public NettyLoops(EventLoopGroup group) {
    group.forEach(executor -> loops.add(Wrapped.of(executor)));
  }

  @Override
  public Loop current() {
    for (Wrapped loop : loops) {
      if (loop.inLoop()) {
        LoopTaskQueue.Turn turn = ConnectionHandler.currentTurn();
        return turn == null ? loop : new Wrapped(loop.executor, turn, false, loop);
      }
    }
    throw new IllegalStateException(
        "a call started on " + Thread.currentThread().getName() + ", which is no event loop");
  }

  @Override
  public boolean carryCallbacks() {
    return true;
  }

  /**
   * An event loop ({@code turn} and {@code all} are null), or the same as the loop of one
   * connection, whose tasks get that connection's turn.
   */
  private record Wrapped(
      EventExecutor executor, LoopTaskQueue.Turn turn, boolean isBulk, Wrapped all)
      implements Loop {
    static Wrapped of(EventExecutor executor) {
      return new Wrapped(executor, null, false, null);
    }

    @Override
    public Loop bulk() {
      return turn == null ? this : new Wrapped(executor, turn, true, all);
    }

    @Override
    public Loop shared() {
      return all == null ? this : all;
    }

    @Override
    public boolean inLoop() {
      return executor.inEventLoop();
    }

    @Override
    public void post(Runnable task) {
      try {
        executor.execute(new LoopTaskQueue.Task(turn, isBulk, task));
      } catch (RejectedExecutionException ended) {
        // the loop ends behind its connections: nobody is left to hear this
        dropped(ended);
      }
    }

    private static void dropped(RejectedExecutionException ended) {
      org.slf4j.LoggerFactory.getLogger(NettyLoops.class).trace("task dropped", ended);
    }

    /** Posts the task when it is due, so that the connection's turn is charged with it. */
    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      AtomicBoolean cancelled = new AtomicBoolean();
      Runnable unlessCancelled =
          () -> {
            if (!cancelled.get()) {
              task.run();
            }
          };
      ScheduledFuture<?> scheduled =
          executor.schedule(() -> post(unlessCancelled), delayNanos, TimeUnit.NANOSECONDS);
      return () -> {
        cancelled.set(true);
        scheduled.cancel(false);
      };
    }
  }
}
