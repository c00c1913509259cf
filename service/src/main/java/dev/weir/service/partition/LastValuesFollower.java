package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Timer;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.latest.CutHolder;
import dev.weir.service.latest.HeldCut;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.latest.MissedReadings;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.CommitWatcher;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailRecord;
import java.io.IOException;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one partition's log, folding the last values: to its head where somebody asks, else some
 * records behind it, because of several together only the newest may have to be folded. Cuts are
 * asked for from any thread; everything else is owned by the partition's view thread, on which it
 * has one task at a time.
 */
@OwnedBy("view thread")
public final class LastValuesFollower implements CommitWatcher {
  private static final Logger logger = LoggerFactory.getLogger(LastValuesFollower.class);

  /** Bytes folded before others get the thread. */
  private static final long STEP_BYTES_MAX = 4 << 20;

  /** The most bytes that a record takes in memory besides its content, about. */
  private static final long RECORD_BYTES = 512;

  /** One who waits until everything before an offset is folded. */
  private record Ask(long offset, CutHolder holder, CompletableFuture<PositionedCut> reply) {
    /** The values as the one who asks holds them; the server's own work is not charged. */
    HeldCut cut(LastValuesFold values) {
      return holder == null ? HeldCut.uncharged(values.cut()) : values.cut(holder);
    }
  }

  private final String name;
  private final PartitionTail tail;
  private final PartitionLog log;
  private final Executor views;
  private final Timer timer;
  private final LongSupplier clock;
  private final IntSupplier sensors;
  private final long restNanos;
  private final long twoRoundsBytes;
  private final CommittedRecordReader records;
  private final LastValuesFold values;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean resting = new AtomicBoolean();

  /** The requests that wait, each once; guards itself. */
  private final PriorityQueue<Ask> asks =
      new PriorityQueue<>(Comparator.comparingLong(Ask::offset));

  private volatile Position position;
  private volatile long steppedNanos;

  /** A record further on with readings of every sensor of the partition, or null. */
  private LogRecord ahead;

  /** Records before this offset may have been left out: there is no cut until it is reached. */
  private long wholeFrom;

  private MissedReadings missed = MissedReadings.NONE;
  private boolean failing;
  private volatile boolean closed;

  /**
   * @param name of the partition, for the operator
   * @param setting the partition's
   * @param sensors how many sensors the partition has; counts those of a record before it is stored
   * @param values folded up to a position; handed over
   * @param position where to go on
   */
  LastValuesFollower(
      String name,
      PartitionTail tail,
      PartitionLog log,
      PartitionContext setting,
      IntSupplier sensors,
      LastValuesFold values,
      Position position) {
    this.name = name;
    this.tail = tail;
    this.log = log;
    this.views = setting.views();
    this.timer = setting.timer();
    this.clock = setting.epochNanos();
    this.sensors = sensors;
    this.restNanos = TimeUnit.MILLISECONDS.toNanos(setting.limits().get(Limit.LATEST_REST_MS));
    this.twoRoundsBytes = 2 * roundBytes(setting.limits());
    this.values = values;
    this.position = position;
    this.records = new CommittedRecordReader(tail, log);
  }

  private static long roundBytes(Limits limits) {
    return limits.get(Limit.COMMIT_ROUND_BYTES_MAX)
        + limits.get(Limit.MESSAGE_BYTES_MAX)
        + limits.get(Limit.COMMIT_ROUND_REQUESTS_MAX) * RECORD_BYTES;
  }

  @Override
  public void committed() {
    long since = clock.getAsLong() - steppedNanos;
    if (since < 0 || since >= restNanos || mayBeEvicted()) {
      schedule();
    } else if (!scheduled.get() && resting.compareAndSet(false, true)) {
      timer.schedule(restNanos - since, this::rested);
    }
  }

  /**
   * Returns whether the next two rounds could make retention of a topic in memory take what is not
   * folded. Making room for other topics may take more at once; that is told as any loss.
   */
  private boolean mayBeEvicted() {
    Position head = tail.head();
    long from = position.offset();
    TailRecord next = tail.get(from);
    TailRecord last = tail.get(head.offset() - 1);
    if (next == null || last == null) {
      return true;
    }
    long records = head.offset() - from;
    long waiting = last.bytesAfter() - next.bytesBefore() + records * RECORD_BYTES;
    return log.bytes() - waiting < twoRoundsBytes;
  }

  private void rested() {
    resting.set(false);
    schedule();
  }

  /**
   * The last values as of a position at the head of this moment, or behind it, for the server's own
   * work: nobody is charged for them. Any thread.
   *
   * @return completed on the view thread; fails with an IOException where the log cannot be read,
   *     or the partition closes
   */
  public CompletableFuture<PositionedCut> cut() {
    return cutAt(tail.head().offset());
  }

