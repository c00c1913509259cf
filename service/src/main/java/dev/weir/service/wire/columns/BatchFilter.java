package dev.weir.service.wire.columns;

import com.google.protobuf.CodedOutputStream;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.ProtobufWriter;

/** Takes some readings out of a canonical batch. Owned by the call that made it. */
@OwnedBy("its caller")
public final class BatchFilter {
  /** Most bytes of a run beside its ids, offsets and values: tags, lengths, count and times. */
  private static final int RUN_BYTES_MAX = 64;

  private static final int OFFSET_BYTES_MAX = 10;

  private final ColumnsReader reader;
  private final RowSet rows;
  private final int readingsMax;
  private final int bytesMax;
  private final int restBytes;
  private final ProtobufWriter out = new ProtobufWriter(256);
  private int taken;

  private BatchFilter(Slice batch, RowSet rows, int readingsMax, int bytesMax) {
    this.reader = new ColumnsReader(batch);
    this.rows = rows;
    this.readingsMax = readingsMax;
    this.bytesMax = bytesMax;
    this.restBytes = bytesMax < batch.length() ? restBytes(batch) : 0;
  }

  /**
   * A batch of the readings that were taken. Immutable.
   *
   * @param batch their canonical bytes; empty if there are none
   * @param readings how many they are
   * @param rowsDone rows of the stored batch that are done, where to go on
   */
  public record Filtered(Slice batch, int readings, int rowsDone) {}

  /**
   * The readings of a set of rows, from one row on. The same slice where that is the whole batch.
   *
   * @param rows which readings; of this batch
   * @param fromRow rows below it are done
   * @param readingsMax most readings to take, at least 1
   * @param bytesMax most bytes of the result, by an upper estimate; the first reading is taken even
   *     if it alone is larger
   */
  public static Filtered columns(
      Slice batch, RowSet rows, int fromRow, int readingsMax, int bytesMax) {
    if (rows.isAll() && fromRow == 0 && rows.count() <= readingsMax && batch.length() <= bytesMax) {
      return new Filtered(batch, rows.count(), rows.count());
    }
    return new BatchFilter(batch, rows, readingsMax, bytesMax).take(batch, fromRow);
  }

  private Filtered take(Slice batch, int fromRow) {
    int end = 0;
    int stoppedAt = -1;
    while (stoppedAt < 0 && reader.nextRun()) {
      end += reader.count();
      int from = Math.max(fromRow, reader.runFirstRow());
      int matching = rows.countBetween(from, end);
      if (matching == reader.count() && fits(matching, reader.runEntry().length())) {
        Slice entry = reader.runEntry();
        out.bytes(entry.array(), entry.offset(), entry.length());
        taken += matching;
      } else if (matching > 0) {
        stoppedAt = takeSome(from);
      }
    }
    if (taken == end && stoppedAt < 0) {
      return new Filtered(batch, taken, end);
    }
    return new Filtered(withRest(), taken, stoppedAt < 0 ? end : stoppedAt);
  }

  private boolean fits(int readings, int bytes) {
    return readings <= readingsMax - taken && (long) out.length() + bytes + restBytes <= bytesMax;
  }

  /** Takes readings of the run, from a row on. The row that was too much, or -1. */
  private int takeSome(int from) {
    var run = new RunBuilder(reader.kind());
    int stoppedAt = -1;
    int runBytes = RUN_BYTES_MAX;
    while (stoppedAt < 0 && reader.nextReading()) {
      int row = reader.row();
      if (row < from || !rows.contains(row)) {
        continue;
      }
      int idBytes = CodedOutputStream.computeUInt32SizeNoTag(reader.sensorId());
      runBytes += idBytes + OFFSET_BYTES_MAX + reader.copiedValueBytes();
      if (fits(run.count() + 1, runBytes) || taken + run.count() == 0) {
        run.addFrom(reader, reader.sensorId());
      } else {
        stoppedAt = row;
      }
    }
    if (run.count() > 0) {
      run.write(out, null);
      taken += run.count();
    }
    return stoppedAt;
  }

  private Slice withRest() {
    if (taken == 0) {
      return Slice.EMPTY;
    }
    boolean more = true;
    while (more) {
      more = reader.nextRun();
    }
    Slice rest = reader.rest();
    out.bytes(rest.array(), rest.offset(), rest.length());
    return out.slice();
  }

  private static int restBytes(Slice batch) {
    var ahead = new ColumnsReader(batch);
    boolean more = true;
    while (more) {
      more = ahead.nextRun();
    }
    return ahead.rest().length();
  }
}
