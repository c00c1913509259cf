package dev.weir.service.session.feed;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.latest.CutEncoder;
import dev.weir.service.latest.EncodedCut;
import dev.weir.service.latest.HeldCut;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.view.EventTimeRange;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Last values on their way to one subscriber, as a snapshot or instead of what it skips. Owned by
 * the event loop, and by the task that encodes while one is under way.
 */
@OwnedBy("event loop")
final class LastValuesDelivery {
  /**
   * The last values of one partition.
   *
   * @param partition of
   * @param held the values, until they are closed
   * @param to the position as of which they are
   * @param since only those from this position on are sent; null for all
   * @param missed at most so many readings are not among them, because retention was faster
   */
  record Part(int partition, HeldCut held, Position to, Position since, long missed) {}

  private final ServedTopic topic;
  private final IntPredicate sensors;
  private final EventTimeRange times;
  private final FeedFormat shape;
  private final int bytesMax;
  private final int strictBytesMax;
  private final boolean conflation;
  private final List<Part> parts;
  private final long[] sent;
  private int index;
  private int ordinal;

  LastValuesDelivery(FeedSpec order, int bytesMax, boolean conflation, List<Part> parts) {
    this.topic = order.topic();
    this.sensors = order.sensors();
    this.times = order.times();
    this.shape = order.shape();
    this.bytesMax = bytesMax;
    this.strictBytesMax = order.strictBytesMax();
    this.conflation = conflation;
    this.parts = List.copyOf(parts);
    this.sent = new long[topic.partitions().size()];
  }

  /** Returns whether they stand for what is skipped, rather than being a snapshot. */
  boolean conflation() {
    return conflation;
  }

  List<Part> parts() {
    return parts;
  }

  /** Values of a partition sent so far, without those too large. */
  long sent(int partition) {
    return sent[partition];
  }

  boolean done() {
    return index == parts.size();
  }

  /** The partition that {@link #next} is about. */
  int partition() {
    return parts.get(index).partition();
  }

  /** Encodes the next values; not when done. None where they were taken away. Any one thread. */
  EncodedCut next() {
    Part part = parts.get(index);
    LastValuesCut cut = part.held().cut();
    if (cut == null) {
      return new EncodedCut(List.of(), List.of(), 0, 0, ordinal);
    }
    int count = topic.partitions().size();
    IntPredicate matches =
        times.equals(EventTimeRange.ALL)
            ? sensors
            : id -> sensors.test(id) && times.has(cut.timeNanos(id / count));
    Position since = part.since();
    var terms =
        new CutEncoder.Terms(
            matches,
            ordinal,
            since == null ? 0 : since.offset(),
            since == null ? 0 : since.rows(),
            Integer.MAX_VALUE,
            bytesMax);
    EncodedCut encoded =
        shape == FeedFormat.COLUMNS
            ? CutEncoder.columns(cut, terms)
            : CutEncoder.rows(cut, terms, PartitionFetch.names(topic));
    if (encoded.bytes() > strictBytesMax) { // then it is one reading
      encoded =
          new EncodedCut(List.of(), List.of(), 0, encoded.tooLarge() + 1, encoded.nextOrdinal());
    }
    ordinal = encoded.nextOrdinal();
    sent[part.partition()] += encoded.readings();
    if (ordinal >= cut.ordinals()) {
      part.held().close();
      index++;
      ordinal = 0;
    }
    return encoded;
  }
}
