package dev.weir.client.internal.spool;

import dev.weir.client.internal.spool.SpoolFrameReader.Entry;
import dev.weir.v1.Sensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a spool that a process left: what is whole, what is missing, which sensors it names. Owned
 * by the thread that opens the spool.
 */
final class SpoolRecovery {
  private final SpoolSegments segments;
  private final Map<Integer, Sensor> sensors = new HashMap<>();
  private final List<Entry.MissingFrames> holes = new ArrayList<>();
  private SpoolState.Accepted accepted;
  private long sendLimit;
  private int keys;

  SpoolRecovery(SpoolSegments segments, SpoolState state) {
    this.segments = segments;
    this.accepted = state.accepted();
    this.sendLimit = state.sendLimit();
    this.keys = state.keys();
  }

  /** Looks at every frame, cuts what was not written to its end, and syncs the rest. */
  void run(SpoolState state) throws IOException {
    segments.recover();
    for (SpoolSegments.Segment segment : segments.list()) {
      if (state.gone().stream()
          .anyMatch(g -> g.loss() == SpoolState.Loss.DROPPED && g.holds(segment.firstFrame()))) {
        segments.delete(segment); // its process died before it came to it
      }
    }
    List<SpoolSegments.Segment> all = segments.list();
    long first = state.firstFrame();
    long readingsBefore = state.settledReadings();
    if (!all.isEmpty() && all.get(0).firstFrame() < first) {
      first = all.get(0).firstFrame();
      readingsBefore = 0; // what was settled is not counted, whatever is missing of it
    }
    long synced = Math.max(accepted.frames(), syncedByLast(all));
    SpoolFrameReader reader = new SpoolFrameReader(segments, first, readingsBefore);
    SpoolSegments.Segment last = all.isEmpty() ? null : all.get(all.size() - 1);
    long end = 0;
    for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
      if (entry instanceof Entry.Whole whole) {
        take(reader.segment(), whole.frame());
        end = reader.position();
      } else if (entry instanceof Entry.MissingFrames hole) {
        if (reader.segment() == last && hole.from() > synced) {
          break; // the rest was never synced as a whole, and nobody was told that it is there
        }
        miss(hole, state, reader.readingsBefore());
      }
    }
    if (reader.expected() <= accepted.frames()) {
      long readings = accepted.readings() - reader.readingsBefore();
      holes.add(new Entry.MissingFrames(reader.expected(), accepted.frames(), readings, 0));
    }
    keep(last, end);
  }

  /** Returns the length that the last segment itself says was synced. */
  private long syncedByLast(List<SpoolSegments.Segment> all) throws IOException {
    long synced = 0;
    if (!all.isEmpty()) {
      SpoolFrameReader reader =
          new SpoolFrameReader(segments, all.get(all.size() - 1).firstFrame(), 0);
      for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
        if (entry instanceof Entry.Whole whole) {
          synced = Math.max(synced, whole.frame().head().syncedThrough());
        }
      }
    }
    return synced;
  }

  private void miss(Entry.MissingFrames hole, SpoolState state, long readingsThrough) {
    if (hole.through() < state.firstFrame()) {
      return;
    }
    holes.add(clipped(hole, state, readingsThrough));
    if (hole.through() > accepted.frames()) {
      accepted = accepted.plus(hole);
    }
  }

  /** Without the frames that are settled. */
  private static Entry.MissingFrames clipped(
      Entry.MissingFrames hole, SpoolState state, long readingsThrough) {
    return hole.from() >= state.firstFrame()
        ? hole
        : new Entry.MissingFrames(
            state.firstFrame(), hole.through(), readingsThrough - state.settledReadings(), 0);
  }

  private void take(SpoolSegments.Segment segment, SpoolFrame frame) {
    segment.add(frame.head());
    sensors.putAll(frame.sensors());
    sendLimit = Math.max(sendLimit, frame.head().sendLimit());
    keys = Math.max(keys, frame.head().keys());
    if (frame.number() > accepted.frames()) {
      accepted = accepted.plus(frame);
    }
  }

  /** Cuts the bytes behind the last whole frame: they were never synced, or are a hole by now. */
  private void keep(SpoolSegments.Segment last, long end) throws IOException {
    if (last == null) {
      return;
    }
    if (last.lastFrame() < last.firstFrame()) {
      segments.delete(last);
    } else {
      segments.keep(last, end);
    }
  }

  SpoolState.Accepted accepted() {
    return accepted;
  }

  /** The last frame that an earlier process may have sent. */
  long sendLimit() {
    return sendLimit;
  }

  /** Returns the number of keys that were given to sensors. */
  int keys() {
    return keys;
  }

  /** Returns the sensors that frames name, by key. */
  Map<Integer, Sensor> sensors() {
    return sensors;
  }

  /** Returns the frames that are missing of those not settled, known before or not. */
  List<Entry.MissingFrames> holes() {
    return holes;
  }
}
