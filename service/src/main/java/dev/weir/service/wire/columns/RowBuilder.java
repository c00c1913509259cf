package dev.weir.service.wire.columns;

import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;
import dev.weir.service.wire.protobuf.ProtobufWriter;
import dev.weir.v1.Delivery;
import dev.weir.v1.Kind;

/**
 * Readings being gathered as entries of {@code Delivery.readings}, without cursors. Owned by the
 * call that made it.
 */
@OwnedBy("its caller")
public final class RowBuilder {
  private static final int ENTRY = FieldTags.bytes(Delivery.READINGS_FIELD_NUMBER);

  private final int bytesMax;
  private final ProtobufWriter out = new ProtobufWriter(1024);
  private final ProtobufWriter reading = new ProtobufWriter(256);
  private int readings;

  /**
   * @param bytesMax most bytes of the entries; the first is taken even if it is larger
   */
  public RowBuilder(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Adds a reading; otherwise as {@link BatchBuilder#add}.
   *
   * @param name the sensor's, in UTF-8
   */
  public boolean add(int kind, byte[] name, long timeNanos, long bits, Slice value) {
    int lengthBefore = out.length();
    reading.cutTo(0);
    reading.field(FieldTags.READING_SENSOR, name, 0, name.length);
    RowEncoder.writeTime(reading, timeNanos);
    putValue(kind, bits, value);
    out.field(ENTRY, reading);
    if (readings > 0 && out.length() > bytesMax) {
      out.cutTo(lengthBefore);
      return false;
    }
    readings++;
    return true;
  }

  private void putValue(int kind, long bits, Slice value) {
    switch (kind) {
      case Kind.KIND_DOUBLE_VALUE -> {
        reading.put(FieldTags.READING_DOUBLE);
        reading.fixed64(bits);
      }
      case Kind.KIND_INTEGER_VALUE -> {
        reading.put(FieldTags.READING_INTEGER);
        reading.zigzag(bits);
      }
      case Kind.KIND_BOOLEAN_VALUE -> {
        reading.put(FieldTags.READING_BOOLEAN);
        reading.put((int) bits);
      }
      default -> {
        int tag = kind == Kind.KIND_TEXT_VALUE ? FieldTags.READING_TEXT : FieldTags.READING_BLOB;
        reading.field(tag, value.array(), value.offset(), value.length());
      }
    }
  }

  /** Returns how many readings were added. */
  public int readings() {
    return readings;
  }

  /** The entries. Nothing may be added afterwards. */
  public Slice entries() {
    return out.slice();
  }
}
