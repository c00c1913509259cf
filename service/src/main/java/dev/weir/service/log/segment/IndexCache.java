package dev.weir.service.log.segment;

import java.util.LinkedHashMap;
import java.util.Map;

/** The indexes of sealed segments, least recently used dropped first. Thread-safe. */
final class IndexCache {
  private final Map<Segment, SegmentIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
  private final int segmentsMax;

  IndexCache(int segmentsMax) {
    this.segmentsMax = segmentsMax;
  }

  /** The index, or null where it has to be built. */
  synchronized SegmentIndex get(Segment segment) {
    return indexes.get(segment);
  }

  synchronized void put(Segment segment, SegmentIndex index) {
    indexes.put(segment, index);
    if (indexes.size() > segmentsMax) {
      indexes.remove(indexes.keySet().iterator().next());
    }
  }
}
