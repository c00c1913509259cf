package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.partition.Partition;
import dev.weir.service.session.FeedStatus;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.StallReason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription's place in the log, and what it has to say next. What it shares with others
 * comes straight from the tail or its view on the event loop; all else is done on the catch-up
 * pool, one task at a time. Owned by the event loop.
 */
@OwnedBy("event loop")
public final class Feed implements FeedStatus {
  private static final Logger logger = LoggerFactory.getLogger(Feed.class);

  private final FeedSetting setting;
  private final FeedSpec order;
  private final SubscriptionCredit credit;
  private final FeedProgress standing;
  private final OffLoopRunner offload;
  private final FeedSources sources;
  private final SnapshotSender lastValues;
  private final Queue<FeedEvent> events = new ArrayDeque<>(1); // of an idle one, that counts
  private final Runnable[] wakes;
  private final boolean[] awaiting;
  private final FeedEndOffsets ends;
  private final OverflowAgeCheck lag;
  private final Runnable forgetTopic;
  private volatile Cursor cursor; // written by the loop, read by whoever watches
  private volatile StallReason waiting; // null while it may have something to say
  private final FetchedDelivery prepared;
  private long countLeft;
  private int turn;
  private boolean caughtUp;
  private boolean progressAsked;
  private boolean ended;
  private Optional<Fault> failure = Optional.empty();

  public Feed(FeedSetting setting, FeedSpec order, SubscriptionCredit credit) {
    this.setting = setting;
    this.order = order;
    this.credit = credit;
    this.standing = new FeedProgress(order.topic());
    this.cursor = order.lost().isEmpty() ? order.start() : order.lost().get(0).from();
    this.countLeft = order.count();
    this.prepared = new FetchedDelivery(setting.unsent());
    this.offload =
        new OffLoopRunner(setting.loop(), setting.bulkLoop(), setting.catchUp(), this::onFailed);
    this.sources = new FeedSources(setting, order, offload, this::wake);
    this.lastValues = new SnapshotSender(order, sources, offload, events::add, this::wake);
    int partitions = order.topic().partitions().size();
    this.wakes = new Runnable[partitions];
    this.awaiting = new boolean[partitions];
    this.ends = new FeedEndOffsets(setting, order, this::wake);
    for (int p = 0; p < partitions; p++) {
      int partition = p;
      wakes[p] =
          () -> {
            awaiting[partition] = false;
            wake();
          };
    }
    events.addAll(order.lost());
    setting.feeds().add(this);
    forgetTopic = order.topic().onDeleted(() -> setting.loop().post(this::wake));
    lag =
        new OverflowAgeCheck(
            setting, order, sources, offload, this::cursor, this::nextPartition, this::wake);
  }

  public Cursor cursor() {
    return cursor;
  }

  public SubscriptionCredit credit() {
    return credit;
  }

  public ServedTopic topic() {
    return order.topic();
  }

  @Override
  public String topicName() {
    return order.topic().info().name();
  }

  FeedProgress standing() {
    return standing;
  }

  public FeedSpec order() {
    return order;
  }

  long nowNanos() {
    return setting.epochNanos().getAsLong();
  }

  /** Whether nothing is stored behind its cursor. */
  public boolean atHead() {
    return !ends.anyLeft(cursor);
  }

  @Override
  public long lagReadings() {
    Cursor behind = cursor; // before the heads, so that no lag is negative
    List<Position> heads = order.topic().heads();
    long lag = 0;
    for (int p = 0; p < heads.size(); p++) {
      lag += heads.get(p).readingsBefore() - behind.position(p).readingsSeen();
    }
    return lag;
  }

  @Override
  public StallReason stall() {
    StallReason now = waiting;
    if (now != null) {
      return now;
    }
    return setting.peerReading().getAsBoolean()
        ? StallReason.STALL_REASON_UNSPECIFIED
        : StallReason.STALL_REASON_PEER_NOT_READING;
  }

  private void wake() {
    waiting = null;
    setting.runnable().run();
  }

  /** Asks for a {@link FeedEvent.Progressed}, behind what was said before. */
  public void askProgress() {
    if (!ended && !progressAsked) {
      progressAsked = true;
      events.add(new FeedEvent.Progressed());
    }
  }

  /** Ends it: nothing but this is said any more. Returns the last word. */
  public FeedEvent.Ended end(EndReason reason, Optional<Fault> fault) {
    close();
    return new FeedEvent.Ended(reason, cursor, fault);
  }

