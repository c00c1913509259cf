package dev.weir.service.sim;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Credit;
import dev.weir.v1.Delivery;
import dev.weir.v1.EndReason;
import dev.weir.v1.Gap;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One subscription of a client, over all its calls. Owned by one world. */
final class SimSubscription {
  private final SimWorld world;
  private final Subscription wanted;
  private final boolean columns;
  private final boolean credited;
  private final DeliveryCheck watch;
  private Cursor at; // behind what is done; null before the first answer
  private Cursor committed; // before it was asked for, and acknowledged since; null for nothing
  private String commitable = "";
  private long granted;
  private boolean resumes;
  private boolean added;
  private boolean lagged;
  private boolean removing;
  private boolean caughtUp;
  private boolean snapshotDue;
  private long sentTo; // what is charged in this call

  /** A subscription as a new client asks for it. */
  SimSubscription(SimWorld world, Subscription wanted) {
    this.world = world;
    this.wanted = wanted;
    this.columns = wanted.getFormatValue() == dev.weir.v1.Format.FORMAT_COLUMNS_VALUE;
    this.credited = wanted.hasCredit();
    Set<String> names =
        wanted.getSelector().getAll() ? null : new HashSet<>(wanted.getSelector().getNamesList());
    this.watch = new DeliveryCheck(world, wanted, names);
  }

  int id() {
    return wanted.getId();
  }

  String name() {
    return wanted.getName();
  }

  boolean credited() {
    return credited;
  }

  // ---- asking

  /** What is asked for now: as wanted at first, later behind what is done. */
  Subscription ask() {
    added = false;
    removing = false;
    caughtUp = false;
    sentTo = 0;
    commitable = "";
    committed = world.book.committed(name());
    Subscription.Builder asked = wanted.toBuilder();
    if (lagged) {
      asked.clearOverflow().clearMaxLag(); // or it would lag again at once
    }
    boolean durable = wanted.getStart().hasCommitted();
    resumes = at != null && !durable && !snapshotDue;
    if (resumes) {
      asked
          .setStart(Start.newBuilder().setAfterCursor(at.text()))
          .setOnExpired(OnExpired.ON_EXPIRED_EARLIEST)
          .setSnapshot(false);
    }
    snapshotDue = snapshotDue || at == null && wanted.getSnapshot();
    granted = 0;
    if (credited) {
      granted = world.random().nextInt(20);
      asked.setCredit(Credit.newBuilder().setReadings(granted));
    }
    return asked.build();
  }

  /** A greater total of credit; all there is at the end. */
  Credit grant(boolean all) {
    granted = all ? Long.MAX_VALUE / 2 : granted + world.random().nextInt(60);
    return Credit.newBuilder().setReadings(granted).build();
  }

  /** A cursor to commit that was not yet asked for; "" for none. */
  String takeCommitable() {
    String cursor = commitable;
    commitable = "";
    return cursor;
  }

  /** A commit of this call is durable. */
  void commitAcked(Cursor told) {
    world.book.commitFound(name(), committed, told);
    world.book.commitAcked(name(), told);
    committed = told;
  }

  /** Returns whether it may be removed now, which it is from then on. */
  boolean remove() {
    boolean now = added && !removing;
    removing |= now;
    return now;
  }

  // ---- being told

  /** It stands; false if it must be asked for again. */
  boolean status(SubscriptionStatus told) {
    if (told.hasProblem()) {
      world.trace("refused", this, told.getProblem().getReason());
      String reason = told.getProblem().getReason();
      if (!reason.equals("STORE_FAILED") && !reason.equals("OVERLOADED")) {
        world.book.fail("%s was refused: %s", this, told);
      }
      return false;
    }
    added = true;
    Cursor start = cursor(told.getStartCursor());
    if (start == null) {
      return true;
    }
    if (resumes) {
      watch.resumeAt(start);
    } else {
      if (wanted.getStart().hasCommitted()) {
        world.book.commitFound(name(), committed, committed == null ? null : start);
      }
      watch.beginAt(start);
    }
    at = start;
    return true;
  }

  private Cursor cursor(String text) {
    Cursor parsed = Cursor.parse(text).orElse(null);
    if (parsed == null) {
      world.book.fail("%s was told \"%s\" for a cursor", this, text);
    }
    return parsed;
  }

