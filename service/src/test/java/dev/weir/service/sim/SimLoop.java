package dev.weir.service.sim;

import dev.weir.common.Loop;
import java.util.function.Predicate;

/**
 * An event loop on virtual time.
 *
 * @param schedule what runs it
 * @param line its tasks
 * @param bulkLine its bulk tasks, in no order with the others
 * @param lost which tasks are lost; none of a loop that works
 */
record SimLoop(
    VirtualSchedule schedule, TaskQueue line, TaskQueue bulkLine, Predicate<Runnable> lost)
    implements Loop {
  @Override
  public boolean inLoop() {
    return line.running() || bulkLine.running();
  }

  @Override
  public Loop bulk() {
    return new SimLoop(schedule, bulkLine, line, lost);
  }

  @Override
  public void post(Runnable task) {
    if (!lost.test(task)) {
      line.execute(task);
    }
  }

  @Override
  public Runnable schedule(long delayNanos, Runnable task) {
    return schedule.after(delayNanos, line, task);
  }
}
