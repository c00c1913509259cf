package dev.weir.service.log.segment.file;

import dev.weir.service.log.PartitionLog.EpochStart;
import java.util.ArrayList;
import java.util.List;

/** The parts of an epoch, and lists of the offsets at which epochs begin. Without state. */
public final class PartitionEpochs {
  private static final int RANDOM_BITS = 16;

  private PartitionEpochs() {}

  /** An epoch from the data directory's start number and some randomness. */
  public static long of(long startNumber, long random) {
    return startNumber << RANDOM_BITS | random & ((1 << RANDOM_BITS) - 1);
  }

  public static long startNumber(long epoch) {
    return epoch >>> RANDOM_BITS;
  }

  /**
   * The list with one more beginning unless the epoch is its last already; bounded, newest kept.
   */
  public static List<EpochStart> with(List<EpochStart> starts, EpochStart next, int max) {
    if (!starts.isEmpty() && starts.get(starts.size() - 1).epoch() == next.epoch()) {
      return starts;
    }
    List<EpochStart> more = new ArrayList<>(starts);
    more.add(next);
    return List.copyOf(more.subList(Math.max(0, more.size() - max), more.size()));
  }

  /** The list without what begins at or behind an offset. */
  public static List<EpochStart> before(List<EpochStart> starts, long offset) {
    return starts.stream().filter(start -> start.firstOffset() < offset).toList();
  }

  /** The epoch that an offset belongs to, or the oldest known; 0 where none is known. */
  public static long at(List<EpochStart> starts, long offset) {
    long epoch = starts.isEmpty() ? 0 : starts.get(0).epoch();
    for (EpochStart start : starts) {
      if (start.firstOffset() <= offset) {
        epoch = start.epoch();
      }
    }
    return epoch;
  }
}
