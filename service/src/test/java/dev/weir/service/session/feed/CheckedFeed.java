package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.EndReason;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One feed in mode EVERY, every word of which is checked against what is stored: each stored
 * reading that matches is delivered, or lies in exactly one gap, or before the end of a snapshot.
 * Owned by one test.
 */
final class CheckedFeed {
  /**
   * A cursor that a client may come back with.
   *
   * @param text of it
   * @param done matching readings per partition up to there
   */
  record Mark(String text, List<Integer> done) {}

  private final RandomFeedFixture world;
  private final FeedSpec order;
  private final SubscriptionCredit credit;
  private final Feed feed;
  private final FeedParser parser;
  private final MatchingReadings matching;
  private final FeedGapCheck skips;
  private final Cursor start;
  private final int[] done;
  private final int[] tooLargeValues;
  private long[] granted = new long[2];
  private long readings;
  private long logReadings;
  private long bytes;
  private long saidNanos;
  private boolean inSnapshot;
  private final List<List<Cell>> lastValues = new ArrayList<>();
  private final List<List<Cell>> delivered = new ArrayList<>();
  final List<Mark> marks = new ArrayList<>();
  boolean runnable = true;
  boolean caughtUp;
  FeedEvent.Ended ended;

  CheckedFeed(
      RandomFeedFixture world,
      Subscription asked,
      FeedFormat shape,
      int bytesMax,
      SubscriptionCredit credit) {
    this.world = world;
    this.order = SubscriptionResolver.of(world.context.context, asked, shape);
    this.credit = credit;
    this.start = order.lost().isEmpty() ? order.start() : order.lost().get(0).from();
    this.done = new int[world.partitions];
    this.tooLargeValues = new int[world.partitions];
    for (int p = 0; p < world.partitions; p++) {
      lastValues.add(new ArrayList<>());
      delivered.add(new ArrayList<>());
    }
    this.saidNanos = world.nowNanos();
    this.feed =
        new Feed(
            FeedSetting.of(
                world.context.context,
                world.context.loop,
                bytesMax,
                () -> true,
                () -> runnable = true),
            order,
            credit);
    this.parser = new FeedParser(world, order, feed);
    this.matching = new MatchingReadings(world, asked);
    this.skips = new FeedGapCheck(world, order, matching);
    if (credit.mayStart()) {
      granted = new long[] {Long.MAX_VALUE, Long.MAX_VALUE};
    }
  }

  Feed feed() {
    return feed;
  }

  /** What was delivered of a partition so far, but for last values. */
  List<Cell> delivered(int p) {
    return delivered.get(p);
  }

  void grant(long readingsTotal, long bytesTotal) {
    granted[0] = Math.max(granted[0], readingsTotal);
    granted[1] = Math.max(granted[1], bytesTotal);
    credit.grant(readingsTotal, bytesTotal);
    runnable = true;
  }

  private boolean mayStart() {
    return readings < granted[0] && bytes < granted[1];
  }

  /** Lets the feed say one thing, if it may. */
  void pull() {
    if (!runnable) {
      return;
    }
    FeedEvent said = feed.next();
    if (said == null) {
      runnable = false;
      return;
    }
    assertThat(ended).as("nothing behind the end, such as %s", said).isNull();
    if (said instanceof FeedEvent.Data data) {
      assertThat(mayStart()).as("a delivery started beyond its credit").isTrue();
      data(data);
    } else if (said instanceof FeedEvent.Lost lost) {
      lost(lost);
    } else if (said instanceof FeedEvent.PhaseChanged changed) {
      phase(changed);
    } else if (said instanceof FeedEvent.Ended end) {
      ended = end;
      mark(end.cursor());
    } else {
      mark(feed.cursor());
    }
    parser.checkSize(said);
    if (!(said instanceof FeedEvent.Progressed)) {
      saidNanos = world.nowNanos();
    }
  }

  // ---- what it says

