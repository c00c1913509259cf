package dev.weir.service.sim;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.v1.Delivery;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Overflow;
import dev.weir.v1.Reading;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one subscription was told, checked word by word: each reading that matches is delivered
 * next, or lies in exactly one gap, or before the end of a snapshot. Owned by one world.
 */
final class DeliveryCheck {
  private final SimWorld world;
  private final InvariantLedger book;
  private final Set<String> selected;
  private final boolean every;
  private final boolean conflates;
  private final boolean drops;
  private final int[] next; // per partition the first cell not done
  private final int[] begun; // where this subscription began
  private final List<List<Long>> lastValues = new ArrayList<>();
  private final Map<Integer, Long> heights = new HashMap<>(); // last delivered, by sensor
  private boolean inSnapshot;
  private boolean passedOver; // last values may be older than retention took

  /**
   * @param selected names; null for all
   */
  DeliveryCheck(SimWorld world, Subscription asked, Set<String> selected) {
    this.world = world;
    this.book = world.book;
    this.selected = selected == null ? null : new TreeSet<>(selected);
    this.every = asked.getModeValue() == 0;
    this.conflates = asked.getOverflow() == Overflow.OVERFLOW_CONFLATE;
    this.drops = asked.getOverflow() == Overflow.OVERFLOW_DROP_OLDEST;
    this.next = new int[world.partitions()];
    this.begun = new int[world.partitions()];
    for (int p = 0; p < next.length; p++) {
      lastValues.add(new ArrayList<>());
    }
  }

  private boolean matches(StoredReading cell) {
    return selected == null || selected.contains(book.name(cell.sensor()));
  }

  private List<StoredReading> cells(int p) {
    return book.partition(p).cells();
  }

  // ---- where it is

  /** It begins behind a cursor, wherever that is. */
  void beginAt(Cursor start) {
    begin();
    for (int p = 0; p < next.length; p++) {
      book.partition(p).check(start.position(p));
      next[p] = book.partition(p).index(start.position(p));
      begun[p] = next[p];
    }
  }

  /** It begins again where it ended: what was told without a cursor is told again. */
  void resumeAt(Cursor start) {
    begin();
    cursor(start, "goes on");
  }

  private void begin() {
    inSnapshot = false;
    lastValues.forEach(List::clear);
  }

  /** A cursor passes over nothing that is not done, and goes back behind nothing that is. */
  private void cursor(Cursor told, Object why) {
    for (int p = 0; p < next.length; p++) {
      Position position = told.position(p);
      book.partition(p).check(position);
      int index = book.partition(p).index(position);
      int done = lastMatch(p);
      if (index < done) {
        book.fail(
            "%s: the cursor is at %s of partition %s, done %s: %s", this, index, p, done, why);
      }
      pass(p, index, why);
    }
  }

  /** Cells up to the last that was done. */
  private int lastMatch(int p) {
    int done = next[p];
    while (done > 0 && done > begun[p] && !matches(cells(p).get(done - 1))) {
      done--;
    }
    return done;
  }

  private void pass(int p, int index, Object why) {
    for (; next[p] < index; next[p]++) {
      StoredReading cell = cells(p).get(next[p]);
      if (every && matches(cell)) {
        book.fail("%s: %s of partition %s is passed over by %s", this, cell, p, why);
        return;
      }
    }
  }

  /** It was told where it stands; false inside of last values, where that is nowhere yet. */
  boolean standsAt(Cursor told, Object why) {
    boolean somewhere = !inSnapshot && lastValues.stream().allMatch(List::isEmpty);
    if (somewhere) {
      cursor(told, why);
    }
    return somewhere;
  }

  // ---- what it is told

  /** Values in order, with the cursor behind them. */
  void delivered(Delivery told, List<Long> values, Cursor behind) {
    int p = told.getPartition();
    if (told.getChargedReadings() != values.size()) {
      book.fail("%s: charged for %s of %s", this, told.getChargedReadings(), values.size());
    }
    if (behind == null) {
      lastValues.get(p).addAll(values);
      return;
    }
    if (inSnapshot) {
      book.fail("%s: %s inside of a snapshot", this, told);
    }
    if (lastValues.stream().anyMatch(list -> !list.isEmpty())) {
      book.fail("%s: last values without a gap behind them", this);
    }
    for (long value : values) {
      delivered(p, value);
    }
    rows(told, p);
    cursor(behind, "a delivery");
  }

