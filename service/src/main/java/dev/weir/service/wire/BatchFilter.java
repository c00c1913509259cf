package dev.weir.service.wire;

import dev.weir.service.core.Slice;
import java.util.function.IntPredicate;

/** Takes the readings of some sensors out of a canonical batch. */
public final class BatchFilter {
  private BatchFilter() {}

  /**
   * A batch of the readings that matched. Immutable.
   *
   * @param batch their canonical bytes; empty if there are none
   * @param readings how many they are
   * @param rowsDone rows of the stored batch that are done, where to go on
   */
  public record Filtered(Slice batch, int readings, int rowsDone) {}

  /**
   * The matching readings among the rows from {@code rowsDone} on, numbered across runs. The same
   * slice if that is all of them.
   *
   * @param readingsMax most readings to take, at least 1
   */
  public static Filtered columns(
      Slice batch, int rowsDone, int readingsMax, IntPredicate matchesId) {
    var out = new ByteSink(256);
    var reader = new ColumnsReader(batch);
    int taken = 0;
    int rows = 0;
    while (reader.nextRun()) {
      int from = Math.max(0, rowsDone - rows);
      rows += reader.count();
      if (from >= reader.count()) {
        continue;
      }
      int matching = reader.countMatching(matchesId, from);
      if (matching == reader.count() && matching <= readingsMax - taken) {
        Slice entry = reader.runEntry();
        out.bytes(entry.array(), entry.offset(), entry.length());
        taken += matching;
      } else if (matching > 0) {
        int wanted = Math.min(matching, readingsMax - taken);
        int next = takeSome(reader, from, wanted, matchesId, out);
        taken += wanted;
        if (wanted < matching) {
          return stopped(reader, out, taken, next);
        }
      }
    }
    return finished(batch, reader, out, taken, rows);
  }

  private static Filtered finished(
      Slice batch, ColumnsReader reader, ByteSink out, int taken, int rows) {
    if (taken == rows) {
      return new Filtered(batch, taken, rows);
    }
    return new Filtered(withRest(reader, out, taken), taken, rows);
  }

  private static Filtered stopped(ColumnsReader reader, ByteSink out, int taken, int rowsDone) {
    boolean more = true;
    while (more) {
      more = reader.nextRun();
    }
    return new Filtered(withRest(reader, out, taken), taken, rowsDone);
  }

  private static Slice withRest(ColumnsReader reader, ByteSink out, int taken) {
    if (taken == 0) {
      return Slice.EMPTY;
    }
    Slice rest = reader.rest();
    out.bytes(rest.array(), rest.offset(), rest.length());
    return out.slice();
  }

  /** Writes the first matching readings of a run from an index on; the row behind the last. */
  private static int takeSome(
      ColumnsReader reader, int from, int wanted, IntPredicate matchesId, ByteSink out) {
    var run = new RunBuilder(reader.kind());
    int firstRow = reader.runFirstRow() + from;
    while (run.count() < wanted && reader.nextReading()) {
      if (reader.row() >= firstRow && matchesId.test(reader.sensorId())) {
        run.addFrom(reader, reader.sensorId());
      }
    }
    if (wanted > 0) {
      run.write(out, null);
    }
    return reader.row() + 1;
  }
}
