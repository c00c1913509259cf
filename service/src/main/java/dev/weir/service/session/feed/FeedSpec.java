package dev.weir.service.session.feed;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.mode.Mode;
import dev.weir.service.core.overflow.OverflowRule;
import dev.weir.service.session.SelectionCache;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.view.EventTimeRange;
import dev.weir.service.view.View;
import java.util.List;

/**
 * What a feed delivers.
 *
 * @param topic of
 * @param sensors which sensors
 * @param selection what it shares of them with others; null where these are all of them
 * @param times which event times
 * @param mode which of these
 * @param view what it shares with others; null where it shares nothing
 * @param shape how
 * @param start before the first reading
 * @param lost what was lost before that
 * @param snapshot begins with last values
 * @param fresh begins at the head, so that a view is joined wherever it is
 * @param stop where to end, per partition; empty for no such end
 * @param untilNanos the first append time not delivered; Long.MAX_VALUE for none
 * @param count most readings; Long.MAX_VALUE for no such limit
 * @param overflow what happens when it cannot keep up
 * @param maxAgeNanos what was stored longer ago is skipped; 0 for nothing
 * @param messageBytesMax most bytes of a message; 0 for none stated
 */
public record FeedSpec(
    ServedTopic topic,
    SelectedSensors sensors,
    SelectionCache.Selection selection,
    EventTimeRange times,
    Mode mode,
    View view,
    FeedFormat shape,
    Cursor start,
    List<FeedEvent.Lost> lost,
    boolean snapshot,
    boolean fresh,
    List<Position> stop,
    long untilNanos,
    long count,
    OverflowRule overflow,
    long maxAgeNanos,
    int messageBytesMax) {
  /** Bytes of a message around its readings: a cursor and a few numbers. */
  static final int AROUND_BYTES = 3_072;

  /** Most bytes of a message where none is stated: what every gRPC library takes by default. */
  public static final int MESSAGE_BYTES_DEFAULT = 4 << 20;

  /** Returns whether all sensors are selected. */
  boolean allSensors() {
    return selection == null;
  }

  /**
   * Returns whether the feed skips what is stored in a partition, because no selected sensor can be
   * there. It reads every partition where {@code until.time} is set, as only a read finds where
   * that time begins, and in a reduced mode, whose view says what was looked at.
   */
  boolean skips(int partition) {
    return !allSensors()
        && !reduced()
        && untilNanos == Long.MAX_VALUE
        && !sensors.mayBeIn(partition);
  }

  /** Gives the compiled selector back. */
  void release() {
    if (selection != null) {
      selection.release();
    }
  }

  /** Returns whether what is sent depends on what was sent before. */
  boolean reduced() {
    return !(mode instanceof Mode.Every);
  }

  /**
   * Returns whether every stored reading is delivered, so that stored bytes can be sent as they
   * are.
   */
  boolean takesAll() {
    return allSensors() && !reduced() && times.equals(EventTimeRange.ALL);
  }

  /** Bytes after which a delivery takes no more. */
  int bytesMax(int serverBytesMax) {
    return shape == FeedFormat.PAGE ? serverBytesMax : Math.min(serverBytesMax, strictBytesMax());
  }

  /** Most bytes of any delivery, so that its message is not too large. */
  int strictBytesMax() {
    return (messageBytesMax == 0 ? MESSAGE_BYTES_DEFAULT : messageBytesMax) - AROUND_BYTES;
  }

  /**
   * Returns whether records are also cut to fill deliveries; else only those that are too large.
   */
  boolean cutsRecords() {
    return messageBytesMax != 0;
  }
}
