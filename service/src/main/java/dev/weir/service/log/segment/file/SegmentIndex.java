package dev.weir.service.log.segment.file;

import java.util.Arrays;

/**
 * Where some of a segment's records are: one for about every interval of the file, and fewer where
 * there is no room for more. Thread-safe; entries are added by the partition's writer or whoever
 * built it.
 */
public final class SegmentIndex {
  /** So many entries need no room: they are part of what is charged for a partition. */
  static final int ENTRIES_LEAST = 16;

  private static final long[] NONE = {}; // most of many partitions have little
  private static final long ENTRY_BYTES = 3L * Long.BYTES;

  private long intervalBytes; // guarded by this, as all below
  private long[] offsets = NONE;
  private long[] positions = NONE;
  private long[] times = NONE;
  private int size;
  private SegmentIndexMemory room; // null: nothing is charged here

  public SegmentIndex(int intervalBytes) {
    this.intervalBytes = intervalBytes;
  }

  /** Takes the next record if the last one taken is an interval away. */
  public synchronized void offer(long offset, long position, long appendTimeNanos) {
    if (size > 0 && position - positions[size - 1] < intervalBytes) {
      return;
    }
    if (size == offsets.length) {
      int entries = Math.max(1, size * 2);
      long more = chargedBytes(entries) - chargedBytes(size);
      if (more > 0 && room != null && !room.tryTake(more)) {
        thin();
        offer(offset, position, appendTimeNanos);
        return;
      }
      resize(entries);
    }
    offsets[size] = offset;
    positions[size] = position;
    times[size] = appendTimeNanos;
    size++;
  }

  private void resize(int entries) {
    offsets = Arrays.copyOf(offsets, entries);
    positions = Arrays.copyOf(positions, entries);
    times = Arrays.copyOf(times, entries);
  }

  /** Forgets every second entry, and takes half as many from now on. */
  private void thin() {
    size = (size + 1) / 2;
    for (int i = 1; i < size; i++) {
      offsets[i] = offsets[2 * i];
      positions[i] = positions[2 * i];
      times[i] = times[2 * i];
    }
    intervalBytes *= 2;
  }

  /** Bytes of memory that it takes, about. */
  public synchronized long bytes() {
    return 96 + ENTRY_BYTES * offsets.length;
  }

  /** Charges what it holds, from now on until it is {@link #trimmed}; once. */
  public synchronized SegmentIndex in(SegmentIndexMemory charged) {
    while (offsets.length > ENTRIES_LEAST && !charged.tryTake(chargedBytes(offsets.length))) {
      thin();
      resize(Math.max(ENTRIES_LEAST, size));
    }
    room = charged;
    return this;
  }

  private static long chargedBytes(int entries) {
    return ENTRY_BYTES * Math.max(0, entries - ENTRIES_LEAST);
  }

  /** Gives up memory for more entries, and what is charged: it is complete. */
  public synchronized SegmentIndex trimmed() {
    if (room != null) {
      room.giveBack(chargedBytes(offsets.length));
      room = null;
    }
    resize(size);
    return this;
  }

  /** Forgets the records at and behind a position. */
  public synchronized void cut(long position) {
    while (size > 0 && positions[size - 1] >= position) {
      size--;
    }
  }

  /** Position of the last known record at or before an offset; -1 for none. */
  public synchronized long positionAt(long offset) {
    int found = Arrays.binarySearch(offsets, 0, size, offset);
    int floor = found >= 0 ? found : -found - 2;
    return floor < 0 ? -1 : positions[floor];
  }

  /** Offset of the last known record that is older than a time; -1 for none. */
  public synchronized long offsetBefore(long appendTimeNanos) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (times[middle] < appendTimeNanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? -1 : offsets[low - 1];
  }
}
