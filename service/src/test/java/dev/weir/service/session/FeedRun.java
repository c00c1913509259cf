package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.credit.Credit;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.session.FeedWorld.Cell;
import dev.weir.service.wire.Frame;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.EndReason;
import dev.weir.v1.Phase;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One feed, every word of which is checked against what is stored. Owned by one test. */
final class FeedRun {
  /**
   * A cursor that a client may come back with.
   *
   * @param text of it
   * @param delivered readings per partition up to there
   */
  record Mark(String text, List<Integer> delivered) {}

  private final FeedWorld world;
  private final Feed.Order order;
  private final Credit credit;
  private final Feed feed;
  private final Announcer announcer;
  private final Map<Integer, String> told = new HashMap<>();
  private final Position[] at;
  private final int[] delivered;
  private long readings;
  final List<Mark> marks = new ArrayList<>();
  final List<List<Cell>> got = new ArrayList<>();
  boolean runnable = true;
  boolean caughtUp;
  Emission.Ended ended;

  FeedRun(FeedWorld world, Feed.Order order, int bytesMax, Credit credit) {
    this.world = world;
    this.order = order;
    this.credit = credit;
    this.announcer = new Announcer(world.topic);
    this.at = order.start().positions().toArray(Position[]::new);
    this.delivered = new int[world.partitions];
    for (int p = 0; p < world.partitions; p++) {
      got.add(new ArrayList<>());
    }
    this.feed = world.feed(order, bytesMax, credit, () -> runnable = true);
  }

  Feed feed() {
    return feed;
  }

