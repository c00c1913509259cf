package dev.weir.service.core.fair;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fair.CostQueue.Party;
import java.util.AbstractQueue;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The tasks of one event loop, which its connections share by cost, as in {@link CostQueue}: the
 * answer to one that asks for little does not wait behind all that others asked for. A task belongs
 * to a connection if it is a {@link Task} of its turn, or if it was added on the loop by a task of
 * that connection or while it was read. Tasks of the loop itself, which only wake others, come
 * first. Tasks of no connection, such as the registration of a new one, get one poll in {@value
 * #POLLS_PER_OTHER} at least, whatever the connections cost. Tasks of one turn run in the order in
 * which they were added. Any thread adds; the rest is owned by the event loop.
 */
@OwnedBy("event loop")
public final class LoopTasks extends AbstractQueue<Runnable> {
  /** What a task costs at least, in nanoseconds. */
  private static final long TASK_NANOS = 1_000;

  /** One poll in so many takes a task of no connection, where one waits. */
  static final int POLLS_PER_OTHER = 8;

  /** The share of one connection in a loop. Made anywhere, owned by the event loop. */
  public static final class Turn {
    private final Party<Task> party = new Party<>();
  }

  /**
   * A task of a connection.
   *
   * @param turn null for the loop itself: a short task that wakes others
   */
  public record Task(Turn turn, Runnable task) implements Runnable {
    @Override
    public void run() {
      task.run();
    }
  }

  private final Queue<Runnable> coming;
  private final Supplier<Turn> reading;
  private final LongSupplier cpuNanos;
  private final CostQueue<Task> queue = new CostQueue<>(Integer.MAX_VALUE, TASK_NANOS);
  private final Queue<Runnable> first = new ArrayDeque<>();
  private final Queue<Runnable> others = new ArrayDeque<>();
  private int sinceOther; // polls
  private Thread loop; // null before it runs
  private Turn running; // null between tasks
  private long began; // by the clock: the running task

  /**
   * No tasks yet.
   *
   * @param coming takes tasks from any thread, in order
   * @param reading the turn of the connection that is being read on this thread; null for none
   * @param cpuNanos the processor time of the thread that asks
   */
  public LoopTasks(Queue<Runnable> coming, Supplier<Turn> reading, LongSupplier cpuNanos) {
    this.coming = coming;
    this.reading = reading;
    this.cpuNanos = cpuNanos;
  }

  /** Says that the calling thread is the loop. Called once, before it polls. */
  public void begin() {
    loop = Thread.currentThread();
  }

  /** Ends the last polled task's time: what the loop does until it polls again costs nobody. */
  public void pause() {
    if (running != null) {
      charge();
    }
  }

  /** Charges the running task's connection with its time, and returns the clock's. */
  private long charge() {
    long now = cpuNanos.getAsLong();
    queue.charge(running.party, now - began);
    running = null;
    return now;
  }

  @Override
  public boolean offer(Runnable task) {
    if (Thread.currentThread() != loop) {
      return coming.offer(task);
    }
    arrive(); // before it, what came before it
    add(task, running == null ? reading.get() : running);
    return true;
  }

  private void arrive() {
    for (Runnable task = coming.poll(); task != null; task = coming.poll()) {
      add(task, null);
    }
  }

  private void add(Runnable task, Turn adding) {
    if (task instanceof Task of) {
      if (of.turn == null) {
        first.add(of.task);
      } else {
        queue.offer(of.turn.party, of);
      }
    } else if (adding == null) {
      others.add(task);
    } else {
      queue.offer(adding.party, new Task(adding, task));
    }
  }

  @Override
  public Runnable poll() {
    arrive();
    long now = running == null ? 0 : charge();
    Runnable next = first.poll();
    if (next != null) {
      return next;
    }
    if (++sinceOther >= POLLS_PER_OTHER || queue.size() == 0) {
      sinceOther = 0;
      next = others.poll();
      if (next != null) {
        return next;
      }
    }
    Task of = queue.poll();
    if (of == null) {
      return null;
    }
    running = of.turn;
    began = now == 0 ? cpuNanos.getAsLong() : now;
    return of.task;
  }

  /** Throws: which task is next depends on what the running one will have cost. */
  @Override
  public Runnable peek() {
    throw new UnsupportedOperationException("which task is next is decided when it is polled");
  }

  /** Removes a task that another thread added and the loop has not looked at. Any thread. */
  @Override
  public boolean remove(Object task) {
    return coming.remove(task);
  }

  @Override
  public Iterator<Runnable> iterator() {
    throw new UnsupportedOperationException("tasks are polled one by one");
  }

  /** Counts waiting tasks: exactly on the loop, roughly on other threads. */
  @Override
  public int size() {
    return coming.size() + first.size() + others.size() + queue.size();
  }

  @Override
  public boolean isEmpty() {
    return queue.size() == 0 && others.isEmpty() && first.isEmpty() && coming.isEmpty();
  }
}
