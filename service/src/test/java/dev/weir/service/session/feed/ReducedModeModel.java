package dev.weir.service.session.feed;

import com.google.protobuf.Duration;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.v1.Direction;
import dev.weir.v1.Subscription;
import dev.weir.v1.Threshold;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A reduced mode as its definition reads, for integers and texts: what it sends of the readings it
 * is shown. Owned by one test.
 */
final class ReducedModeModel {
  /** A cell that was sent, and when; without a time where it only counts as sent. */
  private record Sent(Cell cell, Long appendNanos) {}

  private final Subscription asked;
  private final Map<Integer, Sent> sent = new HashMap<>();
  private final Map<Integer, Boolean> over = new HashMap<>();

  ReducedModeModel(Subscription asked) {
    this.asked = asked;
  }

  /** Counts a reading as sent, at a time that is not known. */
  void seed(Cell cell) {
    sent.put(cell.sensor(), new Sent(cell, null));
    over.put(cell.sensor(), isOver(null, cell));
  }

  /** The last reading sent of each sensor. */
  List<Cell> sent() {
    return sent.values().stream().map(Sent::cell).toList();
  }

  /** Returns whether a reading is sent. */
  boolean takes(Cell cell) {
    Sent last = sent.get(cell.sensor());
    boolean takes =
        last == null
            || switch (asked.getMode()) {
              case MODE_ON_CHANGE -> changes(last, cell);
              case MODE_SAMPLE -> last.appendNanos() == null || interval(last) != interval(cell);
              default -> crosses(cell);
            };
    over.put(cell.sensor(), isOver(over.get(cell.sensor()), cell));
    if (takes) {
      sent.put(cell.sensor(), new Sent(cell, cell.appendNanos()));
    } else if (last.appendNanos() == null) {
      sent.put(cell.sensor(), new Sent(last.cell(), cell.appendNanos()));
    }
    return takes;
  }

  private static long nanos(Duration duration) {
    return duration.getSeconds() * 1_000_000_000 + duration.getNanos();
  }

  private boolean changes(Sent last, Cell cell) {
    long silence = nanos(asked.getOnChange().getMaxSilence());
    boolean silent =
        silence > 0
            && last.appendNanos() != null
            && cell.appendNanos() - last.appendNanos() >= silence;
    boolean differs =
        cell.isText()
            ? !cell.value().equals(last.cell().value())
            : Math.abs(number(cell) - number(last.cell())) > asked.getOnChange().getDeadBand();
    return silent || differs;
  }

  private long interval(Sent of) {
    return Math.floorDiv(of.appendNanos(), nanos(asked.getSample().getInterval()));
  }

  private long interval(Cell of) {
    return Math.floorDiv(of.appendNanos(), nanos(asked.getSample().getInterval()));
  }

  private boolean crosses(Cell cell) {
    boolean before = over.get(cell.sensor());
    boolean now = isOver(before, cell);
    return now != before && (now || isBoth());
  }

  private boolean isBoth() {
    return asked.getThreshold().getDirectionValue() == Direction.DIRECTION_UNSPECIFIED_VALUE
        || asked.getThreshold().getDirection() == Direction.DIRECTION_BOTH;
  }

  /** Returns whether a value is beyond the limit; falling is rising in a mirror. */
  private boolean isOver(Boolean before, Cell cell) {
    if (cell.isText()) {
      return false; // it crosses nothing
    }
    Threshold threshold = asked.getThreshold();
    int sign = threshold.getDirection() == Direction.DIRECTION_FALLING ? -1 : 1;
    double beyond = sign * (number(cell) - threshold.getLimit());
    return before != null && before ? beyond >= -threshold.getHysteresis() : beyond > 0;
  }

  private static long number(Cell cell) {
    return Long.parseLong(cell.value().substring(1));
  }
}
