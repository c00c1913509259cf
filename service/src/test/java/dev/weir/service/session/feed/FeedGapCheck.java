package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.log.LogRecord;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.GapReason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Checks that a feed skips only what it may, and counts it right. Owned by one test. */
final class FeedGapCheck {
  /** What a reading has besides its value, at most, in bytes. */
  private static final int AROUND_VALUE_BYTES = 400;

  private final RandomFeedFixture world;
  private final FeedSpec order;
  private final MatchingReadings matching;

  FeedGapCheck(RandomFeedFixture world, FeedSpec order, MatchingReadings matching) {
    this.world = world;
    this.order = order;
    this.matching = matching;
  }

  /** The last values that match, as of a record. */
  Collection<Cell> lastValues(int partition, long endOffset) {
    return world.lastValues(partition, endOffset).values().stream().filter(matching::test).toList();
  }

  /**
   * Checks a gap.
   *
   * @param stored readings in it
   * @param selected those of them that match
   * @param sent last values that were sent instead
   */
  void check(FeedEvent.Lost lost, List<Cell> stored, List<Cell> selected, List<Cell> sent) {
    int p = lost.partition();
    Position to = lost.to().position(p);
    boolean exact = lost.exact() || order.takesAll();
    if (!world.isInDamage(p, to) && !world.isInDamage(p, lost.from().position(p))) {
      assertThat(lost.readings())
          .as("%s", lost)
          .isEqualTo((exact ? selected : stored).size() - sent.size());
    }
    switch (lost.reason()) {
      case GAP_REASON_DATA_LOSS -> assertThat(stored).allMatch(cell -> world.isDamaged(p, cell));
      case GAP_REASON_RETENTION, GAP_REASON_CURSOR_EXPIRED ->
          assertThat(stored).allMatch(cell -> cell.offset() < world.log(p).startOffset());
      case GAP_REASON_TOO_OLD -> checkOlder(lost, stored, world.nowNanos() - order.maxAgeNanos());
      case GAP_REASON_TOO_LARGE -> {
        assertThat(selected).as("one at a time").hasSize(1);
        assertThat(isLarge(selected.get(0))).isTrue();
      }
      case GAP_REASON_DROPPED -> dropped(lost, stored);
      case GAP_REASON_CONFLATED -> {
        assertThat(order.overflow().policy()).isEqualTo(OverflowRule.Policy.CONFLATE);
        Position from = lost.from().position(p);
        List<Cell> changed =
            lastValues(p, to.offset()).stream()
                .filter(cell -> !CheckedFeed.isBefore(cell, from))
                .toList();
        checkLast(sent, changed);
      }
      default -> throw new AssertionError("no reason for " + lost);
    }
    if (lost.reason() != GapReason.GAP_REASON_CONFLATED) {
      assertThat(sent).isEmpty();
    }
  }

  /**
   * Returns whether these are the last values that were sent. Returns how many were too large to
   * be.
   */
  int checkLast(Collection<Cell> sent, Collection<Cell> last) {
    List<Cell> missing = new ArrayList<>(last);
    missing.removeAll(sent);
    assertThat(missing).as("of %s, sent %s", last, sent).allMatch(this::isLarge);
    assertThat(sent).doesNotHaveDuplicates().hasSize(last.size() - missing.size());
    return missing.size();
  }

  private boolean isLarge(Cell cell) {
    return order.messageBytesMax() > 0
        && cell.value().length() + AROUND_VALUE_BYTES
            > order.messageBytesMax() - FeedSpec.AROUND_BYTES;
  }

  private void dropped(FeedEvent.Lost lost, List<Cell> stored) {
    OverflowRule overflow = order.overflow();
    assertThat(overflow.policy()).isEqualTo(OverflowRule.Policy.DROP_OLDEST);
    assertThat(lags(lost.partition(), lost.from())).as("lags at %s", lost).isTrue();
    if (overflow.maxNanos() > 0) {
      checkOlder(lost, stored, world.nowNanos() - overflow.maxNanos() / 2);
    } else if (overflow.maxReadings() > 0 && isWhole(lost.partition())) {
      long half = overflow.maxReadings() / 2;
      long head = readingsToDeliver(lost.partition());
      long to = lost.to().position(lost.partition()).readingsSeen();
      long from = lost.from().position(lost.partition()).readingsSeen();
      assertThat(to).isBetween(from + 1 + overflow.maxReadings() - half, head - half);
    }
  }

  /** What retention took meanwhile may be among them, and what is damaged, up to its end. */
  private void checkOlder(FeedEvent.Lost lost, List<Cell> stored, long oldestNanos) {
    int p = lost.partition();
    long kept = world.log(p).startOffset();
    assertThat(stored)
        .as("older than %s: %s", oldestNanos, lost)
        .allMatch(
            cell ->
                cell.appendNanos() < oldestNanos
                    || cell.offset() < kept
                    || world.isDamaged(p, cell));
  }

  private boolean isWhole(int partition) {
    return world.damaged.get(partition).isEmpty() && world.log(partition).startOffset() == 0;
  }

  /** It may skip: somewhere it is too far behind. */
  void checkLagging(Cursor cursor) {
    boolean any = false;
    for (int p = 0; p < world.partitions; p++) {
      any |= lags(p, cursor);
    }
    assertThat(any).as("lags at %s", cursor).isTrue();
  }

  /** Running count of readings behind which a feed delivers nothing. */
  private long readingsToDeliver(int partition) {
    long stop = order.stop().isEmpty() ? Long.MAX_VALUE : order.stop().get(partition).offset();
    long readings = 0;
    for (LogRecord record : world.log(partition).records()) {
      if (record.offset() < stop && record.appendTimeNanos() < order.untilNanos()) {
        readings = record.readingsAfter();
      }
    }
    return readings;
  }

  private boolean lags(int partition, Cursor cursor) {
    Position at = cursor.position(partition);
    List<LogRecord> records = world.log(partition).records();
    if (at.offset() >= records.size()) {
      return false;
    }
    OverflowRule overflow = order.overflow();
    if (overflow.maxReadings() > 0) {
      return readingsToDeliver(partition) - at.readingsSeen() > overflow.maxReadings();
    }
    return overflow.maxNanos() > 0
        ? records.get((int) at.offset()).appendTimeNanos() < world.nowNanos() - overflow.maxNanos()
        : world.topic.partitions().get(partition).tail().get(at.offset()) == null;
  }
}
