package dev.weir.service.catalog;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The durable form of a partition's sensors, which holds a unit with labels once, as the catalogue
 * does, and is written and read without an object for each; see docs/formats-folds.md. Stateless.
 */
public final class SensorsCodec {
  /** In the place of a kind: the definition was lost to damage. */
  private static final int LOST = 0;

  private SensorsCodec() {}

  /**
   * The sensors of a partition that are written. Immutable; sensors that are added later do not
   * matter.
   *
   * @param sensors those with ordinals below it
   * @param metas units and labels with numbers below it
   */
  public record Extent(int sensors, int metas) {}

  /** Returns the extent of a partition now, with sensors up to some ordinal. Any thread. */
  public static Extent extent(SensorCatalog catalog, int partition, int sensors) {
    ByteStringTable metas = catalog.metas(partition);
    return new Extent(sensors, metas == null ? 0 : metas.count());
  }

  /** Writes the sensors of a partition. Any thread. */
  public static void write(SensorCatalog catalog, int partition, Extent extent, DataOutput out)
      throws IOException {
    ByteStringTable names = catalog.names(partition);
    ByteStringTable metas = catalog.metas(partition);
    out.writeInt(extent.metas());
    for (int number = 0; number < extent.metas(); number++) {
      byte[] meta = metas.copy(number);
      out.writeInt(meta.length);
      out.write(meta);
    }
    out.writeInt(extent.sensors());
    for (int ordinal = 0; ordinal < extent.sensors(); ordinal++) {
      if (!names.has(ordinal)) {
        out.writeByte(LOST);
        continue;
      }
      int tag = names.tag(ordinal);
      byte[] name = names.copy(ordinal);
      out.writeByte(SensorCatalog.kindOf(tag));
      out.writeInt(SensorCatalog.metaOf(tag));
      out.writeShort(name.length);
      out.write(name);
    }
  }

  /** Reads sensors into a catalogue that has none of this partition. At start only. */
  public static void read(SensorCatalog catalog, int partition, DataInput in) throws IOException {
    int metas = in.readInt();
    for (int number = 0; number < metas; number++) {
      byte[] meta = new byte[in.readInt()];
      in.readFully(meta);
      catalog.restoreMeta(partition, meta);
    }
    int sensors = in.readInt();
    for (int ordinal = 0; ordinal < sensors; ordinal++) {
      int kind = in.readUnsignedByte();
      if (kind == LOST) {
        catalog.keep(ordinal * catalog.partitionCount() + partition);
        continue;
      }
      int meta = in.readInt();
      byte[] name = new byte[in.readUnsignedShort()];
      in.readFully(name);
      catalog.restore(partition, ordinal, kind, meta, name);
    }
  }
}
