package dev.weir.service.session;

import dev.weir.service.core.fair.CostQueue;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.ReadMemory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;

/**
 * Does for feeds what would hold an event loop, in turns that are fair by session and by the bytes
 * that were read; calls with one feed each share the turns of their connection, as somebody may
 * make any number of them. What reads recent records only, in memory, has a thread of its own and
 * every other turn of the rest, so that no read of the disk is before it. Nobody reads the log
 * while much that was read waits to be taken. Thread-safe; holds no lock while work is done.
 */
public final class CatchUpPool {
  /** The kinds of work. */
  public enum Kind {
    /** It converts what is in memory: recent records, last values. */
    RECENT,
    /** It may read the log. */
    STORED
  }

  /**
   * Threads that are passed in.
   *
   * @param executor has room for as many tasks as may run at a time, and as many more
   * @param most how many tasks may run at a time
   */
  public record Threads(Executor executor, int most) {}

  /** The cost of a turn beside the bytes it reads: about as much as reading so many. */
  private static final long TURN_BYTES = 1 << 16;

  private record Task(SessionTurns session, Kind kind, LongSupplier work) {
    CostQueue.Party<Task> party() {
      return kind == Kind.RECENT ? session.recentTurns : session.storedTurns;
    }
  }

  /** Threads, and how many of them are at it; guarded by the pool. */
  private static final class BusyThreads {
    private final Threads threads;
    private final boolean readsLog;
    private int running; // those on their way too
    private int coming; // on their way, each of which takes what is next

    BusyThreads(Threads threads, boolean readsLog) {
      this.threads = threads;
      this.readsLog = readsLog;
    }
  }

  /** The turns of one session, or of the calls of one connection; their feeds share them. */
  public final class SessionTurns {
    private final String connection; // null: a session has them for itself
    private final CostQueue.Party<Task> recentTurns;
    private final CostQueue.Party<Task> storedTurns;
    private int uses; // its calls, and tasks that wait or are under way; guarded by the pool

    private SessionTurns() {
      this.connection = null;
      this.recentTurns = new CostQueue.Party<>();
      this.storedTurns = new CostQueue.Party<>();
    }

    /** Goes on with what the last calls of the connection have cost. Guarded by the pool. */
    private SessionTurns(String connection) {
      this.connection = connection;
      this.recentTurns = recent.join(connection);
      this.storedTurns = stored.join(connection);
    }

    /** A call of the connection is over. */
    public void leave() {
      synchronized (CatchUpPool.this) {
        release();
      }
    }

    /** One use less. Guarded by the pool. */
    private void release() {
      uses--;
      if (uses == 0 && connection != null) {
        connections.remove(connection);
        recent.leave(connection, recentTurns);
        stored.leave(connection, storedTurns);
      }
    }

    /**
     * Hands over work.
     *
     * @param work called once; returns the bytes it read
     * @return empty if it was taken; otherwise why not
     */
    public Optional<Fault> offer(Kind kind, LongSupplier work) {
      return take(new Task(this, kind, work))
          ? Optional.empty()
          : Optional.of(
              Fault.of(
                      ErrorCode.OVERLOADED,
                      "As many reads wait as catchup_queue_tasks ("
                          + tasksMax
                          + ") allows. This one is tried again after the delay; the operator can"
                          + " raise the limit or catchup_threads.")
                  .retryAfter(retryDelay));
    }

    /** Memory for the records that are read. */
    public ReadMemory room() {
      return room;
    }
  }

  private final BusyThreads readers;
  private final BusyThreads recentOnly;
  private final int tasksMax;
  private final Duration retryDelay;
  private final ReadMemory room;
  private final CostQueue<Task> recent; // guarded by this, as the rest
  private final CostQueue<Task> stored;
  private final Map<String, SessionTurns> connections = new HashMap<>();
  private boolean lastWasRecent;

