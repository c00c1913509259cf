package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.core.credit.Credit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.log.LogRecord;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Topic;
import dev.weir.service.tail.Tail;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.wire.Selection;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription's place in the log, and what it has to say next. Whole batches for everybody
 * come straight from the tail on the event loop; all else is fetched on the catch-up pool, one
 * fetch at a time. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Feed {
  private static final Logger logger = LoggerFactory.getLogger(Feed.class);

  /**
   * What a feed works with.
   *
   * @param loop its owner
   * @param fanout wakes it
   * @param catchUp runs fetches
   * @param feeds knows it while it lives
   * @param bytesMax bytes after which a delivery takes no more
   * @param runnable is called when {@link #next} may have something again
   */
  record Setting(
      Loop loop, Fanout fanout, Control catchUp, Feeds feeds, int bytesMax, Runnable runnable) {}

  /**
   * What a feed delivers.
   *
   * @param topic of
   * @param selection which sensors
   * @param shape how
   * @param start before the first reading
   * @param lost what was lost before that
   * @param stop where to end, per partition; empty for no end
   * @param count most readings; Long.MAX_VALUE for no such limit
   */
  record Order(
      Topic topic,
      Selection selection,
      Shape shape,
      Cursor start,
      List<Emission.Lost> lost,
      List<Position> stop,
      long count) {}

  private final Setting setting;
  private final Order order;
  private final Credit credit;
  private final Queue<Emission> events = new ArrayDeque<>();
  private final Fetch[] fetches;
  private final Runnable[] wakes;
  private final boolean[] awaiting;
  private volatile Cursor cursor; // written by the loop, read by whoever watches
  private Emission.Data prepared;
  private long countLeft;
  private int turn;
  private boolean fetching;
  private boolean caughtUp;
  private boolean progressAsked;
  private boolean ended;
  private Optional<Fault> failure = Optional.empty();

  Feed(Setting setting, Order order, Credit credit) {
    this.setting = setting;
    this.order = order;
    this.credit = credit;
    this.cursor = order.lost().isEmpty() ? order.start() : order.lost().get(0).from();
    this.countLeft = order.count();
    int partitions = order.topic().partitions().size();
    this.fetches = new Fetch[partitions];
    this.wakes = new Runnable[partitions];
    this.awaiting = new boolean[partitions];
    for (int p = 0; p < partitions; p++) {
      int partition = p;
      wakes[p] =
          () -> {
            awaiting[partition] = false;
            setting.runnable().run();
          };
    }
    events.addAll(order.lost());
    setting.feeds().add(this);
  }

  Cursor cursor() {
    return cursor;
  }

  Credit credit() {
    return credit;
  }

  Topic topic() {
    return order.topic();
  }

  /** Whether every sensor is delivered, so that counts of what is stored are its own. */
  boolean takesAll() {
    return order.selection().isAll();
  }

  /** Whether nothing is stored behind its cursor. */
  boolean atHead() {
    return !anyLeft();
  }

  /** Asks for a {@link Emission.Progressed}, behind what was said before. */
  void askProgress() {
    if (!ended && !progressAsked) {
      progressAsked = true;
      events.add(new Emission.Progressed());
    }
  }

  /** Ends it: nothing but this is said any more. Returns the last word. */
  Emission.Ended end(EndReason reason, Optional<Fault> fault) {
    close();
    return new Emission.Ended(reason, cursor, fault);
  }

  /** Releases what it holds. Harmless when repeated. */
  void close() {
    if (ended) {
      return;
    }
    ended = true;
    setting.feeds().remove(this);
    events.clear();
    prepared = null;
    for (Partition partition : order.topic().partitions()) {
      if (awaiting[partition.number()]) {
        setting.fanout().forget(partition.tail(), setting.loop(), wakes[partition.number()]);
      }
    }
    if (!fetching) {
      closeFetches();
    }
  }

  private void closeFetches() {
    for (Fetch fetch : fetches) {
      if (fetch != null) {
        fetch.close();
      }
    }
  }

  /** The next thing to say, or null until {@link Setting#runnable} is called. */
  Emission next() {
    while (!ended) {
      if (!events.isEmpty()) {
        return say();
      }
      if (failure.isPresent()) {
        return end(EndReason.END_REASON_FAILED, failure);
      }
      if (prepared != null) {
        return credit.mayStart() ? deliverPrepared() : null;
      }
      if (countLeft == 0 || reachedStop()) {
        return end(EndReason.END_REASON_UNTIL_REACHED, Optional.empty());
      }
      if (fetching) {
        return null;
      }
      int partition = nextPartition();
      if (partition < 0) {
        if (!waitAtHead()) {
          continue;
        }
        return catchUp() ? say() : null;
      }
      if (!credit.mayStart()) {
        return null;
      }
      Emission gathered = gather(partition);
      if (gathered != null) {
        return gathered;
      }
    }
    return null;
  }

  /** The next event. A gap moves the cursor when it is said, so that none is ever passed over. */
  private Emission say() {
    Emission event = events.remove();
    if (event instanceof Emission.Lost lost) {
      cursor = lost.to();
    } else if (event instanceof Emission.Progressed) {
      progressAsked = false;
    }
    return event;
  }

  /** Notes that everything stored was said; true if that is news. */
  private boolean catchUp() {
    if (caughtUp) {
      return false;
    }
    caughtUp = true;
    return events.add(new Emission.PhaseChanged(Phase.PHASE_CAUGHT_UP, cursor));
  }

  private boolean reachedStop() {
    if (order.stop().isEmpty()) {
      return false;
    }
    for (int p = 0; p < order.stop().size(); p++) {
      if (cursor.position(p).offset() < order.stop().get(p).offset()) {
        return false;
      }
    }
    return true;
  }

  private long endOffset(int partition) {
    long head = order.topic().partitions().get(partition).tail().head().offset();
    return order.stop().isEmpty() ? head : Math.min(head, order.stop().get(partition).offset());
  }

  private boolean anyLeft() {
    for (int p = 0; p < fetches.length; p++) {
      if (cursor.position(p).offset() < endOffset(p)) {
        return true;
      }
    }
    return false;
  }

  /** A partition with something to read, in turns; -1 for none. */
  private int nextPartition() {
    int partitions = fetches.length;
    for (int i = 0; i < partitions; i++) {
      int partition = (turn + i) % partitions;
      if (cursor.position(partition).offset() < endOffset(partition)) {
        turn = (partition + 1) % partitions;
        return partition;
      }
    }
    return -1;
  }

  /** Waits for every partition; false if one got something meanwhile. */
  private boolean waitAtHead() {
    for (Partition partition : order.topic().partitions()) {
      int p = partition.number();
      if (!awaiting[p]) {
        awaiting[p] = true;
        setting.fanout().await(partition.tail(), setting.loop(), wakes[p]);
      }
    }
    return !anyLeft();
  }

  /** Takes records of a partition from the tail, or starts a fetch; null if nothing can be said. */
  private Emission gather(int partition) {
    Tail tail = order.topic().partitions().get(partition).tail();
    Position at = cursor.position(partition);
    TailRecord first = tail.get(at.offset());
    if (first == null && caughtUp) {
      caughtUp = false;
      return new Emission.PhaseChanged(Phase.PHASE_FELL_BEHIND, cursor);
    }
    boolean whole =
        first != null
            && order.shape() == Shape.COLUMNS
            && order.selection().isAll()
            && at.rows() == 0
            && first.record().readings() <= countLeft;
    if (!whole) {
      fetch(partition);
      return null;
    }
    tail.touch();
    List<Slice> parts = new ArrayList<>();
    List<Slice> batches = new ArrayList<>();
    long end = endOffset(partition);
    long readings = 0;
    long bytes = 0;
    for (TailRecord record = first;
        record != null
            && record.record().readings() <= countLeft - readings
            && (bytes == 0 || bytes + record.entryBytes() <= setting.bytesMax());
        record = at.offset() < end ? tail.get(at.offset()) : null) {
      LogRecord stored = record.record();
      if (stored.readings() > 0) {
        parts.add(record.prefix());
        parts.add(stored.batch());
        batches.add(stored.batch());
        readings += stored.readings();
        bytes += record.entryBytes();
      }
      at = new Position(stored.epoch(), stored.nextOffset(), stored.readingsAfter(), 0);
    }
    cursor = cursor.with(partition, at);
    return readings == 0
        ? null
        : deliver(new Emission.Data(partition, cursor, readings, parts, batches));
  }

  private Emission deliverPrepared() {
    Emission.Data data = prepared;
    prepared = null;
    cursor = data.cursor();
    return deliver(data);
  }

  private Emission deliver(Emission.Data data) {
    credit.charge(data.readings(), data.bytes());
    if (countLeft != Long.MAX_VALUE) {
      countLeft -= data.readings();
    }
    if (!caughtUp && !anyLeft()) {
      catchUp(); // said right behind this, even if more is stored meanwhile
    }
    return data;
  }

  // ---- fetching

  private void fetch(int partition) {
    if (fetches[partition] == null) {
      Partition source = order.topic().partitions().get(partition);
      fetches[partition] =
          new Fetch(order.topic(), source, order.selection(), order.shape(), setting.bytesMax());
    }
    Fetch fetch = fetches[partition];
    Cursor from = cursor;
    long end = endOffset(partition);
    long most = countLeft;
    fetching = true;
    setting
        .catchUp()
        .offer(
            () -> {
              try {
                Fetch.Chunk chunk = fetch.next(from, end, most);
                setting.loop().post(() -> onFetched(partition, chunk));
              } catch (IOException | RuntimeException failed) {
                setting.loop().post(() -> onFetchFailed(failed));
              }
            })
        .ifPresent(full -> retryFetch(full));
  }

  private void retryFetch(Fault full) {
    setting
        .loop()
        .schedule(
            full.retryDelay().orElseThrow().toNanos(),
            () -> {
              if (fetched()) {
                setting.runnable().run();
              }
            });
  }

  /** Notes that no fetch is under way; false if the feed ended meanwhile. */
  private boolean fetched() {
    fetching = false;
    if (ended) {
      closeFetches();
    }
    return !ended;
  }

  private void onFetched(int partition, Fetch.Chunk chunk) {
    if (!fetched()) {
      return;
    }
    Cursor behind = cursor.with(partition, chunk.to());
    if (chunk.damaged() != null) {
      long lost = chunk.to().readingsSeen() - cursor.position(partition).readingsSeen();
      events.add(
          new Emission.Lost(GapReason.GAP_REASON_DATA_LOSS, partition, cursor, behind, lost));
    } else if (chunk.readings() > 0) {
      prepared =
          new Emission.Data(partition, behind, chunk.readings(), chunk.parts(), chunk.batches());
    } else {
      cursor = behind;
    }
    setting.runnable().run();
  }

  private void onFetchFailed(Exception failed) {
    if (!fetched()) {
      return;
    }
    Fault fault =
        Fault.of(
            failed instanceof IOException ? ErrorCode.STORE_FAILED : ErrorCode.INTERNAL,
            "the log cannot be read: " + failed);
    if (failed instanceof RuntimeException) {
      logger.error("a fetch of topic {} failed", order.topic().info().name(), failed);
    }
    failure = Optional.of(fault);
    setting.runnable().run();
  }
}
