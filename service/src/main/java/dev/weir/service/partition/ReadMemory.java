package dev.weir.service.partition;

import dev.weir.service.core.budget.Budget;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for whole records that are read from the log, one for each that reads, within a budget
 * that others use too. Where that is used up, one record at a time, of any size, may exceed it.
 * Thread-safe.
 */
public final class ReadMemory {
  /** A part of the budget may be records that were put back. */
  private static final int KEPT_PART = 8;

  /**
   * The bytes that a place in the log holds while nothing is read: a reader, its segment, its walk.
   */
  static final long PLACE_BYTES = 1_024;

  /** And another part what was found, while it waits for those who asked. */
  private static final int WAITING_PART = 4;

  private final Budget budget;
  private final Budget sessions;
  private final AtomicLong keptBytes = new AtomicLong();
  private final AtomicLong waitingBytes = new AtomicLong();
  private volatile Runnable onRoomToFind = () -> {};
  private final AtomicBoolean exceeded = new AtomicBoolean();

  /**
   * Nothing is held yet.
   *
   * @param budget of what is read
   * @param sessions of what readers hold between two reads
   */
  public ReadMemory(Budget budget, Budget sessions) {
    this.budget = budget;
    this.sessions = sessions;
  }

  /** Somebody keeps a place in the log from now on. */
  void begin() {
    sessions.take(PLACE_BYTES);
  }

  /** Gives that place up. */
  void end() {
    sessions.giveBack(PLACE_BYTES);
  }

  /** One record's memory. Owned by who reads it. */
  final class Reservation {
    private final long bytes;
    private final boolean exceeds;
    private boolean kept;

    private Reservation(long bytes, boolean exceeds) {
      this.bytes = bytes;
      this.exceeds = exceeds;
    }

    /** Keeps it for longer than a read; false where others need it. */
    boolean tryKeep() {
      if (kept || exceeds) {
        return kept;
      }
      kept = keptBytes.addAndGet(bytes) <= budget.max() / KEPT_PART;
      if (!kept) {
        keptBytes.addAndGet(-bytes);
      }
      return kept;
    }

    /** Gives it back; once. */
    void giveBack() {
      if (kept) {
        keptBytes.addAndGet(-bytes);
      }
      budget.giveBack(bytes);
      if (exceeds) {
        exceeded.set(false);
      }
    }
  }

  /** So much was found and waits for who asked, whose thread may have much to do. */
  public void found(long bytes) {
    waitingBytes.addAndGet(bytes);
  }

  /** So much of what was found was taken, or is given up. */
  public void taken(long bytes) {
    long left = waitingBytes.addAndGet(-bytes);
    long most = waitingBytesMax();
    if (left <= most && left + bytes > most) {
      onRoomToFind.run();
    }
  }

  /** Returns whether more may be found: not before what was found is taken. */
  public boolean hasRoomToFind() {
    return waitingBytes.get() <= waitingBytesMax();
  }

  /**
   * Says who is told, on any thread, that {@link #hasRoomToFind} has become true. To be called
   * before anything is found.
   */
  public void onRoomToFind(Runnable told) {
    onRoomToFind = told;
  }

  private long waitingBytesMax() {
    return budget.max() / WAITING_PART;
  }

  /** Takes memory for a record; null where it is to wait for others. */
  Reservation take(long bytes) {
    if (!budget.lacks(bytes) && budget.tryTake(bytes)) {
      return new Reservation(bytes, false);
    }
    if (exceeded.compareAndSet(false, true)) {
      budget.take(bytes);
      return new Reservation(bytes, true);
    }
    budget.refused();
    return null;
  }
}
