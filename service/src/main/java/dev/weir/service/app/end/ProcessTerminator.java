package dev.weir.service.app.end;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process with code 70 when it cannot go on: an Error, the death of a thread that owns
 * something, a thread that hangs, or a stop that takes too long. What was acknowledged is stored
 * already, so nothing is flushed. All that it needs is made beforehand. Thread-safe.
 */
public final class ProcessTerminator {
  /** Exit code of a process that could not go on. */
  public static final int EXIT_CODE = 70;

  private static final Logger logger = LoggerFactory.getLogger(ProcessTerminator.class);

  /** Causes behind an exception that are looked at. */
  private static final int CAUSES_MAX = 16;

  /** Standard error may be a pipe that nobody reads; the end does not wait longer for it. */
  private static final long WRITE_NANOS = Duration.ofSeconds(1).toNanos();

  private static final byte[] OUT_OF_MEMORY = ExitLine.ascii("OutOfMemoryError");
  private static final byte[] STACK_OVERFLOW = ExitLine.ascii("StackOverflowError");
  private static final byte[] ERROR = ExitLine.ascii("an Error");
  private static final byte[] DEATH = ExitLine.ascii("the thread ended");
  private static final byte[] HANG = ExitLine.ascii("no answer within watchdog_end_ms");
  private static final byte[] STOP =
      ExitLine.ascii("stopping took longer than drain_ms, shutdown_grace_ms and shutdown_rest_ms");

  private static final ProcessTerminator TOLD_ONLY = new ProcessTerminator(null);

  private final ProcessExit exit; // null: it is only told
  private final ExitLine line = new ExitLine();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final Thread backstop = thread("weir-end", this::haltInTime);
  private final Thread writer = thread("weir-end-line", this::writeWhenAsked);

  @SuppressWarnings("UnusedVariable") // a logger that nobody holds forgets how it was set
  private LoggedErrorHandler logged;

  private volatile long haltAtNanos;
  private volatile boolean haltSet;
  private volatile boolean asked;
  private volatile boolean written;

  private ProcessTerminator(ProcessExit exit) {
    this.exit = exit;
  }

  private static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Ends this process, also for Errors that Netty and gRPC keep to themselves; made once. */
  public static ProcessTerminator ofThisProcess() {
    ProcessTerminator end = by(ProcessExit.ofThisProcess());
    end.logged = LoggedErrorHandler.tellTo(end::thrown);
    return end;
  }

  /** Ends a process by this way out. */
  public static ProcessTerminator by(ProcessExit exit) {
    ProcessTerminator end = new ProcessTerminator(exit);
    end.backstop.start();
    end.writer.start();
    return end;
  }

  /** Ends nothing, and logs what would: for servers inside another program, such as a test. */
  public static ProcessTerminator toldOnly() {
    return TOLD_ONLY;
  }

  /** Something was thrown: the process ends if it is an Error, or caused by one. Any thread. */
  public void thrown(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
      if (cause instanceof Error) {
        error(cause);
        return;
      }
      cause = cause.getCause();
    }
  }

  private void error(Throwable error) {
    byte[] what = ERROR;
    String detail = null;
    if (error instanceof OutOfMemoryError) {
      what = OUT_OF_MEMORY;
      detail = error.getMessage();
    } else if (error instanceof StackOverflowError) {
      what = STACK_OVERFLOW;
    } else {
      detail = error.getClass().getName();
    }
    end(what, Thread.currentThread().getName(), detail, error);
  }

  /**
   * A thread that owns something has ended, or what it threw has cut short its work. Any thread.
   */
  public void died(Thread thread, Throwable thrown) {
    String detail = thrown == null ? null : thrown.getClass().getName();
    end(DEATH, thread.getName(), detail, thrown);
  }

  /** A thread does not answer. Any thread. */
  public void hung(String thread) {
    end(HANG, thread, null, null);
  }

  /**
   * The process is to have ended by then, whatever it waits for. Any thread; returns at once. Later
   * calls change nothing.
   */
  public void endWithin(Duration longest) {
    if (exit != null && !haltSet) {
      haltAt(longest.toNanos());
    }
  }

  private void haltAt(long delayNanos) {
    haltAtNanos = System.nanoTime() + delayNanos;
    haltSet = true;
    LockSupport.unpark(backstop);
  }

  private void haltInTime() {
    while (true) {
      if (!haltSet) {
        LockSupport.park(this);
      } else {
        long left = haltAtNanos - System.nanoTime();
        if (left <= 0) {
          break;
        }
        LockSupport.parkNanos(this, left);
      }
    }
    if (ending.compareAndSet(false, true)) {
      line.set(STOP, "weir-shutdown", null);
    }
    if (!written) {
      awaitLine();
    }
    exit.halt(EXIT_CODE);
  }

  /** Has it written by a thread that may block, where this one must not. */
  private void awaitLine() {
    asked = true;
    LockSupport.unpark(writer);
    long until = System.nanoTime() + WRITE_NANOS;
    while (!written && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(this, 1_000_000);
    }
  }

  private void writeWhenAsked() {
    while (!asked) {
      LockSupport.park(this);
    }
    write();
  }

  private void write() {
    exit.write(line.bytes(), line.length());
    written = true;
  }

  private void end(byte[] what, String thread, String detail, Throwable thrown) {
    if (exit == null) {
      logger.error("A server in a process of its own would end it now: {}", thread, thrown);
      return;
    }
    if (!ending.compareAndSet(false, true)) {
      return; // somebody is at it
    }
    line.set(what, thread, detail);
    haltAt(WRITE_NANOS);
    if (thrown != null && !(thrown instanceof OutOfMemoryError)) {
      tellWhere(thrown);
    }
    write();
    exit.halt(EXIT_CODE);
  }

  /** For whoever mends it. The end is coming whether this works or not. */
  private static void tellWhere(Throwable thrown) {
    try {
      logger.error("The process ends.", thrown);
    } catch (RuntimeException | Error nothingLeft) {
      thrown.addSuppressed(nothingLeft);
    }
  }
}