  /** Releases what it holds. Harmless when repeated. */
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    setting.feeds().remove(this);
    forgetTopic.run();
    lag.close();
    ends.close();
    events.clear();
    prepared.take();
    for (Partition partition : order.topic().partitions()) {
      if (awaiting[partition.number()]) {
        setting.fanout().forget(partition.tail(), setting.loop(), wakes[partition.number()]);
      }
      if (order.topic().deleted()) { // the other feeds hear it from the topic
        setting.fanout().drop(partition.tail());
      }
    }
    sources.close();
    offload.close(sources::release);
  }

  /** Counts what it said; once for each emission. */
  public void count(FeedEvent emission, Meters meters) {
    standing.count(emission, meters);
  }

  /** The next thing to say, or null until {@link FeedSetting#runnable} is called. */
  public FeedEvent next() {
    waiting = null;
    while (!ended) {
      if (!events.isEmpty()) {
        return say();
      }
      if (order.topic().deleted()) {
        return end(EndReason.END_REASON_TOPIC_DELETED, Optional.empty());
      }
      if (failure.isPresent()) {
        return end(EndReason.END_REASON_FAILED, failure);
      }
      if (!prepared.isEmpty()) {
        return credit.mayStart() ? deliverPrepared() : noCredit();
      }
      if (offload.busy()) {
        return stalled(StallReason.STALL_REASON_CATCHING_UP);
      }
      if ((lastValues.begins() || sources.joinsFirst()) && lastValuesNeedCredit()) {
        return noCredit();
      }
      if (lastValues.pending()) {
        lastValues.step(cursor, moved -> cursor = moved, prepared::put);
        continue;
      }
      if (sources.joinsFirst()) {
        lastValues.join(null, standing);
        continue;
      }
      cursor = ends.behindSkipped(cursor);
      if (countLeft == 0 || ends.reached(cursor)) {
        return end(EndReason.END_REASON_UNTIL_REACHED, Optional.empty());
      }
      int lagging = lag.partition();
      boolean lags = lagging >= 0 && ends.mayDrop(lagging, cursor);
      int partition = lags ? lagging : nextPartition();
      FeedEvent said;
      if (partition < 0) {
        said = rest();
      } else if (lags || overflows(partition)) {
        said = overflow(partition);
      } else {
        said = credit.mayStart() ? gather(partition) : noCredit();
      }
      if (said != null || waiting != null) {
        return said;
      }
    }
    return null;
  }

  /** What follows where nothing is to be read now. */
  private FeedEvent rest() {
    if (sources.awaitsAnyView()) {
      return stalled(StallReason.STALL_REASON_CATCHING_UP); // its view wakes it
    }
    if (ends.anyLeft(cursor)) {
      return null; // stored meanwhile
    }
    if (sources.mayJoin()) {
      if (lastValuesNeedCredit()) {
        return noCredit();
      }
      lastValues.join(cursor, standing);
      return null;
    }
    if (!waitAtHead()) {
      return null;
    }
    if (catchUp()) {
      return say();
    }
    if (!order.allSensors() && order.sensors().hasNew()) {
      offload.run(order.sensors()::look, any -> wake()); // long, where many were defined
      return null;
    }
    return stalled(standing.idle(order));
  }

  /** Last values are taken when they may be sent, so that they are new then; none need nothing. */
  private boolean lastValuesNeedCredit() {
    return !credit.mayStart()
        && order.topic().heads().stream().anyMatch(head -> head.readingsBefore() > 0);
  }

  private FeedEvent noCredit() {
    return stalled(FeedProgress.withoutCredit(credit));
  }

  private FeedEvent stalled(StallReason reason) {
    waiting = reason;
    return null;
  }

  /** The next event. One with a cursor moves there when it is said, so that none is passed over. */
  private FeedEvent say() {
    FeedEvent event = events.remove();
    if (event instanceof FeedEvent.Lost lost) {
      cursor = lost.to() == null ? cursor : lost.to();
      standing.lost(lost.readings());
    } else if (event instanceof FeedEvent.PhaseChanged changed
        && changed.phase() == Phase.PHASE_SNAPSHOT_END) {
      cursor = changed.cursor();
    } else if (event instanceof FeedEvent.Progressed) {
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
    return events.add(new FeedEvent.PhaseChanged(Phase.PHASE_CAUGHT_UP, cursor));
  }

  /** A partition with something to read now, in turns; -1 for none. */
  private int nextPartition() {
    int partitions = wakes.length;
    for (int i = 0; i < partitions; i++) {
      int partition = (turn + i) % partitions;
      if (!order.skips(partition)
          && cursor.position(partition).offset() < ends.offset(partition)
          && !sources.awaitsView(partition)) {
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
    return !ends.anyLeft(cursor);
  }

  // ---- delivering

  private FeedEvent gather(int partition) {
    Position end = ends.limit(partition);
    Optional<DeliveryBuilder> found =
        sources.gather(partition, cursor, end.offset(), countLeft, nowNanos());
    if (found.isEmpty()) {
      if (sources.awaitsView(partition)) {
        return null; // another partition may have its turn
      }
      return fellBehind(partition) ? say() : fetch(partition, end);
    }
    DeliveryBuilder gathered = found.get();
    cursor = cursor.with(partition, gathered.to());
    standing.passed(partition, gathered.appendNanos(), gathered.eventMaxNanos());
    standing.suppressed(gathered.suppressed());
    if (gathered.stopped()) {
      ends.stop(partition, gathered.to());
    }
    return gathered.readings() == 0
        ? null
        : deliver(
            new FeedEvent.Data(
                partition, cursor, gathered.readings(), gathered.parts(), gathered.sensors()));
  }

  private boolean fellBehind(int partition) {
    if (sources.fallsBehind(partition, cursor) && caughtUp) {
      caughtUp = false;
      return events.add(new FeedEvent.PhaseChanged(Phase.PHASE_FELL_BEHIND, cursor));
    }
    return false;
  }

  private FeedEvent deliverPrepared() {
    FeedEvent.Data data = prepared.take();
    if (data.cursor() == null) {
      credit.charge(data.readings(), data.bytes());
      standing.delivered(data.readings(), nowNanos());
      return data;
    }
    cursor = data.cursor();
    return deliver(data);
  }

  private FeedEvent deliver(FeedEvent.Data data) {
    credit.charge(data.readings(), data.bytes());
    standing.delivered(data.readings(), nowNanos());
    if (countLeft != Long.MAX_VALUE) {
      countLeft -= data.readings();
    }
    if (!caughtUp && !ends.anyLeft(cursor) && !sources.mayJoin()) {
      catchUp(); // said right behind this, even if more is stored meanwhile
    }
    return data;
  }

  private FeedEvent fetch(int partition, Position end) {
    boolean mayDrop = ends.mayDrop(partition, cursor);
    PartitionFetch.FetchRequest ask =
        sources.ask(partition, cursor, end, countLeft, mayDrop, nowNanos());
    PartitionFetch fetch = sources.fetch(partition);
    offload.run(
        ask.kind(),
        () -> fetch.next(ask),
        PartitionFetch.Chunk::scanned,
        chunk -> onFetched(partition, chunk));
    return null;
  }

  private void onFetched(int partition, PartitionFetch.Chunk chunk) {
    sources.fetched(partition, chunk);
    Cursor behind = cursor.with(partition, chunk.to());
    standing.passed(partition, chunk.appendNanos(), chunk.eventMaxNanos());
    standing.suppressed(chunk.suppressed());
    if (chunk.readings() > 0) {
      prepared.put(
          new FeedEvent.Data(partition, behind, chunk.readings(), chunk.parts(), chunk.sensors()));
    } else if (chunk.lost() != null) {
      PartitionFetch.Loss lost = chunk.lost();
      events.add(
          new FeedEvent.Lost(
              lost.reason(), partition, cursor, behind, lost.readings(), lost.exact()));
    } else {
      cursor = behind;
    }
    if (chunk.outcome() == PartitionFetch.Outcome.UNTIL_REACHED) {
      ends.stop(partition, chunk.to());
    } else if (chunk.outcome() == PartitionFetch.Outcome.LAGGING && chunk.readings() == 0) {
      lag.found(partition, chunk.to().offset());
    }
    wake();
  }

  private void onFailed(Exception failed) {
    if (failed instanceof RuntimeException) {
      logger.error("a task for a subscription of {} failed", topicName(), failed);
    }
    failure =
        Optional.of(
            Fault.of(
                failed instanceof IOException ? ErrorCode.STORE_FAILED : ErrorCode.INTERNAL,
                "the log cannot be read: " + failed));
    wake();
  }

  // ---- overflow

  private boolean overflows(int partition) {
    return ends.mayDrop(partition, cursor)
        && sources.overflows(partition, cursor, ends.dropLimit(partition), nowNanos());
  }

  /** What follows where it is too far behind. */
  private FeedEvent overflow(int partition) {
    Position limit = ends.dropLimit(partition); // before the question whether its time ends there
    if (ends.find(partition, cursor.position(partition), offload)) {
      lag.settled();
      return null; // what lies behind its end is no lag
    }
    if (order.overflow().policy() == OverflowRule.Policy.END) {
      return end(EndReason.END_REASON_LAGGED, Optional.empty());
    }
    if (order.overflow().policy() == OverflowRule.Policy.CONFLATE && lastValuesNeedCredit()) {
      return noCredit();
    }
    lag.settled();
    sources.leave();
    Cursor from = cursor;
    if (order.overflow().policy() == OverflowRule.Policy.CONFLATE) {
      lastValues.conflate(from);
    } else {
      offload.run(
          () -> sources.dropTarget(partition, limit, nowNanos()),
          to -> dropTo(partition, from, to));
    }
    return null;
  }

  private void dropTo(int partition, Cursor from, Position to) {
    long dropped = to.readingsSeen() - from.position(partition).readingsSeen();
    if (dropped > 0) {
      Cursor behind = from.with(partition, to);
      events.add(
          new FeedEvent.Lost(GapReason.GAP_REASON_DROPPED, partition, from, behind, dropped));
    } else if (to.offset() > from.position(partition).offset()) {
      cursor = from.with(partition, to);
    }
    wake();
  }
}