  private void delivered(int p, long value) {
    List<StoredReading> cells = cells(p);
    int at = next[p];
    while (at < cells.size()
        && !(every ? matches(cells.get(at)) : cells.get(at).value() == value)) {
      at++;
    }
    if (at == cells.size()) {
      book.fail(
          "%s: %s of partition %s is more than there is",
          this, book.sent(SentBatch.idOf(value)), p);
    } else if (cells.get(at).value() != value || !matches(cells.get(at))) {
      String due = book.sent(SentBatch.idOf(cells.get(at).value())) + " at " + cells.get(at);
      book.fail("%s: %s instead of %s", this, book.sent(SentBatch.idOf(value)), due);
    } else {
      heights.put(cells.get(at).sensor(), SentBatch.heightOf(value));
      next[p] = at + 1;
    }
  }

  /** Each row says where the next one is. */
  private void rows(Delivery told, int p) {
    int rows = told.getReadingsCount();
    if (rows == 0 || !every) {
      return;
    }
    Reading last = told.getReadings(rows - 1);
    Cursor cursor = Cursor.parse(last.getCursor()).orElse(null);
    if (cursor == null || book.partition(p).index(cursor.position(p)) != next[p]) {
      book.fail("%s: the last row of %s is not where its cursor says", this, told);
    }
  }

  /** A gap from one cursor to another. */
  void gap(Gap told, Cursor from, Cursor to) {
    int p = told.getPartition();
    if (from == null) {
      passedOver |= told.getReason() == GapReason.GAP_REASON_RETENTION;
      return;
    }
    List<Long> sent = List.copyOf(lastValues.get(p));
    lastValues.get(p).clear();
    cursor(from, told);
    CommittedHistory kept = book.partition(p);
    kept.check(to.position(p));
    int end = kept.index(to.position(p));
    if (end < next[p]) { // of records without readings a gap may be empty
      book.fail("%s: %s ends at %s, done is %s", this, told, end, next[p]);
      return;
    }
    long count = told.getUpperBound() ? end - next[p] : matching(p, next[p], end);
    if (told.getReadings() != count - sent.size()) {
      book.fail("%s: %s counts %s, there are %s", this, told, told.getReadings(), count);
    }
    reason(told, p, end);
    if (told.getReason() == GapReason.GAP_REASON_CONFLATED) {
      conflated(p, next[p], to, sent);
    } else if (!sent.isEmpty() && told.getReason() != GapReason.GAP_REASON_RETENTION) {
      book.fail("%s: last values before %s", this, told);
    }
    next[p] = end;
    cursor(to, told);
  }

  private long matching(int p, int from, int to) {
    return cells(p).subList(from, to).stream().filter(this::matches).count();
  }

  private void reason(Gap told, int p, int end) {
    boolean right =
        switch (told.getReason()) {
          case GAP_REASON_RETENTION, GAP_REASON_CURSOR_EXPIRED ->
              conflates || end == next[p] || cells(p).get(end - 1).offset() < world.startOffset(p);
          case GAP_REASON_DROPPED -> drops;
          case GAP_REASON_CONFLATED -> conflates;
          default -> false;
        };
    if (!right) {
      book.fail("%s: no reason for %s; the log begins at %s", this, told, world.startOffset(p));
    }
  }

  /** What was sent instead is the last value of every sensor that changed. */
  private void conflated(int p, int from, Cursor to, List<Long> sent) {
    int end = book.partition(p).index(to.position(p));
    Map<Integer, StoredReading> last = lastValues(p, end);
    last.values().removeIf(cell -> isBefore(p, cell, from));
    same(last, sent, "conflated");
  }

  private boolean isBefore(int p, StoredReading cell, int index) {
    return book.partition(p).index(new Position(0, cell.offset(), 0, cell.row())) < index;
  }

