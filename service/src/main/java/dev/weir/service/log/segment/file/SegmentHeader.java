package dev.weir.service.log.segment.file;

import dev.weir.common.file.Checksum;
import dev.weir.common.file.ReadableFile;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog.EpochStart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a segment file begins with, as {@code docs/formats.md} lists it. Immutable.
 *
 * @param partition whose records follow
 * @param salt the partition's salt
 * @param firstOffset offset of the first record
 * @param epoch the epoch that made the file
 * @param createdNanos when it was made, Unix nanoseconds
 * @param before the log before the file: readings, last append time and the epochs' beginnings
 */
public record SegmentHeader(
    PartitionId partition,
    ChecksumSalt salt,
    long firstOffset,
    long epoch,
    long createdNanos,
    Before before) {

  private static final int MAGIC = 0x4753_5257; // "WRSG" in the file
  private static final byte FORMAT_VERSION = 1;
  private static final int FIXED_BYTES = 128;
  private static final int EPOCH_BYTES = 24;
  private static final int LOG_BYTES = 16;
  private static final int EPOCHS_MAX = 10_000;

  /**
   * The log before a segment.
   *
   * @param readings readings of all records before
   * @param lastAppendTimeNanos append time of the last record before; Long.MIN_VALUE for none
   * @param epochs beginnings of the epochs that have records before, newest last, bounded
   */
  public record Before(long readings, long lastAppendTimeNanos, List<EpochStart> epochs) {
    /** Small enough to keep for each reader: there may be a thousand epochs. */
    public Before withoutEpochs() {
      return new Before(readings, lastAppendTimeNanos, List.of());
    }
  }

  /** Returns the length of the header in bytes; the first record follows it. */
  public int bytes() {
    return FIXED_BYTES + EPOCH_BYTES * before.epochs.size();
  }

  ByteBuffer encode() {
    byte[] header = new byte[bytes()];
    ByteBuffer to = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(0, MAGIC).put(8, FORMAT_VERSION).putInt(12, header.length);
    to.put(16, partition.log().getBytes(StandardCharsets.US_ASCII));
    to.putInt(32, partition.partition()).putInt(36, before.epochs.size());
    to.putLong(40, firstOffset).putLong(48, before.readings).putLong(56, epoch);
    to.putLong(64, PartitionEpochs.startNumber(epoch)).putLong(72, createdNanos);
    to.putLong(80, before.lastAppendTimeNanos).putLong(88, salt.value());
    to.position(FIXED_BYTES);
    for (EpochStart start : before.epochs) {
      to.putLong(start.epoch()).putLong(start.firstOffset()).putLong(start.readingsBefore());
    }
    to.putInt(4, Checksum.of(header, 8, header.length - 8));
    return to.rewind();
  }

  /**
   * Reads a file's header.
   *
   * @return null where it is missing, cut short or damaged
   * @throws IOException if it cannot be read, or a newer Weir wrote it
   */
  public static SegmentHeader read(ReadableFile file) throws IOException {
    byte[] fixed = read(file, FIXED_BYTES);
    ByteBuffer from = ByteBuffer.wrap(fixed).order(ByteOrder.LITTLE_ENDIAN);
    if (fixed.length < FIXED_BYTES || from.getInt(0) != MAGIC) {
      return null;
    }
    int epochs = from.getInt(36);
    if (epochs < 0 || epochs > EPOCHS_MAX || from.getInt(12) != bytes(epochs)) {
      return null;
    }
    byte[] whole = read(file, bytes(epochs));
    if (whole.length < bytes(epochs) || from.getInt(4) != Checksum.of(whole, 8, whole.length - 8)) {
      return null;
    }
    if (whole[8] != FORMAT_VERSION) {
      throw new IOException(
          "a segment file has format version "
              + whole[8]
              + ", which this Weir does not know: use the newer Weir that wrote it");
    }
    return parse(whole, epochs);
  }

  private static SegmentHeader parse(byte[] whole, int epochs) {
    ByteBuffer from = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    String log = new String(whole, 16, LOG_BYTES, StandardCharsets.US_ASCII);
    List<EpochStart> starts = new ArrayList<>(epochs);
    from.position(FIXED_BYTES);
    for (int i = 0; i < epochs; i++) {
      starts.add(new EpochStart(from.getLong(), from.getLong(), from.getLong()));
    }
    return new SegmentHeader(
        new PartitionId(log.replace("\0", ""), from.getInt(32)),
        new ChecksumSalt(from.getLong(88)),
        from.getLong(40),
        from.getLong(56),
        from.getLong(72),
        new Before(from.getLong(48), from.getLong(80), List.copyOf(starts)));
  }

  private static int bytes(int epochs) {
    return FIXED_BYTES + EPOCH_BYTES * epochs;
  }

  /** Up to some bytes from a file's beginning; fewer where the file is shorter. */
  public static byte[] read(ReadableFile file, int bytes) throws IOException {
    byte[] into = new byte[bytes];
    int done = file.read(ByteBuffer.wrap(into), 0);
    return done == bytes ? into : Arrays.copyOf(into, done);
  }
}
