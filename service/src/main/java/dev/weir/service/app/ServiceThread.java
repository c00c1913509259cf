package dev.weir.service.app;

import dev.weir.common.OwnedBy;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;

/**
 * A thread of the service. It knows whether it is in the middle of a task and how long it has been
 * in file calls; any thread may read that. Netty recycles its objects only on threads of its kind.
 */
@OwnedBy("itself")
final class ServiceThread extends FastThreadLocalThread {
  private static final int FRAMES_MAX = 40;
  private static final VarHandle TURNS = handle("turns");
  private static final VarHandle FILE_NANOS = handle("fileNanos");
  private static final VarHandle FILE_SINCE = handle("fileSince");

  private final BiConsumer<ServiceThread, Throwable> ended;

  // Written with release, which costs nothing on the way of a batch.
  private long turns;
  private long fileNanos;
  private long fileSince; // 0: in no file call

  /**
   * @param ended hears of the thread's end, and of what ended it; null for none
   */
  ServiceThread(Runnable work, String name, BiConsumer<ServiceThread, Throwable> ended) {
    super(work, name);
    this.ended = ended;
    setDaemon(true);
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(ServiceThread.class, field, long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  @Override
  public void run() {
    Throwable why = null;
    try {
      super.run();
    } catch (RuntimeException | Error thrown) {
      why = thrown;
      throw thrown;
    } finally {
      ended.accept(this, why);
    }
  }

  /** A task begins or ends; this thread. */
  void turn() {
    TURNS.setRelease(this, turns + 1);
  }

  /** Tasks that began and tasks that ended; odd while one is under way. */
  long turns() {
    return (long) TURNS.getAcquire(this);
  }

  /** A file call begins; this thread. */
  void enterFile(long nowNanos) {
    FILE_SINCE.setRelease(this, nowNanos == 0 ? 1 : nowNanos);
  }

  /** It has ended; this thread. */
  void leaveFile(long nowNanos) {
    FILE_NANOS.setRelease(this, fileNanos + nowNanos - fileSince);
    FILE_SINCE.setRelease(this, 0L);
  }

  /** How long it has been in file calls since it began, one that has not ended included. */
  long fileNanos(long nowNanos) {
    while (true) {
      long ended = (long) FILE_NANOS.getAcquire(this);
      long since = (long) FILE_SINCE.getAcquire(this);
      if (ended == (long) FILE_NANOS.getAcquire(this)) { // no call has ended between the two
        return since == 0 ? ended : ended + Math.max(0, nowNanos - since);
      }
    }
  }

  /** Nanoseconds since its present file call began; 0 where it is in none. */
  long currentFileNanos(long nowNanos) {
    long since = (long) FILE_SINCE.getAcquire(this);
    return since == 0 ? 0 : Math.max(0, nowNanos - since);
  }

  /** Its stack now, in one line. */
  String stack() {
    StringBuilder stack = new StringBuilder();
    StackTraceElement[] frames = getStackTrace();
    for (int i = 0; i < Math.min(FRAMES_MAX, frames.length); i++) {
      stack.append(i == 0 ? "" : " < ").append(frames[i]);
    }
    return stack.toString();
  }

  /** Returns whether it is in a file call. */
  boolean inFile() {
    return (long) FILE_SINCE.getAcquire(this) != 0;
  }
}
