package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.overflow.OverflowAction;
import dev.weir.service.core.state.FeedLifecycle;
import dev.weir.service.session.FeedStatus;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.EndReason;
import dev.weir.v1.Phase;
import dev.weir.v1.StallReason;
import java.io.IOException;
import java.util.ArrayDeque;
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
  private final OldestReadingsDrop oldest;
  private final FeedEndOffsets ends;
  private final PartitionTurns turns;
  private final OverflowAgeCheck lag;
  private final OverflowCheck overflow;
  private final Runnable forgetTopic;
  private volatile Cursor cursor; // written by the loop, read by whoever watches
  private volatile StallReason waiting; // null while it may have something to say
  private final FetchedDelivery prepared;
  private long countLeft;
  private FeedLifecycle state;
  private boolean progressAsked;
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
    this.lastValues =
        new SnapshotSender(setting, order, sources, offload, standing, events::add, this::wake);
    this.oldest = new OldestReadingsDrop(order, offload, events::add, this::wake);
    this.ends = new FeedEndOffsets(setting, order, this::wake);
    this.turns = new PartitionTurns(setting, order, ends, sources, this::wake);
    this.state = lastValues.pending() ? FeedLifecycle.JOINING : FeedLifecycle.CATCHING_UP;
    events.addAll(order.lost());
    setting.feeds().add(this);
    forgetTopic = order.topic().onDeleted(() -> setting.loop().post(this::wake));
    lag =
        new OverflowAgeCheck(
            setting, order, sources, offload, this::cursor, () -> turns.next(cursor), this::wake);
    overflow = new OverflowCheck(order, ends, sources, lag);
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

  FeedLifecycle state() {
    return state;
  }

  long nowNanos() {
    return setting.epochNanos().getAsLong();
  }

  /** Returns whether nothing is stored behind its cursor. */
  public boolean atHead() {
    return !ends.anyLeft(cursor);
  }

  @Override
  public long lagReadings() {
    return FeedProgress.lagReadings(topic(), cursor); // which comes first: no lag is negative
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
    if (state != FeedLifecycle.ENDED && !progressAsked) {
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
    if (state == FeedLifecycle.ENDED) {
      return;
    }
    advance(FeedLifecycle.Event.END);
    setting.feeds().remove(this);
    forgetTopic.run();
    lag.close();
    ends.close();
    events.clear();
    prepared.take();
    lastValues.release();
    turns.close();
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
    while (state != FeedLifecycle.ENDED) {
      if (!events.isEmpty()) {
        return say();
      }
      if (order.topic().deleted()) {
        return end(EndReason.END_REASON_TOPIC_DELETED, Optional.empty());
      }
      if (failure.isPresent()) {
        return end(EndReason.END_REASON_FAILED, failure);
      }
      if (!offload.busy() && lastValues.isLost()) {
        return end(EndReason.END_REASON_FAILED, Optional.of(lastValues.loss()));
      }
      if (!prepared.isEmpty()) {
        return credit.mayStart() ? deliverPrepared() : noCredit();
      }
      if (offload.busy()) {
        return stalled(StallReason.STALL_REASON_CATCHING_UP);
      }
      FeedEvent said =
          switch (state) {
            case JOINING, JOINING_LIVE, LAGGING, LAGGING_LIVE -> sendLastValues();
            case CATCHING_UP, LIVE -> read();
            case ENDED -> null;
          };
      if (said != null || waiting != null) {
        return said;
      }
    }
    return null;
  }

  /** Sends last values as far as there are any, and then reads on. */
  private FeedEvent sendLastValues() {
    if (!lastValues.pending()) {
      advance(FeedLifecycle.Event.RESUME);
      return null;
    }
    if (lastValues.begins() && lastValues.needCredit(credit)) {
      return noCredit();
    }
    lastValues.step(cursor, moved -> cursor = moved, prepared::put);
    return null;
  }

  private FeedEvent read() {
    cursor = ends.behindSkipped(cursor);
    if (countLeft == 0 || ends.reached(cursor)) {
      return end(EndReason.END_REASON_UNTIL_REACHED, Optional.empty());
    }
    int tooOld = overflow.partitionTooOld(cursor);
    int partition = tooOld >= 0 ? tooOld : turns.next(cursor);
    if (partition < 0) {
      return rest();
    }
    OverflowAction action = overflow.action(partition, cursor, tooOld >= 0, nowNanos());
    if (action != OverflowAction.READ_ON) {
      return passOver(partition, action);
    }
    return credit.mayStart() ? gather(partition) : noCredit();
  }

  /** Goes on where nothing is to be read now. */
  private FeedEvent rest() {
    if (sources.awaitsAnyView()) {
      return stalled(StallReason.STALL_REASON_CATCHING_UP); // its view wakes it
    }
    if (ends.anyLeft(cursor)) {
      return null; // stored meanwhile
    }
    if (sources.mayJoin()) {
      if (lastValues.needCredit(credit)) {
        return noCredit();
      }
      advance(FeedLifecycle.Event.JOIN);
      lastValues.join(cursor);
      return null;
    }
    if (!turns.waitAtHead(cursor)) {
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
    if (state != FeedLifecycle.CATCHING_UP) {
      return false;
    }
    advance(FeedLifecycle.Event.CATCH_UP);
    return events.add(new FeedEvent.PhaseChanged(Phase.PHASE_CAUGHT_UP, cursor));
  }

  private void advance(FeedLifecycle.Event event) {
    state = FeedLifecycle.TABLE.next(state, event);
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
    if (sources.fallsBehind(partition, cursor) && state == FeedLifecycle.LIVE) {
      advance(FeedLifecycle.Event.FALL_BEHIND);
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
    if (state == FeedLifecycle.CATCHING_UP && !ends.anyLeft(cursor) && !sources.mayJoin()) {
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
      logger.error("A task for a subscription of {} failed.", topicName(), failed);
    }
    failure =
        Optional.of(
            Fault.of(
                failed instanceof IOException ? ErrorCode.STORE_FAILED : ErrorCode.INTERNAL,
                "The log cannot be read: " + failed));
    wake();
  }

  // ---- overflow

  /** Goes on where it is too far behind. */
  private FeedEvent passOver(int partition, OverflowAction action) {
    Position limit = ends.dropLimit(partition); // before the question whether its time ends there
    if (ends.find(partition, cursor.position(partition), offload)) {
      lag.settled();
      return null; // what lies behind its end is no lag
    }
    if (action == OverflowAction.END) {
      return end(EndReason.END_REASON_LAGGED, Optional.empty());
    }
    if (action == OverflowAction.CONFLATE && lastValues.needCredit(credit)) {
      return noCredit();
    }
    advance(FeedLifecycle.Event.OVERFLOW);
    lag.settled();
    sources.leave();
    if (action == OverflowAction.CONFLATE) {
      lastValues.conflate(cursor);
    } else {
      oldest.drop(partition, cursor, limit, nowNanos(), moved -> cursor = moved);
    }
    return null;
  }
}
