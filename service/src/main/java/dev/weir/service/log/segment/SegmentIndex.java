package dev.weir.service.log.segment;

import java.util.Arrays;

/**
 * Where some of a segment's records are: one for about every interval of the file. Thread-safe; its
 * entries only grow, by the partition's writer or whoever built it.
 */
final class SegmentIndex {
  private final int intervalBytes;
  private long[] offsets = new long[16];
  private long[] positions = new long[16];
  private long[] times = new long[16];
  private int size;

  SegmentIndex(int intervalBytes) {
    this.intervalBytes = intervalBytes;
  }

  /** Takes the next record if the last one taken is an interval away. */
  synchronized void offer(long offset, long position, long appendTimeNanos) {
    if (size > 0 && position - positions[size - 1] < intervalBytes) {
      return;
    }
    if (size == offsets.length) {
      int room = Math.max(16, size * 2);
      offsets = Arrays.copyOf(offsets, room);
      positions = Arrays.copyOf(positions, room);
      times = Arrays.copyOf(times, room);
    }
    offsets[size] = offset;
    positions[size] = position;
    times[size] = appendTimeNanos;
    size++;
  }

  /** Bytes of memory that it takes, about. */
  synchronized long bytes() {
    return 96 + 3L * Long.BYTES * offsets.length;
  }

  /** Gives up memory for more entries: it is complete. */
  synchronized SegmentIndex trimmed() {
    offsets = Arrays.copyOf(offsets, size);
    positions = Arrays.copyOf(positions, size);
    times = Arrays.copyOf(times, size);
    return this;
  }

  /** Forgets the records at and behind a position. */
  synchronized void cut(long position) {
    while (size > 0 && positions[size - 1] >= position) {
      size--;
    }
  }

  /** Position of the last known record at or before an offset; -1 for none. */
  synchronized long positionAt(long offset) {
    int found = Arrays.binarySearch(offsets, 0, size, offset);
    int floor = found >= 0 ? found : -found - 2;
    return floor < 0 ? -1 : positions[floor];
  }

  /** Offset of the last known record that is older than a time; -1 for none. */
  synchronized long offsetBefore(long appendTimeNanos) {
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
