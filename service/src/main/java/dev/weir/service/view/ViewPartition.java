package dev.weir.service.view;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.latest.CutHolder;
import dev.weir.service.latest.HeldCut;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.latest.MissedReadings;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.ExpiredException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.CommittedRecordReader;
import dev.weir.service.partition.Partition;
import dev.weir.service.tail.CommitSource;
import dev.weir.service.tail.CommitWatcher;
import dev.weir.service.tail.Evictable;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.topic.ServedTopic;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A view of one partition: what its picker makes of the newest records. Owned by its view thread,
 * which goes on only when asked; entries are read by any thread.
 */
@OwnedBy("view thread")
public final class ViewPartition implements CommitSource, Evictable {
  private static final Logger logger = LoggerFactory.getLogger(ViewPartition.class);

  /** Bytes of records after which others on the same thread have their turn. */
  private static final long STEP_BYTES_MAX = 4 << 20;

  /**
   * The position at which a subscriber joined the view.
   *
   * @param position of the view
   * @param held the last reading sent of each sensor, or before that its last value
   * @param suppressed matching readings between where the subscriber was and the position; -1: no
   *     longer known, so it must come nearer first
   * @param missed readings that retention took, so that they are not among what was sent
   */
  public record Joined(Position position, HeldCut held, long suppressed, long missed) {
    /** The values; null once they are closed, or revoked. */
    public LastValuesCut sent() {
      return held.cut();
    }
  }

  private record Joining(
      Position from, CutHolder holder, long target, CompletableFuture<Joined> reply) {}

  /** A part of its work. */
  private interface Work {
    void run() throws IOException;
  }

  private final String name;
  private final Partition partition;
  private final int partitionCount;
  private final RowPicker picker;
  private final Executor thread;
  private final ViewRegistry.Setting setting;
  private final CommittedRecordReader records;
  private final AtomicReferenceArray<ViewEntry> ring;
  private final List<CommitWatcher> watchers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Queue<Joining> joining = new ArrayDeque<>();
  private final Object evicting = new Object();
  private final TailBudget.Holding holding;
  private volatile Position position;
  private volatile long start; // moved before entries go, so that who misses one sees why
  private volatile Position asked;
  private volatile Exception failure;
  private volatile boolean closed;
  private volatile long lastReadTick;
  private MissedReadings missed = MissedReadings.NONE;
  private boolean opening;
  private boolean picking; // whether the picker may know a record that has no entry
  private long damagedBefore; // the end of the last damaged range it passed
  private volatile long heldBytes; // written under evicting

  /**
   * A view that has not begun.
   *
   * @param thread the partition's view thread
   */
  ViewPartition(
      ServedTopic topic,
      Partition partition,
      RowPicker picker,
      Executor thread,
      ViewRegistry.Setting setting) {
    this.name = topic.info().name() + "/" + partition.number();
    this.partition = partition;
    this.partitionCount = topic.partitions().size();
    this.picker = picker;
    this.thread = thread;
    this.setting = setting;
    this.records = new CommittedRecordReader(partition);
    this.ring = new AtomicReferenceArray<>(Integer.highestOneBit(setting.recordsMax()));
    this.holding = setting.budget().add(this);
  }

  /**
   * Returns the entry that it made of the record at an offset; null where it has not or no longer
   * got it.
   */
  public ViewEntry entry(long offset) {
    ViewEntry found = ring.get(slot(offset));
    return found != null && found.offset() == offset ? found : null;
  }

  /** Returns the position at which it will go on; null until it has begun. */
  public Position position() {
    return position;
  }

  /** Returns whether an offset lies before all it still has. */
  public boolean passed(long offset) {
    Position now = position;
    return now != null && offset < start;
  }

  /** Returns why it could not go on, until it is asked again. */
  public Optional<Exception> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * Lets it go on to the head. Who waits for it is told when it has. Any thread.
   *
   * @param at where the one who asks stands; without a mode to remember, it may begin there
   */
  public void ask(Position at) {
    asked = at;
    lastReadTick = setting.budget().tick();
    schedule();
  }

  /**
   * Brings a subscriber to the view, once it is at the head. Only for reduced modes. The future
   * completes on the view thread.
   *
   * @param from where the subscriber is; null if that does not matter
   * @param holder holds what was sent
   */
  public CompletableFuture<Joined> join(Position from, CutHolder holder) {
    CompletableFuture<Joined> reply = new CompletableFuture<>();
    thread.execute(
        () -> {
          joining.add(new Joining(from, holder, partition.tail().head().offset(), reply));
          step();
        });
    return reply;
  }

  @Override
  public void watch(CommitWatcher watcher) {
    watchers.add(watcher);
  }

  void close() {
    closed = true;
    setting.fanout().drop(this);
    thread.execute(
        () -> {
          records.close();
          if (picker instanceof ReducedRowPicker reduced) {
            reduced.close();
          }
          joining.forEach(waiting -> waiting.reply().cancel(false));
          joining.clear();
          synchronized (evicting) {
            holding.close(clear());
          }
        });
  }