  void delivery(Delivery told, Map<Integer, String> names) {
    if (credited && sentTo >= granted) {
      world.book.fail("%s: a delivery beyond its credit of %s: %s", this, granted, sentTo);
    }
    sentTo += told.getChargedReadings();
    List<Long> values = columns ? columns(told, names) : rows(told);
    Cursor behind = told.getCursor().isEmpty() ? null : cursor(told.getCursor());
    watch.delivered(told, values, behind);
    moved(behind, told.getCursor());
  }

  private void moved(Cursor to, String text) {
    if (to != null) {
      at = to;
      commitable = text;
    }
  }

  private List<Long> columns(Delivery told, Map<Integer, String> names) {
    List<Long> values = new ArrayList<>();
    for (Batch batch : told.getBatchesList()) {
      for (Columns one : batch.getColumnsList()) {
        for (int i = 0; i < one.getCount(); i++) {
          int sensor = one.getSensorIds(one.getSensorIdsCount() == 1 ? 0 : i);
          if (!names.containsKey(sensor)) {
            world.book.fail("%s: sensor %s was not told before", this, sensor);
          }
          values.add(one.getIntegers(i));
        }
      }
    }
    return values;
  }

  private List<Long> rows(Delivery told) {
    List<Long> values = new ArrayList<>();
    for (Reading row : told.getReadingsList()) {
      SentBatch sent = world.book.sent(SentBatch.idOf(row.getInteger()));
      if (sent == null || !List.of(sent.sensors).contains(row.getSensor())) {
        world.book.fail("%s: a row that nobody sent: %s", this, row);
      }
      values.add(row.getInteger());
    }
    return values;
  }

  void gap(Gap told) {
    boolean inSnapshot = told.getFromCursor().isEmpty();
    Cursor from = inSnapshot ? null : cursor(told.getFromCursor());
    Cursor to = inSnapshot ? null : cursor(told.getToCursor());
    watch.gap(told, from, to);
    moved(to, told.getToCursor());
    world.tally.add("gap " + told.getReason(), 1);
  }

  void phase(PhaseChange told) {
    switch (told.getPhase()) {
      case PHASE_SNAPSHOT_BEGIN -> watch.snapshotBegins();
      case PHASE_SNAPSHOT_END -> {
        Cursor end = cursor(told.getCursor());
        watch.snapshotEnds(end);
        snapshotDue = false;
        moved(end, told.getCursor());
      }
      default -> {
        boolean now = told.getPhase() == Phase.PHASE_CAUGHT_UP;
        if (now == caughtUp) {
          world.book.fail("%s was told again: %s", this, told);
        }
        world.tally.add(now ? "caught up" : "fell behind", 1);
        caughtUp = now;
      }
    }
  }

  /** Where it stands: never ahead of what it was told. */
  void progress(Progress told) {
    standsAt(told.getCursor(), told);
    world.tally.add("progress told");
  }

  private void standsAt(String text, Object why) {
    Cursor now = cursor(text);
    if (now != null && watch.standsAt(now, why)) {
      moved(now, text);
    }
  }

  /** The server gave it up; it is asked for again. */
  void end(SubscriptionEnd told) {
    boolean lags =
        told.getReason() == EndReason.END_REASON_LAGGED
            && wanted.getOverflow() == Overflow.OVERFLOW_END;
    boolean failed =
        told.getReason() == EndReason.END_REASON_FAILED
            && told.getProblem().getReason().equals("STORE_FAILED");
    boolean removed = told.getReason() == EndReason.END_REASON_REMOVED && removing;
    if (!lags && !failed && !removed) {
      world.book.fail("%s was ended: %s", this, told);
    }
    world.tally.add("end " + told.getReason(), 1);
    if (removed && !told.getCursor().isEmpty()) {
      standsAt(told.getCursor(), told);
    }
    added = false;
    removing = false;
    lagged |= lags;
  }

  // ---- at the end

  /** Returns whether it was told everything there is. */
  boolean done() {
    return added && caughtUp && watch.atEnd() && (!credited || granted == Long.MAX_VALUE / 2);
  }

  void checkRest() {
    if (wanted.getModeValue() == dev.weir.v1.Mode.MODE_ON_CHANGE_VALUE) {
      watch.checkChanges(1);
    }
  }

  @Override
  public String toString() {
    return "#"
        + id()
        + (added ? "" : " not added")
        + (caughtUp ? " caught up" : "")
        + (credited ? " credit " + sentTo + "/" + granted : "")
        + " "
        + watch;
  }
}
