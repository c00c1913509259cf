package dev.weir.service.log.segment.file;

import dev.weir.common.file.Checksum;
import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is known to be synced of a partition. Immutable.
 *
 * @param syncedOffset first offset not known to be synced
 * @param readings readings before that offset
 * @param epoch the epoch that wrote it
 * @param lastAppendTimeNanos append time of the record before that offset; Long.MIN_VALUE for none
 * @param seenNanos how long servers were there since that record was appended, at least; whole
 *     seconds
 * @param salt the partition's salt
 */
public record Watermark(
    long syncedOffset,
    long readings,
    long epoch,
    long lastAppendTimeNanos,
    long seenNanos,
    ChecksumSalt salt) {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Returns the time seen since the record before an offset; 0 where this knows of another. */
  public long seenSince(long offset) {
    return offset == syncedOffset ? seenNanos : 0;
  }

  /**
   * The watermark file: two slots, written in turn, so that one is whole whatever happens. It is
   * open only while it is written. Owned by whoever read it.
   */
  public static final class Slots {
    /** The number of slots. */
    public static final int COUNT = 2;

    private static final int MAGIC = 0x4D57_5257; // "WRWM" in the file
    private static final byte FORMAT_VERSION = 1;
    private static final long SECONDS_MAX = 0xFFFF_FFFFL;
    private static final int SLOT_BYTES = 64;
    private static final int SECOND_SLOT = 4_096;

    /**
     * A slot that was written.
     *
     * @param from its first byte in the file
     * @param to the first byte behind it
     * @param watermark what is in it; null where it is damaged
     */
    public record Slot(int from, int to, Watermark watermark) {}

    private final DataFiles files;
    private final Path path;
    private List<Slot> all = new ArrayList<>();
    private Watermark newest;
    private long count;
    private int nextSlot;

    /** Reads a file; nothing was written where there is none. */
    public Slots(DataFiles files, Path path) throws IOException {
      this.files = files;
      this.path = path;
      try (DataFile file = files.openForReading(path)) {
        byte[] bytes = SegmentHeader.read(file, SECOND_SLOT + SLOT_BYTES);
        slot(bytes, 0);
        slot(bytes, SECOND_SLOT);
      } catch (NoSuchFileException e) {
        // the first watermark makes it
      }
    }

    private void slot(byte[] bytes, int at) throws IOException {
      int end = Math.min(bytes.length, at + SLOT_BYTES);
      if (end <= at || Arrays.equals(bytes, at, end, new byte[end - at], 0, end - at)) {
        return; // never written
      }
      ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (end < at + SLOT_BYTES
          || from.getInt(at) != MAGIC
          || from.getInt(at + 4) != Checksum.of(bytes, at + 8, SLOT_BYTES - 8)) {
        all.add(new Slot(at, at + SLOT_BYTES, null));
        return;
      }
      if (bytes[at + 8] != FORMAT_VERSION) {
        throw new IOException(
            "a watermark file has format version "
                + bytes[at + 8]
                + ", which this Weir does not know: use the newer Weir that wrote it");
      }
      Watermark read =
          new Watermark(
              from.getLong(at + 24),
              from.getLong(at + 32),
              from.getLong(at + 40),
              from.getLong(at + 48),
              Integer.toUnsignedLong(from.getInt(at + 12)) * NANOS_PER_SECOND,
              new ChecksumSalt(from.getLong(at + 56)));
      all.add(new Slot(at, end, read));
      if (newest == null || from.getLong(at + 16) > count) {
        count = from.getLong(at + 16);
        nextSlot = at == 0 ? SECOND_SLOT : 0;
        newest = read;
      }
    }

    /** The slots that were written, as they were when the file was read; none behind a write. */
    public List<Slot> all() {
      return all;
    }

    /** The newest valid one; null for none. */
    public Watermark newest() {
      return newest;
    }

    /** Makes another one durable; the first one in both slots. */
    public void write(Watermark watermark) throws IOException {
      int slots = newest == null ? COUNT : 1;
      int at = nextSlot;
      try (DataFile file = files.open(path)) {
        for (int i = 1; i <= slots; i++) {
          file.write(slot(watermark, count + i), at);
          at = at == 0 ? SECOND_SLOT : 0;
        }
        file.sync(true);
      }
      count += slots;
      nextSlot = at;
      newest = watermark;
      all = List.of();
    }

    private static ByteBuffer slot(Watermark watermark, long count) {
      byte[] slot = new byte[SLOT_BYTES];
      ByteBuffer to = ByteBuffer.wrap(slot).order(ByteOrder.LITTLE_ENDIAN);
      to.putInt(0, MAGIC).put(8, FORMAT_VERSION).putLong(16, count);
      to.putInt(12, (int) Math.min(watermark.seenNanos / NANOS_PER_SECOND, SECONDS_MAX));
      to.putLong(24, watermark.syncedOffset).putLong(32, watermark.readings);
      to.putLong(40, watermark.epoch).putLong(48, watermark.lastAppendTimeNanos);
      to.putLong(56, watermark.salt.value());
      to.putInt(4, Checksum.of(slot, 8, SLOT_BYTES - 8));
      return to;
    }
  }
}
