package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.latest.CutHolder;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.Partition;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.ServerContext;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailRecord;
import dev.weir.service.view.EveryRowPicker;
import dev.weir.service.view.ReducedRowPicker;
import dev.weir.service.view.RowPicker;
import dev.weir.service.view.View;
import dev.weir.service.view.ViewEntry;
import dev.weir.service.view.ViewPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Where a feed gets its readings: the tail, its view, fetches, last values. A feed in a reduced
 * mode either follows its view or, behind it, runs a state of its own. Owned by the event loop.
 */
@OwnedBy("event loop")
final class FeedSources {
  /**
   * How a feed comes to its view.
   *
   * @param parts what was sent last of each sensor
   * @param suppressed matching readings passed over on the way; -1: it must come nearer first
   */
  record Joining(List<LastValuesDelivery.Part> parts, long suppressed) {}

  private final FeedSetting setting;
  private final FeedSpec order;
  private final FeedFetches fetches;
  private final Runnable[] wakes;
  private final boolean[] awaitsView;
  private boolean follows;
  private boolean joinedBefore;
  private final boolean[] needsLog; // for what is next in a partition, though it is in the tail

  FeedSources(FeedSetting setting, FeedSpec order, OffLoopRunner offload, Runnable wake) {
    this.setting = setting;
    this.order = order;
    int partitions = order.topic().partitions().size();
    this.fetches = new FeedFetches(setting, offload, this::newFetch, partitions);
    this.wakes = new Runnable[partitions];
    this.awaitsView = new boolean[partitions];
    this.needsLog = new boolean[partitions];
    this.follows = order.view() != null && !order.reduced();
    for (int p = 0; p < partitions; p++) {
      int partition = p;
      wakes[p] =
          () -> {
            awaitsView[partition] = false;
            wake.run();
          };
    }
  }

  /** Bytes after which a delivery takes no more, as memory is now. */
  int bytesNow() {
    int most = setting.bytesMax();
    long now = setting.unsent().share(Math.min(ServerContext.DELIVERY_BYTES_LEAST, most), most);
    return order.bytesMax((int) now);
  }

  private Partition partition(int number) {
    return order.topic().partitions().get(number);
  }

  private ViewPartition view(int partition) {
    return order.view().partition(partition);
  }

  // ---- shared bytes

  /** Returns whether the view must first make something of what is next in a partition. */
  boolean awaitsView(int partition) {
    return awaitsView[partition];
  }

  boolean awaitsAnyView() {
    for (boolean awaits : awaitsView) {
      if (awaits) {
        return true;
      }
    }
    return false;
  }

  /**
   * Takes records as shared bytes. Empty where they must be fetched, or where {@link #awaitsView}.
   */
  Optional<DeliveryBuilder> gather(
      int partition, Cursor cursor, long end, long most, long nowNanos) {
    partition(partition).tail().touch(); // also for those who read it by a view or a fetch
    Position at = cursor.position(partition);
    boolean columns = order.shape() == FeedFormat.COLUMNS && at.rows() == 0;
    long oldest = order.maxAgeNanos() == 0 ? Long.MIN_VALUE : nowNanos - order.maxAgeNanos();
    var gathering = new DeliveryBuilder(order, bytesNow(), at, most, oldest);
    if (follows && (order.reduced() || columns)) {
      ViewPartition view = view(partition);
      ViewEntry first = view.entry(at.offset());
      if (first == null && view.failure().isEmpty() && isAhead(view, at)) {
        awaitView(partition, at);
        return Optional.empty();
      }
      if (!columns || first == null) {
        return Optional.empty();
      }
      for (ViewEntry next = first; next != null && gathering.take(next); ) {
        next = next.offset() + 1 < end ? view.entry(next.offset() + 1) : null;
      }
    } else if (columns && order.takesAll()) {
      PartitionTail tail = partition(partition).tail();
      for (TailRecord next = tail.get(at.offset()); next != null && gathering.take(next); ) {
        long offset = next.record().nextOffset();
        next = offset < end ? tail.get(offset) : null;
      }
    }
    boolean some = !gathering.to().equals(at) || gathering.stopped();
    return some ? Optional.of(gathering) : Optional.empty();
  }

