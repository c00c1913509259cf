package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.latest.CutHolder;
import dev.weir.service.latest.EncodedCut;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.wire.columns.SensorIdSet;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sends last values for one feed: a snapshot at its beginning or where it joins its view, and what
 * stands for readings that are skipped. Owned by the event loop.
 */
@OwnedBy("event loop")
final class SnapshotSender {
  /** So often a snapshot of which nothing was said is taken anew for want of memory. */
  private static final int RETAKES_MAX = 3;

  private final FeedSetting setting;
  private final FeedSpec order;
  private final FeedSources sources;
  private final OffLoopRunner offload;
  private final FeedProgress standing;
  private final Consumer<FeedEvent> events;
  private final Runnable wake;
  private LastValuesDelivery run;
  private CutHolder holder; // of what is under way; null for nothing
  private boolean saidSome; // of what is under way
  private int retakes;
  private boolean outOfReach; // the view cannot be joined where it is now
  private boolean snapshotDue;

  /**
   * @param events takes what is to be said
   * @param wake is called when there is more to do
   */
  SnapshotSender(
      FeedSetting setting,
      FeedSpec order,
      FeedSources sources,
      OffLoopRunner offload,
      FeedProgress standing,
      Consumer<FeedEvent> events,
      Runnable wake) {
    this.setting = setting;
    this.order = order;
    this.sources = sources;
    this.offload = offload;
    this.standing = standing;
    this.events = events;
    this.wake = wake;
    this.snapshotDue = order.snapshot();
  }

  /** Returns whether last values are due that are not taken yet. */
  boolean begins() {
    return snapshotDue || sources.joinsFirst() || isRevoked();
  }

  /**
   * Returns whether what is under way was taken away for want of memory before all of it was
   * encoded.
   */
  private boolean isRevoked() {
    return run != null && holder != null && holder.isRevoked() && !run.done();
  }

  /**
   * Returns whether last values were taken away that cannot be taken anew: those said already are
   * of another moment. Not while they are encoded.
   */
  boolean isLost() {
    return outOfReach || isRevoked() && (saidSome || retakes == RETAKES_MAX);
  }

  /** Why they were. */
  Fault loss() {
    return setting
        .snapshots()
        .lost(
            (run.conflation() ? "What stands for skipped readings" : "The snapshot")
                + " of topic "
                + order.topic().info().name());
  }

  /** Returns whether last values come before anything else. */
  boolean pending() {
    return run != null || begins();
  }

  /** Last values are taken when they may be sent, so that they are new then; none need nothing. */
  boolean needCredit(SubscriptionCredit credit) {
    return !credit.mayStart()
        && order.topic().heads().stream().anyMatch(head -> head.readingsBefore() > 0);
  }

  /**
   * Does the next piece of what is pending, off the loop.
   *
   * @param at where the feed is
   * @param moved takes where it is then, as far as nothing has to be said for that
   * @param prepared takes encoded values
   */
  void step(Cursor at, Consumer<Cursor> moved, Consumer<FeedEvent.Data> prepared) {
    if (run == null && snapshotDue) {
      snapshotDue = false;
      offload.await(sources.cuts(hold(), null), parts -> begin(false, parts));
    } else if (run == null) {
      join(null);
    } else if (isRevoked()) {
      retakes++;
      retake(run, at);
    } else if (run.done()) {
      finish(at, moved);
    } else {
      int partition = run.partition();
      offload.run(
          CatchUpPool.Kind.RECENT,
          run::next,
          none -> 0,
          encoded -> encoded(partition, encoded, prepared));
    }
  }

  private void encoded(int partition, EncodedCut encoded, Consumer<FeedEvent.Data> prepared) {
    if (encoded.tooLarge() > 0 && !run.conflation()) { // a conflation counts them as skipped
      saidSome = true;
      events.accept(
          new FeedEvent.Lost(
              GapReason.GAP_REASON_TOO_LARGE, partition, null, null, encoded.tooLarge(), true));
    }
    if (encoded.readings() > 0) {
      saidSome = true;
      prepared.accept(
          new FeedEvent.Data(
              partition,
              null,
              encoded.readings(),
              encoded.parts(),
              encoded.batches().stream().map(SensorIdSet::distinctOnce).toList()));
    }
    wake.run();
  }

