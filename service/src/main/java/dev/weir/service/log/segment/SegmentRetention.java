package dev.weir.service.log.segment;

import dev.weir.service.log.PartitionLog.Retention;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.DirectorySyncState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.Segment;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.recovery.CheckpointFiles;
import java.io.IOException;
import java.util.List;

/**
 * Deletes a partition's oldest segments. Thread-safe. A segment leaves the log before its file
 * goes, so that no reader who comes later looks for it; and its file is durably gone before the
 * next one's turn, so that a crash leaves no hole.
 */
final class SegmentRetention {
  private final ReadablePartition view;
  private final CheckpointFiles checkpoints;
  private final DowntimeTracker absences; // guarded by this
  private final DirectorySyncState names;
  private Segment doomed; // out of the log, and its file may be there; guarded by this
  private boolean stopped; // guarded by this

  SegmentRetention(
      ReadablePartition view,
      CheckpointFiles checkpoints,
      DowntimeTracker absences,
      DirectorySyncState names) {
    this.view = view;
    this.checkpoints = checkpoints;
    this.absences = absences;
    this.names = names;
  }

  /** See {@link dev.weir.service.log.PartitionLog#retain}. */
  synchronized boolean retain(Retention terms) throws IOException {
    while (!stopped) {
      deleteDoomed();
      CommittedState now = view.committed();
      List<Segment> list = now.segments().list();
      if (list.size() == 1) {
        return false;
      }
      Segment first = list.get(0);
      long firstBytes = view.directory().bytes(first);
      if (now.bytes() - firstBytes < terms.bytesMax()
          && !olderThan(now, terms.minAppendTimeNanos())) {
        return false;
      }
      if (list.get(1).firstOffset() > checkpoints.olderOffset()) {
        return true;
      }
      names.ensure(); // what an earlier process deleted must not come back without this one
      long readings = view.readingsBefore(list.get(1));
      view.update(latest -> latest.withoutFirst(firstBytes, readings));
      doomed = first;
    }
    return false;
  }

  private void deleteDoomed() throws IOException {
    if (doomed != null) {
      PartitionDirectory directory = view.directory();
      directory.files().delete(doomed.path());
      view.forget(doomed);
      directory.files().syncDirectory(directory.path());
      doomed = null;
    }
  }

  /** Returns whether all of the first segment's records were appended before a time. */
  private boolean olderThan(CommittedState now, long nanos) throws IOException {
    if (nanos == Long.MIN_VALUE) {
      return false;
    }
    List<Segment> list = now.segments().list();
    for (Segment next : list.subList(1, list.size())) {
      long last = view.nanosBefore(now, next);
      if (last > Long.MIN_VALUE && last < Long.MAX_VALUE) { // else damaged: the one behind knows
        return last < nanos && absences.seen(now, last, next.firstOffset()) < nanos;
      }
    }
    return false;
  }

  /** Deletes nothing from now on; waits for who is at it. */
  synchronized void stop() {
    stopped = true;
  }
}