  private static boolean isAhead(ViewPartition view, Position at) {
    Position of = view.position();
    return of == null || at.offset() >= of.offset();
  }

  private void awaitView(int partition, Position at) {
    awaitsView[partition] = true;
    setting.fanout().await(view(partition), setting.loop(), wakes[partition]);
    view(partition).ask(at);
  }

  /** Returns whether what is next is neither in the tail nor in its view any more. */
  boolean leftMemory(int partition, Cursor cursor) {
    long next = cursor.position(partition).offset();
    return partition(partition).tail().get(next) == null && madeByView(partition, next) == null;
  }

  /**
   * Returns the encoded record of its view; null where it follows no view, or the view lacks it.
   */
  ViewEntry madeByView(int partition, long offset) {
    return follows ? view(partition).entry(offset) : null;
  }

  // ---- the view of a reduced mode

  /** Returns whether it is to join its view before anything else. */
  boolean joinsFirst() {
    return mayJoin() && order.fresh() && !joinedBefore;
  }

  /** Returns whether it joins its view once it is at the head. */
  boolean mayJoin() {
    return order.reduced() && !follows;
  }

  /**
   * Asks the view where to join it.
   *
   * @param holder holds the values
   * @param from null if that does not matter
   */
  CompletableFuture<Joining> join(CutHolder holder, Cursor from) {
    return each(p -> view(p.number()).join(from == null ? null : from.position(p.number()), holder))
        .thenApply(
            joined -> {
              List<LastValuesDelivery.Part> parts = new ArrayList<>();
              long suppressed = 0;
              for (int p = 0; p < joined.size(); p++) {
                ViewPartition.Joined at = joined.get(p);
                parts.add(
                    new LastValuesDelivery.Part(p, at.held(), at.position(), null, at.missed()));
                suppressed =
                    suppressed < 0 || at.suppressed() < 0 ? -1 : suppressed + at.suppressed();
              }
              return new Joining(parts, suppressed);
            });
  }

  /** From now on it follows its view. */
  void joined() {
    release();
    follows = true;
    joinedBefore = true;
  }

  /** In a reduced mode, it no longer follows its view, because it skips or fell behind. */
  void leave() {
    if (order.reduced()) {
      release();
      follows = false;
    }
  }

  /**
   * Returns whether what is next must be read where no other has it: in a reduced mode behind the
   * view, which it then leaves, else behind the tail.
   */
  boolean fallsBehind(int partition, Cursor cursor) {
    boolean inView = order.reduced() && follows;
    return inView ? leavesView(partition, cursor) : leftMemory(partition, cursor);
  }

  /** Leaves a view that does not have what is next any more; true if that was so. */
  private boolean leavesView(int partition, Cursor cursor) {
    if (isInRecord(cursor)) {
      return false; // the rows of a record that was begun are known, and counted
    }
    ViewPartition view = view(partition);
    long offset = cursor.position(partition).offset();
    boolean lost =
        view.entry(offset) == null && (view.passed(offset) || view.failure().isPresent());
    if (lost) {
      leave();
    }
    return lost;
  }

  private boolean isInRecord(Cursor cursor) {
    for (int p = 0; p < awaitsView.length; p++) {
      if (cursor.position(p).rows() > 0) {
        return true;
      }
    }
    return false;
  }

  // ---- fetching

  /** Reads a partition in the way that now fits. */
  PartitionFetch fetch(int partition) {
    return fetches.of(partition);
  }

