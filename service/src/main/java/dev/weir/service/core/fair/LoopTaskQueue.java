package dev.weir.service.core.fair;

import dev.weir.common.OwnedBy;
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
 * that connection or while it was read. Bulk tasks get one part in {@value #BULK_PART} of the time
 * where others wait too, and share it likewise: those of subscribers that catch up, and all that a
 * connection has waiting when that are more than {@value #PROMPT_TASKS_MAX}. Tasks of the loop
 * itself, which only wake others, come first. Tasks of no connection, such as the registration of a
 * new one, get one poll in {@value #POLLS_PER_OTHER} at least, whatever the connections cost. Tasks
 * of one turn run in the order in which they were added, the bulk ones by themselves. Any thread
 * adds; the rest is owned by the event loop.
 */
@OwnedBy("event loop")
public final class LoopTaskQueue extends AbstractQueue<Runnable> {
  /** The least cost of a task, in nanoseconds. */
  private static final long TASK_NANOS = 1_000;

  /**
   * A task beside which nobody waits is timed by the wall clock, which is cheap, and costs this at
   * most: it may have stood still meanwhile, as in a collection of garbage.
   */
  private static final long WALL_NANOS_MAX = 1_000_000;

  /** One poll in so many takes a task of no connection, where one waits. */
  static final int POLLS_PER_OTHER = 8;

  /**
   * Bulk tasks get one part in so many of the time where others wait too. Not less where these are
   * of many connections: one that asks for little, and fell behind, would never come back.
   */
  static final int BULK_PART = 4;

  /** A connection that has more tasks waiting has asked for more than is done at once. */
  static final int PROMPT_TASKS_MAX = 64;

  /** The share of one connection in a loop. Made anywhere, owned by the event loop. */
  public static final class Turn {
    private final Party<Task> bulkParty = new Party<>();
    private Party<Task> party = new Party<>();
    private boolean hasMany; // its party waits among the bulk ones until it is empty

    /** One that had many and has none any more begins anew. */
    private void endIfDone() {
      if (hasMany && party.size() == 0) {
        hasMany = false;
        party = new Party<>();
      }
    }
  }

  /**
   * A task of a connection.
   *
   * @param turn null for the loop itself: a short task that wakes others
   * @param bulk whether it may wait for tasks that are not
   */
  public record Task(Turn turn, boolean bulk, Runnable task) implements Runnable {
    private Party<Task> party() {
      return bulk ? turn.bulkParty : turn.party;
    }

    private boolean mayWait() {
      return bulk || turn.hasMany;
    }

    @Override
    public void run() {
      task.run();
    }
  }

  private final Queue<Runnable> coming;
  private final Supplier<Turn> reading;
  private final LongSupplier cpuNanos;
  private final LongSupplier nanoClock;
  private final CostQueue<Task> promptQueue = new CostQueue<>(Integer.MAX_VALUE, TASK_NANOS);
  private final CostQueue<Task> bulkQueue = new CostQueue<>(Integer.MAX_VALUE, TASK_NANOS);
  private final Queue<Runnable> first = new ArrayDeque<>();
  private final Queue<Runnable> others = new ArrayDeque<>();
  private int sinceOther; // polls
  private long bulkDebt; // what prompt tasks may take before bulk ones; below 0 these are next
  private Thread loop; // null before it runs
  private Task running; // null between tasks
  private boolean runningBulk;
  private LongSupplier clock; // which times the running task
  private long began; // when the running task did, by that clock
  private boolean bounded; // whether polls end at:
  private long until; // by the wall clock

  /**
   * No tasks yet.
   *
   * @param coming takes tasks from any thread, in order
   * @param reading the turn of the connection that is being read on this thread; null for none
   * @param cpuNanos the processor time of the thread that asks
   * @param nanoClock the wall clock
   */
  public LoopTaskQueue(
      Queue<Runnable> coming,
      Supplier<Turn> reading,
      LongSupplier cpuNanos,
      LongSupplier nanoClock) {
    this.coming = coming;
    this.reading = reading;
    this.cpuNanos = cpuNanos;
    this.nanoClock = nanoClock;
  }

  /** Says that the calling thread is the loop. Called once, before it polls. */
  public void begin() {
    loop = Thread.currentThread();
  }

  /** Polls give nothing any more after so long, until {@link #pause}. */
  public void pollFor(long nanos) {
    bounded = true;
    until = nanoClock.getAsLong() + nanos;
  }

  /** Ends the last polled task's time: what the loop does until it polls again costs nobody. */
  public void pause() {
    charge();
    bounded = false;
  }

  /** Charges the running task's connection, and the tasks of its kind, with its time. */
  private void charge() {
    if (running == null) {
      return;
    }
    long took = clock.getAsLong() - began;
    long cost = clock == nanoClock ? Math.min(took, WALL_NANOS_MAX) : took;
    queueOf(running).charge(running.party(), cost);
    bulkDebt += runningBulk ? cost * (BULK_PART - 1) : -cost;
    running.turn.endIfDone();
    running = null;
  }

  private CostQueue<Task> queueOf(Task task) {
    return task.mayWait() ? bulkQueue : promptQueue;
  }

  @Override
  public boolean offer(Runnable task) {
    if (Thread.currentThread() != loop) {
      return coming.offer(task);
    }
    arrive(); // before it, what came before it
    if (running == null) {
      add(task, reading.get(), false);
    } else {
      add(task, running.turn, running.bulk);
    }
    return true;
  }

  private void arrive() {
    for (Runnable task = coming.poll(); task != null; task = coming.poll()) {
      add(task, null, false);
    }
  }

  private void add(Runnable task, Turn adding, boolean whileBulk) {
    if (!(task instanceof Task of)) {
      if (adding == null) {
        others.add(task);
      } else {
        add(new Task(adding, whileBulk, task));
      }
    } else if (of.turn == null) {
      first.add(of.task);
    } else if (whileBulk && of.turn == adding && !of.bulk) {
      add(new Task(adding, true, of.task)); // goes on with it
    } else {
      add(of);
    }
  }

  private void add(Task task) {
    queueOf(task).offer(task.party(), task);
    if (!task.mayWait() && task.party().size() > PROMPT_TASKS_MAX) {
      promptQueue.move(task.party(), bulkQueue);
      task.turn.hasMany = true;
    }
  }

  @Override
  public Runnable poll() {
    arrive();
    charge();
    if (bounded && nanoClock.getAsLong() - until >= 0) {
      return null;
    }
    Runnable next = first.poll();
    if (next != null) {
      return next;
    }
    if (++sinceOther >= POLLS_PER_OTHER || promptQueue.size() + bulkQueue.size() == 0) {
      sinceOther = 0;
      next = others.poll();
      if (next != null) {
        return next;
      }
    }
    running = nextOfConnections();
    if (running == null) {
      return null;
    }
    runningBulk = running.mayWait();
    clock = othersWait() ? cpuNanos : nanoClock;
    began = clock.getAsLong();
    return running.task;
  }

  /**
   * Returns whether others compete with the running task: only then is the expensive clock read.
   */
  private boolean othersWait() {
    return (runningBulk ? promptQueue : bulkQueue).size() > 0
        || queueOf(running).hasOthers(running.party());
  }

  private Task nextOfConnections() {
    if (promptQueue.size() == 0 || bulkQueue.size() == 0) {
      bulkDebt = 0; // neither saves up time in which the other had nothing to do
      return promptQueue.size() == 0 ? bulkQueue.poll() : promptQueue.poll();
    }
    return bulkDebt < 0 ? bulkQueue.poll() : promptQueue.poll();
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
    return coming.size() + first.size() + others.size() + promptQueue.size() + bulkQueue.size();
  }

  @Override
  public boolean isEmpty() {
    return promptQueue.size() == 0
        && bulkQueue.size() == 0
        && others.isEmpty()
        && first.isEmpty()
        && coming.isEmpty();
  }
}