  private void begin(boolean conflation, List<LastValuesDelivery.Part> parts) {
    retakes = 0;
    if (!conflation) {
      events.accept(new FeedEvent.PhaseChanged(Phase.PHASE_SNAPSHOT_BEGIN, null));
    }
    send(conflation, parts);
  }

  private void send(boolean conflation, List<LastValuesDelivery.Part> parts) {
    run = new LastValuesDelivery(order, sources.bytesNow(), conflation, parts);
    saidSome = false;
    wake.run();
  }

  /** Holds what is asked for now, and nothing else. */
  private CutHolder hold() {
    release();
    CutHolder made = setting.snapshots().hold(() -> setting.loop().post(this::revoked));
    holder = made;
    return made;
  }

  private void revoked() {
    if (holder != null) {
      wake.run();
    }
  }

  /** Lets the values go that are under way, also those that are on their way. */
  void release() {
    if (holder != null) {
      holder.close();
      holder = null;
    }
  }

  /** Takes values anew of which nothing was said; what they are as of is newer then. */
  private void retake(LastValuesDelivery lost, Cursor at) {
    if (lost.conflation() || !order.reduced()) {
      offload.await(
          sources.cuts(hold(), lost.conflation() ? at : null),
          parts -> send(lost.conflation(), parts));
      return;
    }
    Cursor joined = behind(lost, at);
    offload.await(
        sources.join(hold(), joined),
        again -> {
          outOfReach = again.suppressed() < 0;
          if (!outOfReach) {
            standing.suppressed(again.suppressed());
            send(false, again.parts());
          } else {
            wake.run();
          }
        });
  }

  /** The position of a feed after a snapshot. */
  private static Cursor behind(LastValuesDelivery snapshot, Cursor at) {
    Cursor behind = at;
    for (LastValuesDelivery.Part part : snapshot.parts()) {
      behind = behind.with(part.partition(), part.to());
    }
    return behind;
  }

  /** Joins the view of a reduced mode; {@code from} is null where the feed begins. */
  void join(Cursor from) {
    offload.await(
        sources.join(hold(), from),
        joined -> {
          if (joined.suppressed() < 0) {
            release();
            wake.run(); // it must come nearer first
            return;
          }
          standing.suppressed(joined.suppressed());
          sources.joined();
          begin(false, joined.parts());
        });
  }

  /** Sends what changed behind a cursor, and then a gap over it. */
  void conflate(Cursor from) {
    offload.await(sources.cuts(hold(), from), parts -> begin(true, parts));
  }

  private void finish(Cursor at, Consumer<Cursor> moved) {
    LastValuesDelivery finished = run;
    run = null;
    release();
    if (finished.conflation()) {
      conflated(finished, at, moved);
      return;
    }
    for (LastValuesDelivery.Part part : finished.parts()) {
      if (part.missed() > 0) {
        events.accept(
            new FeedEvent.Lost(
                GapReason.GAP_REASON_RETENTION,
                part.partition(),
                null,
                null,
                part.missed(),
                false));
      }
    }
    events.accept(new FeedEvent.PhaseChanged(Phase.PHASE_SNAPSHOT_END, behind(finished, at)));
  }

  /** A gap over what was skipped in each partition; without readings it just goes on there. */
  private void conflated(LastValuesDelivery finished, Cursor at, Consumer<Cursor> moved) {
    Cursor behind = at;
    for (LastValuesDelivery.Part part : finished.parts()) {
      if (part.to().readingsSeen() == part.since().readingsSeen()) {
        behind = behind.with(part.partition(), part.to());
      }
    }
    moved.accept(behind);
    for (LastValuesDelivery.Part part : finished.parts()) {
      long passed = part.to().readingsSeen() - part.since().readingsSeen();
      if (passed > 0) {
        Cursor before = behind;
        behind = behind.with(part.partition(), part.to());
        long skipped = passed - finished.sent(part.partition());
        GapReason why =
            part.missed() > 0 // then what was sent does not stand for all of these
                ? GapReason.GAP_REASON_RETENTION
                : GapReason.GAP_REASON_CONFLATED;
        events.accept(new FeedEvent.Lost(why, part.partition(), before, behind, skipped));
      }
    }
  }
}
