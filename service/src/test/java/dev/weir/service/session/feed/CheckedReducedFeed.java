package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;

/**
 * One feed in a reduced mode, every word of which is checked: where it follows its view, against
 * what the view must have sent since it began; behind it, against a fresh state. Owned by one test.
 */
final class CheckedReducedFeed {
  private final RandomFeedFixture world;
  private final Subscription asked;
  private final FeedSpec order;
  private final MatchingReadings matching;
  private final Feed feed;
  private final FeedParser parser;
  private final List<Position> viewBegin;
  private final List<List<Cell>> snapshot = new ArrayList<>();
  private final List<ReducedModeModel> own = new ArrayList<>();
  private Cursor at;
  private boolean follows;
  private boolean inSnapshot;
  private boolean counting;
  private long received;
  private long owed;
  int snapshots;
  boolean runnable = true;
  boolean caughtUp;

  /**
   * @param viewBegin where the view began; null if this is its first subscriber, at the head
   */
  CheckedReducedFeed(
      RandomFeedFixture world, Subscription asked, FeedFormat shape, List<Position> viewBegin) {
    this.world = world;
    this.asked = asked;
    this.order = SubscriptionResolver.of(world.context.context, asked, shape);
    this.matching = new MatchingReadings(world, asked);
    this.feed =
        new Feed(
            FeedSetting.of(
                world.context.context, world.context.loop, 400, () -> true, () -> runnable = true),
            order,
            SubscriptionCredit.unlimited());
    this.parser = new FeedParser(world, order, feed);
    this.viewBegin = viewBegin == null ? world.topic.heads() : viewBegin;
    this.at = order.start();
    this.counting = !order.fresh();
    for (int p = 0; p < world.partitions; p++) {
      snapshot.add(new ArrayList<>());
    }
    fresh();
  }

  Feed feed() {
    return feed;
  }

  List<Position> viewBegin() {
    return viewBegin;
  }

  private void fresh() {
    own.clear();
    for (int p = 0; p < world.partitions; p++) {
      own.add(new ReducedModeModel(asked));
    }
  }

  /** Lets the feed say one thing; false if it has nothing to say. */
  boolean pull() {
    FeedEvent said = runnable ? feed.next() : null;
    if (said == null) {
      runnable = false;
      return false;
    }
    if (said instanceof FeedEvent.Data data) {
      data(data);
    } else if (said instanceof FeedEvent.PhaseChanged changed) {
      phase(changed);
    } else {
      assertThat(said).isInstanceOf(FeedEvent.Progressed.class);
    }
    return true;
  }

  private void data(FeedEvent.Data data) {
    int p = data.partition();
    List<String> values = parser.values(data, cursors -> {});
    if (data.cursor() == null) {
      assertThat(inSnapshot).isTrue();
      for (String value : values) {
        snapshot.get(p).add(byValue(p, value));
      }
      return;
    }
    assertThat(inSnapshot).isFalse();
    Position to = data.cursor().position(p);
    List<Cell> range = between(p, at.position(p), to);
    List<String> expected = new ArrayList<>();
    List<Cell> sent = follows ? viewSent(p, to.offset() + (to.rows() > 0 ? 1 : 0)) : List.of();
    for (Cell cell : range) {
      if (follows ? sent.contains(cell) : own.get(p).takes(cell)) {
        expected.add(cell.value());
      }
    }
    assertThat(values).as("%s %s to %s", follows ? "view" : "own", at, to).isEqualTo(expected);
    received += values.size();
    passTo(data.cursor());
  }

  private void passTo(Cursor to) {
    for (int p = 0; p < world.partitions; p++) {
      owed += counting ? between(p, at.position(p), to.position(p)).size() : 0;
    }
    at = to;
  }

  private void phase(FeedEvent.PhaseChanged changed) {
    switch (changed.phase()) {
      case PHASE_SNAPSHOT_BEGIN -> inSnapshot = true;
      case PHASE_SNAPSHOT_END -> {
        assertThat(inSnapshot).isTrue();
        for (int p = 0; p < world.partitions; p++) {
          assertThat(snapshot.get(p))
              .as("what the view sent last as of %s", changed.cursor())
              .containsExactlyInAnyOrderElementsOf(
                  view(p, changed.cursor().position(p).offset(), new ArrayList<>()).sent());
          snapshot.get(p).clear();
        }
        passTo(changed.cursor());
        inSnapshot = false;
        follows = true;
        counting = true;
        snapshots++;
      }
      case PHASE_FELL_BEHIND -> {
        assertThat(caughtUp).isTrue();
        passTo(changed.cursor());
        caughtUp = false;
        follows = false;
        fresh();
      }
      default -> {
        assertThat(caughtUp).isFalse();
        assertThat(follows).as("caught up with its view").isTrue();
        caughtUp = true;
      }
    }
  }

  /** The state of the view at a record, and what it sent until then. */
  private ReducedModeModel view(int p, long endOffset, List<Cell> sent) {
    ReducedModeModel fold = new ReducedModeModel(asked);
    world.lastValues(p, viewBegin.get(p).offset()).values().stream()
        .filter(matching::test)
        .forEach(fold::seed);
    for (Cell cell : world.cells(p)) {
      boolean seen = cell.offset() >= viewBegin.get(p).offset() && cell.offset() < endOffset;
      if (seen && matching.test(cell) && fold.takes(cell)) {
        sent.add(cell);
      }
    }
    return fold;
  }

  private List<Cell> viewSent(int p, long endOffset) {
    List<Cell> sent = new ArrayList<>();
    view(p, endOffset, sent);
    return sent;
  }

  private List<Cell> between(int p, Position from, Position to) {
    return world.cells(p).stream()
        .filter(matching::test)
        .filter(cell -> !CheckedFeed.isBefore(cell, from) && CheckedFeed.isBefore(cell, to))
        .toList();
  }

  private Cell byValue(int p, String value) {
    return world.cells(p).stream().filter(cell -> cell.value().equals(value)).findAny().get();
  }

  /** Runs everything until this feed has nothing more to say. */
  void settle() {
    boolean moved = true;
    while (moved) {
      moved =
          pull()
              || world.context.world.run()
              || world.context.loop.runOne()
              || world.context.catchUp.runOne()
              || world.advanceToTimer();
    }
  }

  /** At rest, all there is was delivered, or counted as held back. */
  void checkRest() {
    assertThat(caughtUp).isTrue();
    assertThat(feed.atHead()).isTrue();
    passTo(feed.cursor());
    assertThat(received + FeedMessages.progress(feed).getSuppressedReadings())
        .as("received %s of %s", received, owed)
        .isEqualTo(owed);
  }
}