  /** Lets the feed say one thing, if it may. */
  void pull() {
    if (!runnable) {
      return;
    }
    boolean mayStart = credit.mayStart();
    long readingsBefore = readings;
    Emission said = feed.next();
    if (said == null) {
      runnable = false;
      return;
    }
    assertThat(ended).as("nothing behind the end, such as %s", said).isNull();
    if (said instanceof Emission.Data data) {
      assertThat(mayStart).as("a delivery started beyond its credit").isTrue();
      data(data);
    } else if (said instanceof Emission.Lost lost) {
      lost(lost);
    } else if (said instanceof Emission.PhaseChanged changed) {
      assertThat(changed.phase() == Phase.PHASE_CAUGHT_UP).isNotEqualTo(caughtUp);
      caughtUp = changed.phase() == Phase.PHASE_CAUGHT_UP;
      mark(changed.cursor());
    } else if (said instanceof Emission.Ended end) {
      ended = end;
      mark(end.cursor());
      assertThat(end.reason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    } else {
      mark(feed.cursor());
    }
    assertThat(readings).isLessThanOrEqualTo(order.count());
    assertThat(readings - readingsBefore).isGreaterThanOrEqualTo(0);
  }

  private void lost(Emission.Lost lost) {
    int p = lost.partition();
    Position from = lost.from().position(p);
    Position to = lost.to().position(p);
    mark(lost.from());
    assertThat(to.readingsSeen() - from.readingsSeen()).isEqualTo(lost.readings());
    long missing = 0;
    for (Cell cell : world.cells(p)) {
      if (!isBefore(cell, from) && isBefore(cell, to)) {
        assertThat(world.isDamaged(p, cell))
            .as("only what is damaged is lost, not %s: %s", cell, lost)
            .isTrue();
        missing++;
      }
    }
    assertThat(lost.readings()).as("a gap is exact").isEqualTo(missing);
    at[p] = to;
    mark(lost.to());
  }

  private void data(Emission.Data data) {
    int p = data.partition();
    List<Cell> cells = decode(data);
    assertThat(cells).hasSize((int) data.readings()).isNotEmpty();
    readings += data.readings();
    got.get(p).addAll(cells);
    delivered[p] += cells.size();
    at[p] = data.cursor().position(p);
    mark(data.cursor());
  }

  /** The cells of a delivery, each the next one that matches. */
  private List<Cell> decode(Emission.Data data) {
    return order.shape() == Shape.COLUMNS ? columns(data) : rows(data);
  }

  private List<Cell> columns(Emission.Data data) {
    for (Frame sensors : announcer.before(data.partition(), data.batches())) {
      for (Sensor sensor : parse(sensors).getSensors().getSensorsList()) {
        assertThat(told.put(sensor.getId(), sensor.getName())).as("told once").isNull();
      }
    }
    List<Cell> cells = new ArrayList<>();
    for (Batch batch : delivery(data).getBatchesList()) {
      for (Cell cell : FeedWorld.cells(batch, 0)) {
        assertThat(told.get(cell.sensor()))
            .as("told before it is used")
            .isEqualTo(world.topic.sensors().byId(cell.sensor()).name());
        cells.add(next(data.partition(), cell.value(), cells.size()));
      }
    }
    return cells;
  }

  private List<Cell> rows(Emission.Data data) {
    List<Reading> rows =
        order.shape() == Shape.ROWS ? delivery(data).getReadingsList() : page(data);
    List<Cell> cells = new ArrayList<>();
    for (Reading row : rows) {
      String value = row.hasInteger() ? "v" + row.getInteger() : row.getText();
      Cell cell = next(data.partition(), value, cells.size());
      assertThat(row.getSensor()).isEqualTo(world.topic.sensors().byId(cell.sensor()).name());
      cells.add(cell);
      marks.add(new Mark(row.getCursor(), deliveredWith(data.partition(), cells.size())));
    }
    return cells;
  }

  private Delivery delivery(Emission.Data data) {
    Delivery delivery = parse(Words.of(5, feed, data)).getDelivery();
    assertThat(delivery.getChargedReadings()).isEqualTo(data.readings());
    assertThat(delivery.getChargedBytes()).isEqualTo(data.bytes());
    assertThat(delivery.getCursor()).isEqualTo(data.cursor().text());
    assertThat(delivery.getPartition()).isEqualTo(data.partition());
    return delivery;
  }

  private static SubscribeResponse parse(Frame frame) {
    var bytes = new ByteArrayOutputStream();
    try {
      frame.writeTo(bytes);
      return SubscribeResponse.parseFrom(bytes.toByteArray());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static List<Reading> page(Emission.Data data) {
    var bytes = new ByteArrayOutputStream();
    data.parts().forEach(part -> bytes.write(part.array(), part.offset(), part.length()));
    try {
      return ReadResponse.parseFrom(bytes.toByteArray()).getReadingsList();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The n-th reading behind what was delivered must have this value. */
  private Cell next(int p, String value, int n) {
    List<Cell> expected = expected(p);
    int index = delivered[p] + n;
    assertThat(index).as("more than there is: %s", value).isLessThan(expected.size());
    assertThat(expected.get(index).value()).isEqualTo(value);
    return expected.get(index);
  }

  /** What a partition has for this feed, damage aside. */
  List<Cell> expected(int p) {
    Position start = order.start().position(p);
    long stop = order.stop().isEmpty() ? Long.MAX_VALUE : order.stop().get(p).offset();
    return world.cells(p).stream()
        .filter(cell -> !isBefore(cell, start) && cell.offset() < stop)
        .filter(cell -> order.selection().test(cell.sensor()) && !world.isDamaged(p, cell))
        .toList();
  }

  private static boolean isBefore(Cell cell, Position position) {
    return cell.offset() < position.offset()
        || cell.offset() == position.offset() && cell.row() < position.rows();
  }

  /** A cursor is behind all that was delivered and passes over nothing that was not. */
  private void mark(Cursor cursor) {
    for (int p = 0; p < world.partitions; p++) {
      Position position = cursor.position(p);
      List<Cell> expected = expected(p);
      long passed = expected.stream().filter(cell -> isBefore(cell, position)).count();
      assertThat(passed).as("cursor of partition %s", p).isEqualTo(delivered[p]);
      if (position.rows() == 0) {
        assertThat(position.readingsBefore()).isEqualTo(readingsBefore(p, position.offset()));
      }
    }
    marks.add(new Mark(cursor.text(), deliveredWith(0, 0)));
  }

  /** Readings delivered per partition, and some more of one. */
  private List<Integer> deliveredWith(int partition, int more) {
    List<Integer> counts = new ArrayList<>();
    for (int p = 0; p < delivered.length; p++) {
      counts.add(delivered[p] + (p == partition ? more : 0));
    }
    return counts;
  }

  private long readingsBefore(int p, long offset) {
    return world.cells(p).stream().filter(cell -> cell.offset() < offset).count();
  }

  /** Runs everything until nothing moves any more. */
  void settle() {
    boolean moved = true;
    while (moved) {
      while (runnable) {
        pull();
      }
      moved =
          world.world.run()
              || world.loop.runOne()
              || world.catchUp.runOne()
              || world.loop.advanceToTimer();
      assertThat(world.catchUp.size()).as("one fetch at a time").isLessThanOrEqualTo(1);
    }
  }

  /** At rest, there must be a reason to rest. */
  void checkRest() {
    if (ended != null || !credit.mayStart()) {
      return;
    }
    assertThat(caughtUp).as("told that it caught up").isTrue();
    for (int p = 0; p < world.partitions; p++) {
      assertThat(delivered[p]).as("of partition %s", p).isEqualTo(expected(p).size());
      assertThat(feed.cursor().position(p).offset()).isEqualTo(world.topic.heads().get(p).offset());
    }
    assertThat(Feeds.lag(feed)).isZero();
  }

  /** It ended for a reason. */
  void checkEnd() {
    if (ended == null) {
      return;
    }
    boolean all = true;
    for (int p = 0; p < world.partitions; p++) {
      all &= delivered[p] == expected(p).size();
    }
    assertThat(readings == order.count() || !order.stop().isEmpty() && all)
        .as("ended after %s of %s, %s", readings, order.count(), Arrays.toString(delivered))
        .isTrue();
  }
}
