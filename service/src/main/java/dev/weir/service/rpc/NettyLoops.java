package dev.weir.service.rpc;

import dev.weir.service.core.Loop;
import dev.weir.service.core.fair.LoopTasks;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Netty's event loops: a call belongs to the loop of its connection, and what is posted for it to
 * that connection's turn. Thread-safe.
 */
public final class NettyLoops implements Loops {
  private final List<Wrapped> loops = new ArrayList<>();

  /** Wraps the loops of a group. */
  public NettyLoops(EventLoopGroup group) {
    group.forEach(executor -> loops.add(new Wrapped(executor, null)));
  }

  @Override
  public Loop current() {
    for (Wrapped loop : loops) {
      if (loop.inLoop()) {
        LoopTasks.Turn turn = Connection.currentTurn();
        return turn == null ? loop : new Wrapped(loop.executor, turn);
      }
    }
    throw new IllegalStateException(
        "a call started on " + Thread.currentThread().getName() + ", which is no event loop");
  }

  @Override
  public boolean carryCallbacks() {
    return true;
  }

  /** One loop, for the calls of one connection; without a turn where no connection is known. */
  private record Wrapped(EventExecutor executor, LoopTasks.Turn turn) implements Loop {
    @Override
    public boolean inLoop() {
      return executor.inEventLoop();
    }

    @Override
    public void post(Runnable task) {
      try {
        executor.execute(turn == null ? task : new LoopTasks.Task(turn, task));
      } catch (RejectedExecutionException ended) {
        // the loop ends behind its connections: nobody is left to hear this
        dropped(ended);
      }
    }

    /** A future would keep what the task throws to itself; a task of its own tells it. */
    private void run(Runnable task) {
      try {
        task.run();
      } catch (RuntimeException | Error thrown) {
        executor.execute(
            () -> {
              throw thrown;
            });
      }
    }

    private static void dropped(RejectedExecutionException ended) {
      org.slf4j.LoggerFactory.getLogger(NettyLoops.class).trace("task dropped", ended);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      ScheduledFuture<?> scheduled =
          executor.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    }
  }
}
