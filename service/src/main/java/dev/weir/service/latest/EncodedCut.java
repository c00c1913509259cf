package dev.weir.service.latest;

import dev.weir.service.core.Slice;
import java.util.List;

/**
 * A part of a cut, as deliveries carry it. Immutable.
 *
 * @param parts encoded entries of a delivery, one after the other
 * @param batches the batches in them; empty in row form
 * @param readings how many
 * @param tooLarge matching sensors passed over because their values are too large to be kept
 * @param nextOrdinal the ordinal to go on with; the cut's {@link LastValuesCut#ordinals()} at its
 *     end
 */
public record EncodedCut(
    List<Slice> parts, List<Slice> batches, int readings, int tooLarge, int nextOrdinal) {
  public EncodedCut {
    parts = List.copyOf(parts);
    batches = List.copyOf(batches);
  }

  /** Bytes of all parts. */
  public long bytes() {
    long bytes = 0;
    for (Slice part : parts) {
      bytes += part.length();
    }
    return bytes;
  }
}
