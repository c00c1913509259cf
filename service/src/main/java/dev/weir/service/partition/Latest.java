package dev.weir.service.partition;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.latest.CutAt;
import dev.weir.service.latest.LastValues;
import dev.weir.service.latest.Missed;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.CommitWatcher;
import dev.weir.service.tail.Tail;
import java.io.IOException;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one partition's log to its head, folding the last values. Cuts are asked for from any
 * thread; everything else is owned by the partition's view thread, on which it has one task at a
 * time.
 */
@OwnedBy("view thread")
public final class Latest implements CommitWatcher {
  private static final Logger logger = LoggerFactory.getLogger(Latest.class);

  /** Bytes folded before others get the thread. */
  private static final long STEP_BYTES_MAX = 4 << 20;

  /** One who waits until everything before an offset is folded. */
  private record Ask(long offset, CompletableFuture<CutAt> reply) {}

  private final String name;
  private final Tail tail;
  private final PartitionLog log;
  private final Executor views;
  private final Records records;
  private final LastValues values;
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /** Those who wait, each once; guards itself. */
  private final PriorityQueue<Ask> asks =
      new PriorityQueue<>(Comparator.comparingLong(Ask::offset));

  private volatile Position position;
  private CutAt newest;
  private Missed missed = Missed.NONE;
  private boolean failing;
  private volatile boolean closed;

  /**
   * @param name of the partition, for the operator
   * @param views runs tasks one at a time, in order: the partition's view thread
   * @param values folded up to a position; handed over
   * @param position where to go on
   */
  Latest(
      String name,
      Tail tail,
      PartitionLog log,
      Executor views,
      LastValues values,
      Position position) {
    this.name = name;
    this.tail = tail;
    this.log = log;
    this.views = views;
    this.values = values;
    this.position = position;
    this.records = new Records(tail, log);
  }

  @Override
  public void committed() {
    schedule();
  }

  /**
   * The last values as of a position at the head of this moment, or behind it. Any thread.
   *
   * @return completed on the view thread; fails with an IOException where the log cannot be read,
   *     or the partition closes
   */
  public CompletableFuture<CutAt> cut() {
    return cutAt(tail.head().offset());
  }

  /**
   * The last values as of exactly an offset, or as of a later position where it is passed already;
   * otherwise as {@link #cut}.
   *
   * @param offset committed
   */
  CompletableFuture<CutAt> cutAt(long offset) {
    var ask = new Ask(offset, new CompletableFuture<>());
    synchronized (asks) {
      asks.add(ask);
    }
    schedule();
    return ask.reply;
  }

  /** Who asked for a cut does not wait for it any more. Any thread. */
  public void forget(CompletableFuture<CutAt> cut) {
    synchronized (asks) {
      asks.removeIf(ask -> ask.reply == cut);
    }
  }

  /** Readings not folded yet. Any thread. */
  long lagReadings() {
    return tail.head().readingsBefore() - position.readingsBefore();
  }

  /**
   * Stops, gives up its values and refuses who still asks. Any thread.
   *
   * @return completed on the view thread when it reads the log no more
   */
  CompletableFuture<Void> close() {
    closed = true;
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    views.execute(
        () -> {
          step();
          stopped.complete(null);
        });
    return stopped;
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      views.execute(this::step);
    }
  }

  private void step() {
    scheduled.set(false);
    if (closed) {
      records.close();
      values.close();
      newest = null;
      fail(new IOException("partition " + name + " is closed"));
      return;
    }
    try {
      follow();
      failing = false;
    } catch (IOException | RuntimeException failed) {
      standStill(failed);
    } catch (Error defect) { // such as OutOfMemoryError: nobody must wait for ever
      standStill(new IllegalStateException(defect));
      throw defect;
    }
  }

  private void standStill(Exception failed) {
    records.close();
    if (!failing) {
      failing = true;
      logger.warn(
          "partition {}: last values stand still at offset {} until the next commit",
          name,
          position.offset(),
          failed);
    }
    fail(failed);
  }

  private void follow() throws IOException {
    long end = tail.head().offset();
    long folded = 0;
    reply();
    while (position.offset() < end && !closed) {
      if (folded >= STEP_BYTES_MAX) {
        schedule();
        return;
      }
      folded += foldNext();
      reply();
    }
    records.close();
  }

  /** Folds what is next in. Returns its bytes. */
  private long foldNext() throws IOException {
    LogItem item;
    try {
      item = records.at(position.offset());
      if (item instanceof DamagedRange damaged) {
        position = records.behind(position, damaged);
        return 0;
      }
    } catch (ExpiredException expired) {
      skipExpired(expired);
      return 0;
    }
    LogRecord record = (LogRecord) item;
    if (record.readings() > 0) {
      values.fold(record.batch(), record.offset());
    }
    position = new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
    return record.batch().length();
  }

  private void skipExpired(ExpiredException expired) throws IOException {
    Position start = log.range().earliest();
    if (start.offset() <= position.offset()) {
      throw expired;
    }
    logger.warn(
        "partition {}: retention was faster than the last values, which go on at offset {} from {}",
        name,
        start.offset(),
        position.offset());
    missed = missed.with(start.readingsBefore() - position.readingsBefore(), start.offset());
    position = start;
  }

  private void reply() {
    Ask due = due(position.offset());
    if (due == null) {
      return;
    }
    if (newest == null || !newest.position().equals(position)) {
      newest = new CutAt(position, values.cut(), missed);
    }
    while (due != null) {
      due.reply.complete(newest);
      due = due(position.offset());
    }
  }

  private void fail(Exception cause) {
    for (Ask due = due(Long.MAX_VALUE); due != null; due = due(Long.MAX_VALUE)) {
      due.reply.completeExceptionally(cause);
    }
  }

  private Ask due(long offset) {
    synchronized (asks) {
      Ask first = asks.peek();
      return first != null && first.offset <= offset ? asks.poll() : null;
    }
  }
}
