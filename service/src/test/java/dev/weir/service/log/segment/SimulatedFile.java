package dev.weir.service.log.segment;

import dev.weir.service.core.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A file of a {@link SimulatedDisk}: its bytes as the operating system has them, and as the medium
 * has them. Guarded by its disk.
 */
final class SimulatedFile {
  private static final int SECTOR_BYTES = 512;

  private byte[] bytes = new byte[0]; // arrays are replaced, never changed
  private byte[] durable = bytes;
  private final List<Change> unsynced = new ArrayList<>();

  /** A write, or a cut to the position where nothing is written. */
  private record Change(long position, Slice written) {
    byte[] apply(byte[] to) {
      return written == null
          ? shortened(to, position)
          : overwritten(to, position, written.array(), 0, written.length());
    }

    /** Applies the cut, or each sector of a write, or not, by chance. */
    byte[] applySome(byte[] to, Random survivors) {
      if (written == null) {
        return survivors.nextBoolean() ? shortened(to, position) : to;
      }
      byte[] left = to;
      for (int from = 0; from < written.length(); from += SECTOR_BYTES) {
        if (survivors.nextBoolean()) {
          int length = Math.min(SECTOR_BYTES, written.length() - from);
          left = overwritten(left, position + from, written.array(), from, length);
        }
      }
      return left;
    }
  }

  /** Returns the bytes that the operating system has; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return bytes.length;
  }

  void write(byte[] written, long position) {
    bytes = overwritten(bytes, position, written, 0, written.length);
    unsynced.add(new Change(position, Slice.of(written)));
  }

  void cut(long length) {
    bytes = shortened(bytes, length);
    unsynced.add(new Change(length, null));
  }

  /** Replaces all its bytes, durably. */
  void replace(byte[] with) {
    bytes = with;
    durable = with;
    unsynced.clear();
  }

  /**
   * Syncs it.
   *
   * @param succeeds a failed sync leaves the pages clean, and the medium without them
   */
  void sync(boolean succeeds) {
    for (Change change : unsynced) {
      durable = succeeds ? change.apply(durable) : durable;
    }
    unsynced.clear();
  }

  /**
   * Leaves what the medium has.
   *
   * @param survivors says which unsynced sectors reached it all the same; null: none
   */
  void powerCut(Random survivors) {
    byte[] left = durable;
    for (Change change : unsynced) {
      left = survivors == null ? left : change.applySome(left, survivors);
    }
    replace(left);
  }

  SimulatedFile copy() {
    SimulatedFile same = new SimulatedFile();
    same.bytes = bytes;
    same.durable = durable;
    same.unsynced.addAll(unsynced);
    return same;
  }

  private static byte[] shortened(byte[] bytes, long length) {
    return length < bytes.length ? Arrays.copyOf(bytes, (int) length) : bytes;
  }

  private static byte[] overwritten(byte[] bytes, long position, byte[] from, int at, int length) {
    byte[] more = Arrays.copyOf(bytes, (int) Math.max(bytes.length, position + length));
    System.arraycopy(from, at, more, (int) position, length);
    return more;
  }
}
