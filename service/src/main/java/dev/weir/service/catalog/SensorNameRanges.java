package dev.weir.service.catalog;

import dev.weir.common.OwnedBy;
import java.util.Arrays;

/**
 * The least and the greatest name of each {@value #BLOCK} neighbouring sensors of a partition, so
 * that who looks for names with a prefix passes over those that have none. Names that are defined
 * together are mostly alike, and nothing is to be sorted. One owner adds; any thread asks.
 */
@OwnedBy("partition writer")
final class SensorNameRanges {
  static final int BLOCK = 256;

  private final ByteStringTable names;

  /** Two ordinals, plus one, for each block; 0 for none. What it says is published with names. */
  private volatile int[] ends = new int[2];

  SensorNameRanges(ByteStringTable names) {
    this.names = names;
  }

  /** A name is about to be added. Owner only. */
  void add(int ordinal, byte[] name) {
    int at = ordinal / BLOCK * 2;
    int[] now = ends;
    if (at >= now.length) {
      now = Arrays.copyOf(now, Math.max(at + 2, 2 * now.length));
      ends = now;
    }
    if (now[at] == 0 || names.compare(now[at] - 1, name, Integer.MAX_VALUE) > 0) {
      now[at] = ordinal + 1;
    }
    if (now[at + 1] == 0 || names.compare(now[at + 1] - 1, name, Integer.MAX_VALUE) < 0) {
      now[at + 1] = ordinal + 1;
    }
  }

  /**
   * Returns whether a block, all of whose names are added, may have one with one of some prefixes.
   */
  boolean mayHave(int block, byte[][] prefixes) {
    int[] now = ends;
    int at = block * 2;
    if (at >= now.length || now[at] == 0) {
      return false; // all are lost
    }
    for (byte[] prefix : prefixes) {
      if (names.compare(now[at + 1] - 1, prefix, Integer.MAX_VALUE) >= 0
          && names.compare(now[at] - 1, prefix, prefix.length) <= 0) {
        return true;
      }
    }
    return false;
  }
}
