package dev.weir.service.sim;

import dev.weir.service.core.Loop;
import java.util.function.Predicate;

/**
 * An event loop on virtual time.
 *
 * @param schedule what runs it
 * @param line its tasks
 * @param lost which tasks are lost; none of a loop that works
 */
record SimLoop(Schedule schedule, Line line, Predicate<Runnable> lost) implements Loop {
  @Override
  public boolean inLoop() {
    return line.running();
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
