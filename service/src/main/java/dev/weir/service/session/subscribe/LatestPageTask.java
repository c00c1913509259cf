package dev.weir.service.session.subscribe;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import dev.weir.common.OwnedBy;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fair.SlicedTask;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.latest.PositionedCut;
import dev.weir.service.session.PageToken;
import dev.weir.service.session.feed.PartitionFetch;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * One page of last values, made in slices: it may have to look at every sensor of a topic for the
 * few that are selected. Owned by the control thread that makes a slice.
 */
@OwnedBy("control pool")
final class LatestPageTask implements SlicedTask {
  /** Sensors that are looked at in one slice. */
  static final int SLICE_SENSORS = 4_096;

  /** Tag and length of an entry. */
  private static final int ENTRY_BYTES_MAX = 6;

  private final List<PositionedCut> parts;
  private final int size;
  private final long bytesMax;
  private final IntPredicate matchesId;
  private final CompletableFuture<GetLatestResponse> made;
  private final IntFunction<byte[]> names;
  private final GetLatestResponse.Builder page;
  private int nextId;
  private int taken;
  private long bytes;

  /**
   * @param size most entries
   * @param matchesId the sensor ids that are selected
   * @param made gets the page, or what went wrong
   */
  LatestPageTask(
      Limits limits,
      ServedTopic topic,
      List<PositionedCut> parts,
      int fromId,
      int size,
      IntPredicate matchesId,
      CompletableFuture<GetLatestResponse> made) {
    this.parts = parts;
    this.size = size;
    this.bytesMax = limits.get(Limit.READ_BYTES_MAX);
    this.matchesId = matchesId;
    this.made = made;
    this.names = PartitionFetch.names(topic);
    this.nextId = fromId;
    this.page =
        GetLatestResponse.newBuilder()
            .setCursor(
                Cursor.of(
                        topic.info().logId(), parts.stream().map(PositionedCut::position).toList())
                    .text());
  }

  @Override
  public boolean step() {
    try {
      List<LastValuesCut> cuts = new ArrayList<>();
      for (PositionedCut part : parts) {
        LastValuesCut cut = part.cut();
        if (cut == null) {
          return false; // the page is not wanted any more, or was failed for want of memory
        }
        cuts.add(cut);
      }
      int endId = cuts.stream().mapToInt(cut -> cut.ordinals() * cuts.size()).max().orElse(0);
      int sliceEnd = (int) Math.min(endId, (long) nextId + SLICE_SENSORS);
      while (nextId < sliceEnd && take(cuts, nextId)) {
        nextId++;
      }
      if (nextId == sliceEnd && sliceEnd < endId) {
        return true;
      }
      if (nextId < endId) {
        page.setNextPageToken(PageToken.of(LatestPager.LIST, Integer.toString(nextId)));
      }
      made.complete(page.build());
      return false;
    } catch (RuntimeException | Error defect) { // the call must not wait for ever
      made.completeExceptionally(defect);
      throw defect;
    }
  }

  /**
   * Adds the last value of a sensor, if it has one and is selected; false where it does not fit.
   */
  private boolean take(List<LastValuesCut> cuts, int id) {
    LastValuesCut cut = cuts.get(id % cuts.size());
    int ordinal = id / cuts.size();
    if (!cut.has(ordinal) || !matchesId.test(id)) {
      return true;
    }
    ByteString name = ByteString.copyFrom(names.apply(id));
    Reading reading = cut.tooLarge(ordinal) ? null : reading(name, cut, ordinal);
    bytes += ENTRY_BYTES_MAX + (reading == null ? name.size() : reading.getSerializedSize());
    if (taken == size || taken > 0 && bytes > bytesMax) {
      return false;
    }
    taken++;
    if (reading == null) {
      page.addTooLargeBytes(name);
    } else {
      page.addReadings(reading);
    }
    return true;
  }

  private static Reading reading(ByteString name, LastValuesCut cut, int ordinal) {
    Reading.Builder reading =
        Reading.newBuilder()
            .setSensorBytes(name)
            .setTime(Timestamps.fromNanos(cut.timeNanos(ordinal)));
    long bits = cut.bits(ordinal);
    switch (cut.kind(ordinal)) {
      case Kind.KIND_DOUBLE_VALUE -> reading.setDouble(Double.longBitsToDouble(bits));
      case Kind.KIND_INTEGER_VALUE -> reading.setInteger(bits);
      case Kind.KIND_BOOLEAN_VALUE -> reading.setBoolean(bits != 0);
      case Kind.KIND_TEXT_VALUE -> reading.setTextBytes(bytes(cut.bytes(ordinal)));
      default -> reading.setBlob(bytes(cut.bytes(ordinal)));
    }
    return reading.build();
  }

  private static ByteString bytes(Slice value) {
    return ByteString.copyFrom(value.array(), value.offset(), value.length());
  }
}
