package dev.weir.service.latest;

import dev.weir.service.core.Slice;
import dev.weir.service.wire.columns.BatchBuilder;
import dev.weir.service.wire.columns.RowBuilder;
import dev.weir.service.wire.protobuf.DeliveryBatchPrefix;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/** Encodes parts of a cut, by ordinal. Without state. */
public final class CutEncoder {
  /** Tag and length of a batch in a delivery. */
  private static final int ENTRY_BYTES_MAX = 6;

  private CutEncoder() {}

  /**
   * Which readings to encode. Immutable.
   *
   * @param matchesId the sensor ids wanted
   * @param fromOrdinal the ordinal to begin with
   * @param sinceOffset only readings of this record from {@code sinceRow} on, and of later ones; 0
   *     with row 0 for all
   * @param sinceRow the first row wanted of that record
   * @param readingsMax most readings, at least 1
   * @param bytesMax most bytes of the parts; the first reading is taken even if it is larger
   */
  public record Terms(
      IntPredicate matchesId,
      int fromOrdinal,
      long sinceOffset,
      int sinceRow,
      int readingsMax,
      int bytesMax) {
    private boolean wants(LastValuesCut cut, int ordinal) {
      return cut.has(ordinal)
          && (cut.offset(ordinal) > sinceOffset
              || cut.offset(ordinal) == sinceOffset && cut.row(ordinal) >= sinceRow)
          && matchesId.test(cut.sensorId(ordinal));
    }
  }

  /** Takes the value of a sensor; false, and nothing is taken, if it would be too much. */
  private interface Target {
    boolean add(int ordinal);
  }

  /** The place that a search has reached. */
  private record Taken(int readings, int tooLarge, int nextOrdinal) {}

  /** As entries of {@code Delivery.batches}: one canonical batch, or none. */
  public static EncodedCut columns(LastValuesCut cut, Terms terms) {
    var batch = new BatchBuilder(terms.bytesMax - ENTRY_BYTES_MAX);
    Taken taken =
        take(
            cut,
            terms,
            ordinal ->
                batch.add(
                    cut.kind(ordinal),
                    cut.sensorId(ordinal),
                    cut.timeNanos(ordinal),
                    cut.bits(ordinal),
                    cut.bytes(ordinal)));
    if (taken.readings == 0) {
      return encoded(List.of(), List.of(), taken);
    }
    Slice bytes = batch.encode();
    return encoded(
        List.of(DeliveryBatchPrefix.prefix(bytes.length()), bytes), List.of(bytes), taken);
  }

  /**
   * As entries of {@code Delivery.readings}, without cursors.
   *
   * @param nameOf a sensor's name in UTF-8 by its id; asked once per reading
   */
  public static EncodedCut rows(LastValuesCut cut, Terms terms, IntFunction<byte[]> nameOf) {
    var rows = new RowBuilder(terms.bytesMax);
    Taken taken =
        take(
            cut,
            terms,
            ordinal ->
                rows.add(
                    cut.kind(ordinal),
                    nameOf.apply(cut.sensorId(ordinal)),
                    cut.timeNanos(ordinal),
                    cut.bits(ordinal),
                    cut.bytes(ordinal)));
    return encoded(taken.readings == 0 ? List.of() : List.of(rows.entries()), List.of(), taken);
  }

  private static Taken take(LastValuesCut cut, Terms terms, Target target) {
    int readings = 0;
    int tooLarge = 0;
    int ordinal = terms.fromOrdinal;
    for (; ordinal < cut.ordinals(); ordinal++) {
      if (!terms.wants(cut, ordinal)) {
        continue;
      }
      if (cut.tooLarge(ordinal)) {
        tooLarge++;
      } else if (readings == terms.readingsMax || !target.add(ordinal)) {
        break;
      } else {
        readings++;
      }
    }
    return new Taken(readings, tooLarge, ordinal);
  }

  private static EncodedCut encoded(List<Slice> parts, List<Slice> batches, Taken taken) {
    return new EncodedCut(parts, batches, taken.readings, taken.tooLarge, taken.nextOrdinal);
  }
}
