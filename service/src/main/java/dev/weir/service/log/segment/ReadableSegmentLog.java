package dev.weir.service.log.segment;

import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.log.LogReader;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.segment.read.ReadablePartition;
import java.io.IOException;
import java.util.List;

/** The reading side of a claimed partition on disk: what is committed of it. Thread-safe. */
abstract class ReadableSegmentLog implements PartitionLog {
  final ReadablePartition view;
  final long epoch;

  /**
   * What is committed.
   *
   * @param epoch of the claim
   */
  ReadableSegmentLog(ReadablePartition view, long epoch) {
    this.view = view;
    this.epoch = epoch;
  }

  @Override
  public final long epoch() {
    return epoch;
  }

  @Override
  public final List<EpochStart> epochs() {
    return view.committed().epochs();
  }

  @Override
  public final long startOffset() {
    return view.committed().first().firstOffset();
  }

  @Override
  public final long startReadings() {
    return view.committed().segments().startReadings();
  }

  @Override
  public final LogRange range() {
    return view.committed().range(epoch);
  }

  @Override
  public final long bytes() {
    return view.committed().bytes();
  }

  @Override
  public final long endOffset() {
    return view.committed().endOffset();
  }

  @Override
  public final long lastAppendTimeNanos() {
    return view.committed().lastAppendTimeNanos();
  }

  @Override
  public final long endReadings() {
    return view.committed().endReadings();
  }

  @Override
  public final LogReader read(long offset, boolean bodies) throws IOException {
    return view.read(offset, bodies);
  }

  @Override
  public final long offsetAt(long appendTimeNanos) throws IOException {
    return view.offsetAt(appendTimeNanos);
  }
}
