package dev.weir.service.latest;

import dev.weir.service.core.Slice;
import dev.weir.v1.Kind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The durable form of a cut; see docs/formats-folds.md. Without state. */
public final class CutCodec {
  private static final int TOO_LARGE = 1 << 7;

  private CutCodec() {}

  /** Writes a cut. */
  public static void write(LastValuesCut cut, DataOutput out) throws IOException {
    int values = 0;
    for (int ordinal = 0; ordinal < cut.ordinals(); ordinal++) {
      values += cut.has(ordinal) ? 1 : 0;
    }
    out.writeInt(values);
    for (int ordinal = 0; ordinal < cut.ordinals(); ordinal++) {
      if (cut.has(ordinal)) {
        write(cut, ordinal, out);
      }
    }
  }

  private static void write(LastValuesCut cut, int ordinal, DataOutput out) throws IOException {
    int kind = cut.kind(ordinal);
    boolean tooLarge = cut.tooLarge(ordinal);
    out.writeInt(ordinal);
    out.writeByte(tooLarge ? kind | TOO_LARGE : kind);
    out.writeLong(cut.timeNanos(ordinal));
    out.writeLong(cut.offset(ordinal));
    out.writeInt(cut.row(ordinal));
    if (kind < Kind.KIND_TEXT_VALUE) {
      out.writeLong(cut.bits(ordinal));
    } else if (!tooLarge) {
      Slice bytes = cut.bytes(ordinal);
      out.writeInt(bytes.length());
      out.write(bytes.array(), bytes.offset(), bytes.length());
    }
  }

  /** Reads a cut into values that are empty. */
  public static void read(DataInput in, LastValuesFold values) throws IOException {
    for (int left = in.readInt(); left > 0; left--) {
      int ordinal = in.readInt();
      int tag = in.readUnsignedByte();
      int kind = tag & ~TOO_LARGE;
      long timeNanos = in.readLong();
      long offset = in.readLong();
      int row = in.readInt();
      boolean number = kind < Kind.KIND_TEXT_VALUE;
      values.set(ordinal, kind, timeNanos, number ? in.readLong() : 0, offset, row);
      if ((tag & TOO_LARGE) != 0) {
        values.keepNoText(ordinal);
      } else if (!number) {
        var bytes = new byte[in.readInt()];
        in.readFully(bytes);
        values.keepText(ordinal, Slice.of(bytes));
      }
    }
  }
}