  /**
   * Nothing waits yet.
   *
   * @param readers do everything
   * @param recentOnly read recent records only
   * @param tasksMax how much work of a kind may wait; more is refused
   * @param retryDelay told to those refused
   * @param room memory for records that are read from the log
   */
  public CatchUpPool(
      Threads readers, Threads recentOnly, int tasksMax, Duration retryDelay, ReadMemory room) {
    this.readers = new BusyThreads(readers, true);
    this.recentOnly = new BusyThreads(recentOnly, false);
    this.tasksMax = tasksMax;
    this.retryDelay = retryDelay;
    this.room = room;
    this.recent = new CostQueue<>(tasksMax, TURN_BYTES);
    this.stored = new CostQueue<>(tasksMax, TURN_BYTES);
    room.onRoomToFind(this::roomToFind);
  }

  /** One that is bounded by its only executor, which refuses tasks when it is full. */
  public static CatchUpPool on(Executor executor, Duration retryDelay, ReadMemory room) {
    return new CatchUpPool(
        new Threads(executor, Integer.MAX_VALUE),
        new Threads(executor, 0),
        Integer.MAX_VALUE,
        retryDelay,
        room);
  }

  /** Turns for one more session. */
  public SessionTurns session() {
    return new SessionTurns();
  }

  /** The turns that the calls of a connection share, for one more call, until it leaves. */
  public synchronized SessionTurns sessionOf(String connection) {
    SessionTurns shared = connections.computeIfAbsent(connection, SessionTurns::new);
    shared.uses++;
    return shared;
  }

  private boolean take(Task task) {
    BusyThreads crew;
    synchronized (this) {
      if (!queue(task.kind()).offer(task.party(), task)) {
        return false;
      }
      task.session().uses++;
      crew = task.kind() == Kind.RECENT && calls(recentOnly) ? recentOnly : called();
    }
    if (crew == null || come(crew)) {
      return true;
    }
    synchronized (this) {
      if (!queue(task.kind()).remove(task.party(), task)) {
        return true; // a thread has it by now
      }
      task.session().release();
      return false;
    }
  }

  private CostQueue<Task> queue(Kind kind) {
    return kind == Kind.RECENT ? recent : stored;
  }

  private BusyThreads called() {
    return calls(readers) ? readers : null;
  }

  /** Returns whether one more thread is to come, which is then counted. Guarded by this. */
  private boolean calls(BusyThreads crew) {
    int waiting = recent.size() + (crew.readsLog && room.hasRoomToFind() ? stored.size() : 0);
    if (crew.running == crew.threads.most() || crew.coming >= waiting) {
      return false;
    }
    crew.running++;
    crew.coming++;
    return true;
  }

  /** Has as many readers come as may run, now that there is room for what they find. */
  private void roomToFind() {
    BusyThreads crew;
    do {
      synchronized (this) {
        crew = called();
      }
    } while (crew != null && come(crew)); // refused only where all threads end
  }

  /** Has a thread come that was counted; false where it is refused. */
  private boolean come(BusyThreads crew) {
    try {
      crew.threads.executor().execute(() -> run(crew));
      return true;
    } catch (RejectedExecutionException full) {
      synchronized (this) {
        crew.running--;
        crew.coming--;
      }
      return false;
    }
  }

  private void run(BusyThreads crew) {
    Task task;
    synchronized (this) {
      crew.coming--;
      task = next(crew);
    }
    long bytes = 0;
    try {
      bytes = task == null ? 0 : task.work().getAsLong();
    } finally {
      ended(crew, task, bytes);
    }
  }

  /** Returns the next task for a thread; null for none. Guarded by this. */
  private Task next(BusyThreads crew) {
    boolean fromStored = crew.readsLog && (lastWasRecent || recent.size() == 0);
    boolean pollStored = fromStored && stored.size() > 0 && room.hasRoomToFind();
    Task task = pollStored ? stored.poll() : recent.poll();
    if (crew.readsLog) {
      lastWasRecent = task != null && task.kind() == Kind.RECENT;
    }
    return task;
  }

  private void ended(BusyThreads crew, Task task, long bytes) {
    synchronized (this) {
      crew.running--;
      if (task != null) {
        queue(task.kind()).charge(task.party(), bytes);
        task.session().release();
      }
      if (!calls(crew)) {
        return;
      }
    }
    come(crew); // refused only where all threads end, and then nobody is answered any more
  }
}