  private void data(FeedEvent.Data data) {
    readings += data.readings();
    bytes += data.bytes();
    int p = data.partition();
    if (data.cursor() == null) {
      if (!inSnapshot) {
        skips.checkLagging(feed.cursor());
      }
      for (String value : parser.values(data, values -> {})) {
        lastValues.get(p).add(byValue(p, value));
      }
      return;
    }
    assertThat(inSnapshot).isFalse();
    assertThat(lastValues).as("no gap behind these").allMatch(List::isEmpty);
    List<Cell> expected = expected(p); // the first of those that match
    List<String> values = parser.values(data, rows -> rowMarks(p, rows));
    for (int i = 0; i < values.size(); i++) {
      int index = done[p] + i;
      assertThat(index).as("more than there is: %s", values).isLessThan(expected.size());
      assertThat(values.get(i)).isEqualTo(expected.get(index).value());
      delivered.get(p).add(expected.get(index));
      assertThat(order.maxAgeNanos() == 0 ? Long.MIN_VALUE : saidNanos - order.maxAgeNanos())
          .as("too old")
          .isLessThanOrEqualTo(expected.get(index).appendNanos());
    }
    done[p] += values.size();
    logReadings += values.size();
    assertThat(logReadings).isLessThanOrEqualTo(order.count());
    mark(data.cursor());
  }

  /** Each row has a cursor of its own. */
  private void rowMarks(int p, List<String> cursors) {
    for (int i = 0; i < cursors.size(); i++) {
      marks.add(new Mark(cursors.get(i), doneWith(p, i + 1)));
    }
  }

  private Cell byValue(int p, String value) {
    return world.cells(p).stream().filter(cell -> cell.value().equals(value)).findAny().get();
  }

  private void lost(FeedEvent.Lost lost) {
    int p = lost.partition();
    if (lost.from() == null) {
      assertThat(inSnapshot).isTrue();
      assertThat(lost.reason()).isEqualTo(GapReason.GAP_REASON_TOO_LARGE);
      tooLargeValues[p] += (int) lost.readings();
      return;
    }
    Position from = lost.from().position(p);
    Position to = lost.to().position(p);
    mark(lost.from());
    List<Cell> stored = between(world.cells(p), from, to);
    List<Cell> selected = between(matching(p), from, to);
    if (!isUnreadable(lost.reason())) { // then nobody can tell when it was stored
      assertThat(between(expected(p), from, to)).as("in its end: %s", lost).isEqualTo(selected);
    }
    if (!order.stop().isEmpty()) {
      assertThat(to.offset()).as("%s", lost).isLessThanOrEqualTo(order.stop().get(p).offset());
    }
    List<Cell> sent = List.copyOf(lastValues.get(p));
    lastValues.get(p).clear();
    skips.check(lost, stored, selected, sent);
    done[p] += selected.size();
    mark(lost.to());
  }

  private static boolean isUnreadable(GapReason reason) {
    return reason == GapReason.GAP_REASON_DATA_LOSS || reason == GapReason.GAP_REASON_RETENTION;
  }

  private static List<Cell> between(List<Cell> cells, Position from, Position to) {
    return cells.stream().filter(cell -> !isBefore(cell, from) && isBefore(cell, to)).toList();
  }

  private void phase(FeedEvent.PhaseChanged changed) {
    switch (changed.phase()) {
      case PHASE_SNAPSHOT_BEGIN -> {
        assertThat(inSnapshot).isFalse();
        assertThat(readings).as("nothing before a snapshot").isZero();
        inSnapshot = true;
        return;
      }
      case PHASE_SNAPSHOT_END -> {
        assertThat(inSnapshot).isTrue();
        inSnapshot = false;
        for (int p = 0; p < world.partitions; p++) {
          Position end = changed.cursor().position(p);
          assertThat(end.readingsSeen()).isGreaterThanOrEqualTo(start.position(p).readingsSeen());
          int tooLarge = skips.checkLast(lastValues.get(p), skips.lastValues(p, end.offset()));
          assertThat(tooLarge).isEqualTo(tooLargeValues[p]);
          lastValues.get(p).clear();
          done[p] = between(matching(p), start.position(p), end).size();
        }
      }
      default -> {
        assertThat(changed.phase() == Phase.PHASE_CAUGHT_UP).isNotEqualTo(caughtUp);
        caughtUp = changed.phase() == Phase.PHASE_CAUGHT_UP;
      }
    }
    mark(changed.cursor());
  }

