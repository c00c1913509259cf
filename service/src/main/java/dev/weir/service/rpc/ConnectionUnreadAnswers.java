package dev.weir.service.rpc;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The calls of one connection that are answered, and whose answers its peer has not read. All such
 * answers together hold half of the budget of what is unsent at most, and one connection an eighth
 * of what is free of that, or a page and a round of short answers if that is more: beyond, it gets
 * no new calls and no answers. (Dynamic thresholds, as in {@link Budget}.) Another eighth of the
 * budget is for connections that hold a few short answers, however many hold much, and a fourth for
 * the first answer of each; the last eighth is for those that have read an answer within the last
 * second. A short first answer each may always have, and as many bytes where its peer reads. An
 * answer that is not read in time is dropped, and its stream reset. Owned by the event loop of the
 * connection.
 */
@OwnedBy("event loop")
public final class ConnectionUnreadAnswers {
  /**
   * The bytes that an answered call takes besides its answer: the least buffer of the transport.
   */
  static final int CALL_BYTES = 4_096;

  private static final int PART_OF_BUDGET = 2;
  private static final int PART_OF_FREE = 8;
  private static final int PART_OF_FREE_OF_READERS = 2;

  /**
   * Connections that hold little get a part of the budget besides, as large as a fourth of that.
   */
  private static final int KEPT_PART = 4;

  /** Connections that read their answers have an eighth of the budget for themselves. */
  private static final int PART_OF_READERS = 8;

  /** A connection that holds nothing always gets an answer up to this; GetServerInfo is shorter. */
  static final int SHORT_BYTES = 32_768;

  /** A peer that has left no more than this unread is read as often as others. */
  private static final int LEFT_BYTES_LEAST = 8 * CALL_BYTES;

  /** A connection that holds no more than this holds little: a few short answers. */
  private static final int LITTLE_BYTES = 64 * CALL_BYTES;

  /** A peer that reads has taken an answer after so long, if the loop is not busy. */
  static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So many streams are reset in one slice. */
  static final int RESETS_MAX = 8;

  /** Short answers that a peer that reads may have for itself on its way. */
  private static final int CALLS_LEAST = 1_024;

  /**
   * The bounds that all connections share. Thread-safe.
   *
   * @param unsent is charged
   * @param held bytes of answers that are not read, of all connections
   * @param epochNanos the server's clock
   * @param nanosMax how long an answer may stay unread
   * @param pageBytesMax of the largest page
   * @param retryDelay told to those refused
   */
  public record Bounds(
      Budget unsent,
      AtomicLong held,
      LongSupplier epochNanos,
      long nanosMax,
      long pageBytesMax,
      Duration retryDelay) {
    /** Bounds under which nothing is unread yet. */
    public Bounds(
        Budget unsent,
        LongSupplier epochNanos,
        long nanosMax,
        long pageBytesMax,
        Duration retryDelay) {
      this(unsent, new AtomicLong(), epochNanos, nanosMax, pageBytesMax, retryDelay);
    }

    /** Returns whether a connection that holds some bytes may hold more. */
    private boolean hasRoom(boolean reads, long heldBytes, long more) {
      return heldBytes == 0 && isFirst(more) || heldBytes + more <= mayHold(reads, heldBytes);
    }

    /**
     * Returns the bytes that a connection may hold, as what it holds now and what is free allow.
     */
    private long mayHold(boolean reads, long heldBytes) {
      return Math.max(reads ? SHORT_BYTES : 0, Math.max(little(reads), share(heldBytes)));
    }

    /** Returns whether a connection that holds nothing gets an answer: always if it is short. */
    private boolean isFirst(long bytes) {
      return bytes <= SHORT_BYTES
          || held.get() + bytes <= unsent.max() - unsent.max() / PART_OF_READERS;
    }

    /**
     * Returns the bytes up to which a connection counts as one that holds little. They shrink as
     * connections like it hold more.
     *
     * @param reads whether its peer reads its answers
     */
    private long little(boolean reads) {
      long most = unsent.max() / PART_OF_BUDGET;
      long share =
          reads
              ? (unsent.max() - held.get()) / PART_OF_FREE_OF_READERS
              : (most + most / KEPT_PART - held.get()) / PART_OF_FREE;
      return Math.min(LITTLE_BYTES, share);
    }

    /** Returns the bytes that a connection may hold which holds more than little. */
    private long share(long heldBytes) {
      long free = unsent.max() / PART_OF_BUDGET - held.get();
      long least = pageBytesMax + (long) CALLS_LEAST * CALL_BYTES;
      return Math.max(free / PART_OF_FREE, Math.min(least, heldBytes + free));
    }
  }

  /** A call with answers that are not read. */
  final class CallAnswers {
    private final int stream;
    private long bytes;
    private final long sinceNanos = bounds.epochNanos().getAsLong();

    private CallAnswers(int stream, long bytes) {
      this.stream = stream;
      this.bytes = bytes;
    }

    /** It is given more; its time began with the first. Nothing if it is over. */
    void more(long moreBytes) {
      if (answered.contains(this)) {
        bytes += moreBytes;
        hold(moreBytes);
      }
    }