  /** The same for one who holds the values, and is charged for them. Any thread. */
  public CompletableFuture<PositionedCut> cut(CutHolder holder) {
    return ask(new Ask(tail.head().offset(), holder, new CompletableFuture<>()));
  }

  /**
   * The last values as of an offset, or as of a later position where it is passed already or
   * records were left out there; otherwise as {@link #cut}.
   *
   * @param offset committed
   */
  CompletableFuture<PositionedCut> cutAt(long offset) {
    return ask(new Ask(offset, null, new CompletableFuture<>()));
  }

  private CompletableFuture<PositionedCut> ask(Ask ask) {
    synchronized (asks) {
      asks.add(ask);
    }
    schedule();
    return ask.reply;
  }

  /** Forgets a request for a cut that nobody waits for any more. Any thread. */
  public void forget(CompletableFuture<PositionedCut> cut) {
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
  public CompletableFuture<Void> close() {
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
    steppedNanos = clock.getAsLong();
    if (closed) {
      records.close();
      values.close();
      ahead = null;
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
          "Partition {} cannot update its last values beyond offset {}. GetLatest, snapshots and"
              + " checkpoints fail; it tries again with the next batch or request.",
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
      lookAhead(end);
      folded += foldNext();
      reply();
    }
    records.close();
  }

  /** Looks for the last record before the end, or before somebody wants a cut. */
  private void lookAhead(long end) {
    long last = Math.min(end, firstAsked()) - 1;
    if (ahead == null && last > position.offset()) {
      TailRecord found = tail.get(last);
      boolean whole = found != null && found.sensors().get().length == sensors.getAsInt();
      ahead = whole ? found.record() : null;
    }
  }

  /**
   * Folds what is next in, or leaves it out: where every sensor has a reading further on that is
   * not older, no value of it can be a last one. Returns its bytes.
   */
  private long foldNext() throws IOException {
    LogItem item;
    try {
      item = next();
      if (item instanceof DamagedRange damaged) {
        passOver(records.behind(position, damaged));
        return 0;
      }
    } catch (ExpiredException expired) {
      skipExpired(expired);
      return 0;
    }
    LogRecord record = (LogRecord) item;
    if (isOutdone(record)) {
      wholeFrom = ahead.nextOffset();
    } else if (record.readings() > 0) {
      values.fold(record.batch(), record.offset());
    }
    position = new Position(record.epoch(), record.nextOffset(), record.readingsAfter(), 0);
    return record.batch().length();
  }

  private LogItem next() throws IOException {
    if (ahead == null || ahead.offset() != position.offset()) {
      return records.at(position.offset());
    }
    LogRecord reached = ahead; // also where the tail has let it go
    ahead = null;
    return reached;
  }

  private boolean isOutdone(LogRecord record) {
    return ahead != null
        && record.readings() > 0
        && record.eventTimeMaxNanos() <= ahead.eventTimeMinNanos();
  }

  private void skipExpired(ExpiredException expired) throws IOException {
    Position start = log.range().earliest();
    if (start.offset() <= position.offset()) {
      throw expired;
    }
    logger.warn(
        "Retention deleted the records from offset {} up to {} of partition {} before their last"
            + " values were kept. The last values from them are missing.",
        position.offset(),
        start.offset() - 1,
        name);
    missed = missed.with(start.readingsBefore() - position.readingsBefore(), start.offset());
    passOver(start);
  }

  /** Goes on behind what cannot be read. */
  private void passOver(Position to) {
    if (ahead != null && ahead.offset() < to.offset()) {
      values.fold(ahead.batch(), ahead.offset()); // it stands for what was left out
      ahead = null;
    }
    position = to;
  }

  private void reply() {
    if (position.offset() < wholeFrom) {
      return;
    }
    for (Ask due = due(position.offset()); due != null; due = due(position.offset())) {
      due.reply.complete(new PositionedCut(position, due.cut(values), missed));
    }
  }

  private void fail(Exception cause) {
    for (Ask due = due(Long.MAX_VALUE); due != null; due = due(Long.MAX_VALUE)) {
      due.reply.completeExceptionally(cause);
    }
  }

  /** The least offset that somebody asks for; the greatest number if nobody does. */
  private long firstAsked() {
    synchronized (asks) {
      Ask first = asks.peek();
      return first == null ? Long.MAX_VALUE : first.offset;
    }
  }

  private Ask due(long offset) {
    synchronized (asks) {
      Ask first = asks.peek();
      return first != null && first.offset <= offset ? asks.poll() : null;
    }
  }
}