  // ---- view thread

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      thread.execute(this::step);
    }
  }

  private void step() {
    scheduled.set(false);
    if (closed) {
      return;
    }
    attempt(
        () -> {
          if (open()) {
            advance();
            joining.removeIf(this::joined);
          }
        });
  }

  /** Does a part of its work. Where that fails, all who wait hear of it and may ask again. */
  private void attempt(Work work) {
    try {
      failure = null;
      work.run();
    } catch (IOException | RuntimeException failed) {
      fail(failed);
    } catch (Error defect) { // such as OutOfMemoryError: nobody must wait for ever
      fail(new IllegalStateException(defect));
      throw defect;
    } finally {
      watchers.forEach(CommitWatcher::committed);
    }
  }

  private void fail(Exception failed) {
    records.close();
    if (picker instanceof ReducedRowPicker reduced && (picking || position == null)) {
      reduced.close(); // it may know a part of a record, or of what was sent: it begins again
      synchronized (evicting) {
        setting.budget().gaveBack(clear());
        position = null;
      }
    }
    picking = false;
    failure = failed;
    logger.warn(
        "A selection of subscribers cannot go on in partition {}. They try again.", name, failed);
    joining.forEach(waiting -> waiting.reply().completeExceptionally(failed));
    joining.clear();
  }

  private boolean open() {
    if (position != null) {
      Position at = asked;
      if (picker instanceof EveryRowPicker && at != null && at.offset() > position.offset()) {
        begin(at); // nobody read what lies between
      }
      return true;
    }
    if (picker instanceof ReducedRowPicker reduced) {
      if (!opening) {
        opening = true;
        partition
            .latest()
            .cut()
            .whenComplete((cut, failed) -> thread.execute(() -> opened(reduced, cut, failed)));
      }
      return false;
    }
    begin(asked);
    return true;
  }

  private void opened(ReducedRowPicker reduced, PositionedCut cut, Throwable failed) {
    opening = false;
    if (closed) {
      return; // nobody would give back what it is seeded with
    }
    attempt(
        () -> {
          if (failed != null) {
            throw new IOException("last values cannot be had: " + failed, failed);
          }
          reduced.seed(cut.cut(), setting.values().apply(partition.number(), partitionCount));
          missed = cut.missed();
          begin(cut.position());
        });
    if (position != null) {
      step();
    }
  }

  private void begin(Position at) {
    long freed;
    synchronized (evicting) {
      start = at.offset();
      freed = clear();
    }
    setting.budget().gaveBack(freed);
    position = at.rows() == 0 ? at : new Position(at.epoch(), at.offset(), at.readingsBefore(), 0);
  }

  private void advance() throws IOException {
    long bytes = 0;
    while (position.offset() < partition.tail().head().offset()) {
      if (bytes >= STEP_BYTES_MAX) {
        schedule();
        return;
      }
      try {
        LogItem item = records.at(position.offset());
        if (item instanceof LogRecord record) {
          bytes += record.batch().length();
          picking = true;
          add(ViewEntry.of(record, picker.pick(record, 0)));
          picking = false;
        } else {
          pass((DamagedRange) item);
        }
      } catch (ExpiredException overtaken) {
        Position earliest = partition.log().range().earliest();
        long passed = Math.max(0, earliest.readingsBefore() - position.readingsSeen());
        missed = missed.with(passed, earliest.offset());
        begin(earliest);
      }
    }
    records.close(); // it may not be asked for long
  }

  private void pass(DamagedRange damaged) throws IOException {
    position = records.behind(position, damaged);
    damagedBefore = position.offset();
  }

  private void add(ViewEntry made) {
    long grown = made.heldBytes();
    synchronized (evicting) {
      start = Math.max(start, made.offset() - ring.length() + 1);
      ViewEntry old = ring.getAndSet(slot(made.offset()), made);
      if (old != null) {
        grown -= old.heldBytes();
      }
      heldBytes += grown;
    }
    position = made.after();
    holding.grew(grown);
  }

  /** Answers one who wants to join, if the view is far enough. */
  private boolean joined(Joining waiting) {
    if (position.offset() < waiting.target()) {
      return false;
    }
    Position from = waiting.from();
    long suppressed = from == null ? 0 : matchedSince(from);
    HeldCut sent = ((ReducedRowPicker) picker).sent(waiting.holder());
    waiting.reply().complete(new Joined(position, sent, suppressed, missed.readings()));
    return true;
  }

  private long matchedSince(Position from) {
    if (from.offset() < damagedBefore) {
      return -1; // it must tell the gap itself
    }
    long matched = 0;
    for (long offset = from.offset(); offset < position.offset(); offset++) {
      ViewEntry passed = entry(offset);
      matched += passed == null ? 0 : passed.matched().count();
    }
    return from.offset() < start ? -1 : matched; // asked last: it may be evicted meanwhile
  }

  // ---- evicting

  @Override
  public boolean isEmpty() {
    Position now = position;
    return now == null || start >= now.offset();
  }

  @Override
  public long lastReadTick() {
    return CommitWatcher.anyWaiting(watchers) ? setting.budget().tick() : lastReadTick;
  }

  @Override
  public long heldBytes() {
    return heldBytes;
  }

  @Override
  public long evictHalf() {
    long freed = 0;
    synchronized (evicting) {
      Position now = position;
      if (now == null) {
        return 0; // it failed meanwhile, and holds nothing
      }
      long from = start;
      long upTo = from + (now.offset() - from + 1) / 2;
      start = Math.max(from, upTo);
      for (long offset = from; offset < upTo; offset++) {
        ViewEntry old = entry(offset);
        if (old != null) {
          ring.set(slot(offset), null);
          freed += old.heldBytes();
        }
      }
      heldBytes -= freed;
    }
    return freed;
  }

  /** Drops all it holds, also what eviction would pass over. Returns the bytes given back. */
  private long clear() {
    long freed = heldBytes;
    for (int slot = 0; freed > 0 && slot < ring.length(); slot++) {
      ring.set(slot, null);
    }
    heldBytes = 0;
    return freed;
  }

  private int slot(long offset) {
    return (int) (offset & (ring.length() - 1));
  }
}