  // ---- what there is

  /** What a partition has that matches, up to the end that was asked for. */
  List<Cell> expected(int p) {
    long stop = order.stop().isEmpty() ? Long.MAX_VALUE : order.stop().get(p).offset();
    return matching(p).stream()
        .filter(cell -> cell.offset() < stop && cell.appendNanos() < order.untilNanos())
        .toList();
  }

  /** What a partition has that matches. */
  List<Cell> matching(int p) {
    Position from = start.position(p);
    return world.cells(p).stream()
        .filter(cell -> !isBefore(cell, from) && matching.test(cell))
        .toList();
  }

  static boolean isBefore(Cell cell, Position position) {
    return cell.offset() < position.offset()
        || cell.offset() == position.offset() && cell.row() < position.rows();
  }

  /** A cursor is behind all that is done and passes over nothing that is not. */
  private void mark(Cursor cursor) {
    for (int p = 0; p < world.partitions; p++) {
      Position position = cursor.position(p);
      long passed = matching(p).stream().filter(cell -> isBefore(cell, position)).count();
      if (!inSnapshot) {
        assertThat(passed).as("cursor of partition %s", p).isEqualTo(done[p]);
      }
      if (position.rows() == 0 && !world.isInDamage(p, position)) {
        assertThat(position.readingsBefore()).isEqualTo(readingsBefore(p, position.offset()));
      }
    }
    marks.add(new Mark(cursor.text(), doneWith(0, 0)));
  }

  /** Readings done per partition, and some more of one. */
  private List<Integer> doneWith(int partition, int more) {
    List<Integer> counts = new ArrayList<>();
    for (int p = 0; p < done.length; p++) {
      counts.add(done[p] + (p == partition ? more : 0));
    }
    return counts;
  }

  private long readingsBefore(int p, long offset) {
    return world.cells(p).stream().filter(cell -> cell.offset() < offset).count();
  }

  // ---- rest

  /** Runs everything until nothing moves any more but a timer that repeats. */
  void settle() {
    int timers = 0;
    boolean moved = true;
    while (moved) {
      while (runnable) {
        pull();
      }
      moved =
          world.context.world.run()
              || world.context.loop.runOne()
              || world.context.catchUp.runOne()
              || timers++ < 8 && world.advanceToTimer();
      assertThat(world.context.catchUp.size()).as("one fetch at a time").isLessThanOrEqualTo(1);
    }
  }

  /** At rest, there must be a reason to rest. */
  void checkRest() {
    if (ended != null || !mayStart()) {
      return;
    }
    assertThat(caughtUp).as("told that it caught up").isTrue();
    for (int p = 0; p < world.partitions; p++) {
      assertThat(done[p]).as("of partition %s", p).isEqualTo(matching(p).size());
      assertThat(feed.cursor().position(p).offset()).isEqualTo(world.topic.heads().get(p).offset());
    }
    assertThat(feed.lagReadings()).isZero();
  }

  /** It ended for a reason. */
  void checkEnd() {
    if (ended == null) {
      return;
    }
    if (ended.reason() == EndReason.END_REASON_LAGGED) {
      assertThat(order.overflow().policy()).isEqualTo(OverflowRule.Policy.END);
      skips.checkLagging(ended.cursor());
      return;
    }
    assertThat(ended.reason())
        .as("%s", ended.fault())
        .isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    boolean all = true;
    for (int p = 0; p < world.partitions; p++) {
      all &= done[p] >= expected(p).size();
    }
    boolean timely = !order.stop().isEmpty() || order.untilNanos() <= world.nowNanos();
    assertThat(logReadings == order.count() || timely && all)
        .as("ended after %s of %s, %s", logReadings, order.count(), Arrays.toString(done))
        .isTrue();
  }
}