  /**
   * What is asked of a fetch.
   *
   * @param end behind what to deliver
   * @param most most readings
   * @param mayDrop whether what is too old for the overflow is not delivered
   */
  PartitionFetch.FetchRequest ask(
      int partition, Cursor from, Position end, long most, boolean mayDrop, long nowNanos) {
    long next = from.position(partition).offset();
    boolean recent = !needsLog[partition] && partition(partition).tail().get(next) != null;
    return new PartitionFetch.FetchRequest(
        recent ? CatchUpPool.Kind.RECENT : CatchUpPool.Kind.STORED,
        from,
        fetchEnd(partition, end),
        most,
        order.maxAgeNanos() == 0 ? Long.MIN_VALUE : nowNanos - order.maxAgeNanos(),
        mayDrop ? order.overflow().oldestAppendNanos(nowNanos) : Long.MIN_VALUE,
        order.untilNanos(),
        bytesNow());
  }

  /** One call of a fetch has ended, and what it found is taken. */
  void fetched(int partition, PartitionFetch.Chunk chunk) {
    needsLog[partition] = chunk.outcome() == PartitionFetch.Outcome.NEEDS_LOG;
    fetches.ended(partition);
  }

  private PartitionFetch newFetch(int partition) {
    return new PartitionFetch(
        new PartitionFetch.Setting(
            order.topic(),
            partition(partition),
            picker(partition),
            order.shape(),
            order.strictBytesMax(),
            order.cutsRecords(),
            setting.catchUp().room(),
            setting.unsent()));
  }

  private RowPicker picker(int partition) {
    if (!order.reduced()) {
      return new EveryRowPicker(order.allSensors() ? null : order.sensors(), order.times());
    }
    return follows
        ? new ViewRowPicker(view(partition))
        : new ReducedRowPicker(
            order.sensors(), order.times(), order.mode(), order.topic().partitions().size());
  }

  /** The first position not to fetch: the view of a reduced mode must have been there. */
  private Position fetchEnd(int partition, Position end) {
    Position of = order.reduced() && follows ? view(partition).position() : null;
    return of == null || end.offset() <= of.offset() ? end : of;
  }

  // ---- last values and age

  /**
   * The last values of every partition.
   *
   * @param holder holds them
   * @param since only those that changed since then are sent; null for all
   */
  CompletableFuture<List<LastValuesDelivery.Part>> cuts(CutHolder holder, Cursor since) {
    return each(p -> p.latest().cut(holder))
        .thenApply(
            cuts -> {
              List<LastValuesDelivery.Part> parts = new ArrayList<>();
              for (int p = 0; p < cuts.size(); p++) {
                PositionedCut cut = cuts.get(p);
                Position from = since == null ? null : since.position(p);
                long missed = cut.missed().since(from == null ? 0 : from.offset());
                parts.add(new LastValuesDelivery.Part(p, cut.held(), cut.position(), from, missed));
              }
              return parts;
            });
  }

  private <T> CompletableFuture<List<T>> each(Function<Partition, CompletableFuture<T>> ask) {
    List<CompletableFuture<T>> asked = new ArrayList<>();
    for (Partition partition : order.topic().partitions()) {
      asked.add(ask.apply(partition));
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(all -> asked.stream().map(CompletableFuture::join).toList());
  }

  /**
   * Returns whether what is next was stored before a time; not known, and so false, of what
   * retention took if all that is left is younger. Blocks on disk.
   */
  boolean isOlder(int partition, long next, long appendNanos) throws IOException {
    PartitionLog log = partition(partition).log();
    long young = log.offsetAt(appendNanos);
    return Math.max(next, log.startOffset()) < young; // the start last: it may move meanwhile
  }

  // ---- ending

  /** Gives the view back and stops waiting for it. */
  void close() {
    fetches.end();
    order.release();
    View view = order.view();
    if (view == null) {
      return;
    }
    for (int p = 0; p < awaitsView.length; p++) {
      if (awaitsView[p]) {
        setting.fanout().forget(view.partition(p), setting.loop(), wakes[p]);
      }
    }
    setting.views().release(view);
  }

  /** Gives up the places of its fetches, none of which is under way. */
  void release() {
    fetches.release();
  }
}