  private Map<Integer, StoredReading> lastValues(int p, int end) {
    Map<Integer, StoredReading> last = new HashMap<>();
    for (StoredReading cell : cells(p).subList(0, end)) {
      if (matches(cell)) {
        last.merge(
            cell.sensor(), cell, (old, now) -> now.timeNanos() >= old.timeNanos() ? now : old);
      }
    }
    return last;
  }

  private void same(Map<Integer, StoredReading> last, List<Long> sent, String what) {
    Set<Long> expected = new TreeSet<>();
    last.values().forEach(cell -> expected.add(cell.value()));
    Set<Long> told = new TreeSet<>(sent);
    if (told.size() != sent.size() || !passedOver && !told.equals(expected)) {
      book.fail("%s: %s %s, expected %s", this, what, sent, last);
    }
    last.forEach((sensor, cell) -> heights.put(sensor, SentBatch.heightOf(cell.value())));
  }

  void snapshotBegins() {
    if (inSnapshot) {
      book.fail("%s: a snapshot in a snapshot", this);
    }
    inSnapshot = true;
  }

  /** The snapshot is everything before a cursor. */
  void snapshotEnds(Cursor end) {
    if (!inSnapshot) {
      book.fail("%s: the end of no snapshot", this);
    }
    inSnapshot = false;
    for (int p = 0; p < next.length; p++) {
      CommittedHistory kept = book.partition(p);
      kept.check(end.position(p));
      int index = kept.index(end.position(p));
      if (index < next[p]) {
        book.fail("%s: a snapshot as of %s of partition %s, done %s", this, index, p, next[p]);
      }
      if (every) {
        same(lastValues(p, index), lastValues.get(p), "snapshot");
      } else {
        for (long value : lastValues.get(p)) {
          view(p, value, index);
        }
      }
      lastValues.get(p).clear();
      next[p] = index;
    }
  }

  /** One value of those that a view has sent last. */
  private void view(int p, long value, int end) {
    for (StoredReading cell : cells(p).subList(0, end)) {
      if (cell.value() == value && matches(cell)) {
        heights.put(cell.sensor(), SentBatch.heightOf(value));
        return;
      }
    }
    book.fail("%s: %s in a snapshot as of %s", this, book.sent(SentBatch.idOf(value)), end);
  }

  // ---- at rest

  /** Returns whether everything committed is done; a reduced mode does not say. */
  boolean atEnd() {
    if (!every) {
      return !inSnapshot;
    }
    for (int p = 0; p < next.length; p++) {
      int last = cells(p).size();
      while (last > next[p] && !matches(cells(p).get(last - 1))) {
        last--;
      }
      if (next[p] < last) {
        return false;
      }
    }
    return !inSnapshot;
  }

  /** A subscriber to changes has of every sensor a value that is near enough to the last one. */
  void checkChanges(double deadBand) {
    for (int p = 0; p < next.length; p++) {
      Map<Integer, StoredReading> newest =
          lastValues(p, cells(p).size()); // what a view begins with
      Map<Integer, StoredReading> last = new HashMap<>();
      for (StoredReading cell : cells(p).subList(begun[p], cells(p).size())) {
        if (matches(cell)) {
          last.put(cell.sensor(), cell);
        }
      }
      last.forEach(
          (sensor, cell) -> {
            if (!isNear(cell, deadBand) && !isNear(newest.get(sensor), deadBand)) {
              book.fail("%s: %s, told %s", this, cell, heights.get(sensor));
            }
          });
    }
  }

  private boolean isNear(StoredReading cell, double deadBand) {
    Long told = heights.get(cell.sensor());
    return told != null && Math.abs(told - SentBatch.heightOf(cell.value())) <= deadBand;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("subscription of ");
    text.append(selected == null ? "all" : selected).append(every ? "" : ", reduced").append(" at");
    for (int p = 0; p < next.length; p++) {
      text.append(' ').append(next[p]).append('/').append(cells(p).size());
    }
    return text.toString();
  }
}
