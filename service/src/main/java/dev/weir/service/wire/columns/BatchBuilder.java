package dev.weir.service.wire.columns;

import com.google.protobuf.CodedOutputStream;
import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Kind;

/**
 * Readings being gathered into one canonical batch, a run for each kind. Owned by the call that
 * made it.
 */
@OwnedBy("its caller")
public final class BatchBuilder {
  /** Most bytes of a run beside its ids, offsets and values: tags, lengths, count and times. */
  private static final int RUN_BYTES_MAX = 64;

  private static final int VARINT_BYTES_MAX = 10;
  private static final int TEXT_PREFIX_BYTES_MAX = 6;

  private final Run[] runs = new Run[Kind.KIND_BLOB_VALUE + 1];
  private final int bytesMax;
  private int readings;
  private long bytes;

  /**
   * @param bytesMax most bytes of the batch, by an upper estimate; the first reading is taken even
   *     if it alone is larger
   */
  public BatchBuilder(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** One run and what it takes at most. */
  private static final class Run {
    final RunBuilder builder;
    private final long firstNanos;
    private long valueBytes;
    private int offsetBytes;

    Run(int kind, long firstNanos) {
      this.builder = new RunBuilder(kind);
      this.firstNanos = firstNanos;
    }

    long bytes() {
      return builder.count() == 0 ? 0 : bytes(valueBytes, builder.count(), offsetBytes);
    }

    long bytesWith(long timeNanos, int moreBytes) {
      int widest = Math.max(offsetBytes, offsetBytes(timeNanos));
      return bytes(valueBytes + moreBytes, builder.count() + 1, widest);
    }

    private static long bytes(long values, int count, int offset) {
      return RUN_BYTES_MAX + values + (long) count * offset;
    }

    /** Bytes of the offset of a time, or, where it is too far from the first, of any time. */
    private int offsetBytes(long timeNanos) {
      long difference = timeNanos - firstNanos;
      long magnitude = Math.abs(difference);
      boolean overflow = ((timeNanos ^ firstNanos) & (timeNanos ^ difference)) < 0;
      return overflow || magnitude < 0 || magnitude >= 1L << 62
          ? VARINT_BYTES_MAX
          : CodedOutputStream.computeSInt64SizeNoTag(magnitude);
    }

    void added(long timeNanos, int moreBytes) {
      valueBytes += moreBytes;
      offsetBytes = Math.max(offsetBytes, offsetBytes(timeNanos));
    }
  }

  /**
   * Adds a reading.
   *
   * @param kind number of its {@code weir.v1.Kind}
   * @param bits a DOUBLE's bits, an INTEGER, or 1 or 0 for a BOOLEAN; otherwise ignored
   * @param value a TEXT's (UTF-8) or BLOB's bytes; otherwise ignored
   * @return false, and nothing is added, if the batch would become too large
   */
  public boolean add(int kind, int sensorId, long timeNanos, long bits, Slice value) {
    if (runs[kind] == null) {
      runs[kind] = new Run(kind, timeNanos);
    }
    Run run = runs[kind];
    int more = CodedOutputStream.computeUInt32SizeNoTag(sensorId) + valueBytes(kind, value);
    long bytesWith = bytes - run.bytes() + run.bytesWith(timeNanos, more);
    if (readings > 0 && bytesWith > bytesMax) {
      return false;
    }
    if (kind >= Kind.KIND_TEXT_VALUE) {
      run.builder.addBytes(sensorId, timeNanos, value);
    } else {
      run.builder.addBits(sensorId, timeNanos, bits);
    }
    run.added(timeNanos, more);
    readings++;
    bytes = bytesWith;
    return true;
  }

  private static int valueBytes(int kind, Slice value) {
    return switch (kind) {
      case Kind.KIND_DOUBLE_VALUE -> Double.BYTES;
      case Kind.KIND_INTEGER_VALUE -> VARINT_BYTES_MAX;
      case Kind.KIND_BOOLEAN_VALUE -> 1;
      default -> TEXT_PREFIX_BYTES_MAX + value.length();
    };
  }

  /** Returns how many readings were added. */
  public int readings() {
    return readings;
  }

  /** The canonical bytes; empty without readings. */
  public Slice encode() {
    if (readings == 0) {
      return Slice.EMPTY;
    }
    var batch = new ProtobufWriter((int) Math.min(bytes, bytesMax));
    for (Run run : runs) {
      if (run != null && run.builder.count() > 0) {
        run.builder.write(batch, null);
      }
    }
    return batch.slice();
  }
}