    /** All is read. Harmless when repeated. */
    void read() {
      if (answered.contains(this)) {
        hasRead = true;
        readNanos = bounds.epochNanos().getAsLong();
      }
      over();
    }

    /** All is read, or nobody will. Harmless when repeated. */
    void over() {
      if (answered.remove(this)) {
        hold(-bytes);
        bounds.unsent().giveBack(CALL_BYTES); // the rest is its call's
      }
    }
  }

  /**
   * When the connections of one loop reset streams: in slices, one connection after the other, as
   * what many were not read since the same moment is late at the same moment. Owned by the loop.
   */
  @OwnedBy("event loop")
  static final class Slices {
    /** From one slice to the next: between them the loop is the others'. */
    static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private long freeAt = Long.MIN_VALUE;

    /** Takes the next slice; nanoseconds from now. */
    private long nextAfter(long now) {
      long at = Math.max(now, freeAt);
      freeAt = at + EVERY_NANOS;
      return at - now;
    }
  }

  private final Bounds bounds;
  private final Slices slices;
  private final Loop loop;
  private final Consumer<List<Integer>> reset;
  private final Set<CallAnswers> answered = new LinkedHashSet<>(); // oldest first
  private final AtomicLong waitingBytes = new AtomicLong();
  private long heldBytes;
  private boolean hasRead; // an answer, the last one when:
  private long readNanos;
  private Runnable cancel; // null while no timer runs

  /**
   * Nothing is answered yet.
   *
   * @param slices of the connections of {@code loop}
   * @param reset drops streams of the connection and what is to be sent on them
   */
  ConnectionUnreadAnswers(Bounds bounds, Slices slices, Loop loop, Consumer<List<Integer>> reset) {
    this.bounds = bounds;
    this.slices = slices;
    this.loop = loop;
    this.reset = reset;
  }

  /** Bytes of the connection's answers that wait for the loop. Any thread. */
  AtomicLong waitingBytes() {
    return waitingBytes;
  }

  /**
   * Returns whether its peer has left more than a few short answers unread for longer than a
   * moment.
   */
  boolean isLeft() {
    return !reads()
        && heldBytes > Math.max(LEFT_BYTES_LEAST, bounds.little(false) / 2)
        && isLongAgo(answered.iterator().next().sinceNanos);
  }

  /** Returns whether its peer has taken an answer within the last moment. */
  private boolean reads() {
    return hasRead && !isLongAgo(readNanos);
  }

  private boolean isLongAgo(long nanos) {
    return bounds.epochNanos().getAsLong() - nanos > MOMENT_NANOS;
  }

  /** Returns whether an answer of so many bytes is taken now. */
  boolean hasRoom(long bytes) {
    return bounds.hasRoom(reads(), heldBytes, bytes);
  }

  /** Returns why an answer of so many bytes, or a call, is not taken now, if so. */
  Optional<Fault> full(long bytes) {
    if (hasRoom(bytes)) {
      return Optional.empty();
    }
    bounds.unsent().refused();
    return Optional.of(
        Fault.of(
                ErrorCode.OVERLOADED,
                String.format(
                    "This connection has %d bytes of answers that were not read, and its share is"
                        + " %d of the %d bytes of %s now. Read them, or ask for less at once.",
                    heldBytes,
                    bounds.mayHold(reads(), heldBytes),
                    bounds.unsent().max(),
                    bounds.unsent().name()))
            .retryAfter(bounds.retryDelay()));
  }

  /**
   * A call has an answer that is not read; its time begins.
   *
   * @param stream its number
   * @param bytes of the answer that are not sent
   */
  CallAnswers add(int stream, long bytes) {
    CallAnswers call = new CallAnswers(stream, bytes + CALL_BYTES);
    answered.add(call);
    hold(call.bytes);
    bounds.unsent().take(CALL_BYTES);
    if (cancel == null) { // one timer for all
      awaitLate();
    }
    return call;
  }

  private void hold(long more) {
    heldBytes += more;
    bounds.held().addAndGet(more);
  }

  /** Has the late ones reset as soon as the oldest is late and it is this connection's turn. */
  private void awaitLate() {
    cancel = null;
    if (answered.isEmpty()) {
      return;
    }
    long now = bounds.epochNanos().getAsLong();
    long early = answered.iterator().next().sinceNanos + bounds.nanosMax() - now;
    if (early > 0) {
      cancel = loop.schedule(early, this::awaitLate);
      return;
    }
    long wait = slices.nextAfter(now);
    if (wait > 0) {
      cancel = loop.schedule(wait, this::resetLate);
    } else {
      resetLate();
    }
  }

  private void resetLate() {
    long begun = bounds.epochNanos().getAsLong() - bounds.nanosMax();
    List<Integer> late = new ArrayList<>();
    while (!answered.isEmpty() && late.size() < RESETS_MAX) {
      CallAnswers oldest = answered.iterator().next();
      if (oldest.sinceNanos > begun) {
        break;
      }
      oldest.over();
      late.add(oldest.stream);
    }
    awaitLate();
    if (!late.isEmpty()) {
      reset.accept(late);
    }
  }

  /** The connection is gone; its calls are told by themselves. */
  void close() {
    if (cancel != null) {
      cancel.run();
      cancel = null;
    }
  }
}
