package dev.weir.service.log.segment.file;

import dev.weir.common.file.Checksum;
import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DurableFile;
import dev.weir.service.log.DataLossException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The data directory's start number, which only grows: the upper bits of every epoch. Owned by the
 * engine, under its lock. Durable before a raise returns; kept twice in its file, so that one
 * damaged copy does not make it go back.
 */
public final class StartNumber {
  private static final int MAGIC = 0x5453_5257; // "WRST" in the file
  private static final byte FORMAT_VERSION = 1;

  /** Bytes of one copy. */
  public static final int COPY_BYTES = 32;

  /** The place of the second copy; the first one begins at 0. */
  public static final int SECOND_COPY = 512;

  /** The file in the data directory. */
  public static final String NAME = "start";

  private final DataFiles files;
  private final Path dataDir;
  private long number;

  private StartNumber(DataFiles files, Path dataDir, long number) {
    this.files = files;
    this.dataDir = dataDir;
    this.number = number;
  }

  /** Reads the number; 0 in a new directory. */
  public static StartNumber read(DataFiles files, Path dataDir) throws IOException {
    if (files.list(dataDir).contains(NAME)) {
      return new StartNumber(files, dataDir, stored(files, dataDir.resolve(NAME)));
    }
    if (PartitionDirectory.anyFile(files, dataDir)) {
      throw new DataLossException(
          dataDir.resolve(NAME)
              + " is missing, but there are partitions: without the start number a new epoch could"
              + " repeat an old one; restore the file from a backup");
    }
    return new StartNumber(files, dataDir, 0);
  }

  private static long stored(DataFiles files, Path path) throws IOException {
    try (DataFile file = files.openForReading(path)) {
      byte[] bytes = SegmentHeader.read(file, SECOND_COPY + COPY_BYTES);
      long number = Math.max(copy(bytes, 0, path), copy(bytes, SECOND_COPY, path));
      if (number < 0) {
        throw new DataLossException(
            path + " is damaged in both its copies; restore the file from a backup");
      }
      return number;
    }
  }

  /**
   * The number in one of the two copies; -1 where the copy is damaged.
   *
   * @param bytes what the file holds
   * @param at where the copy begins
   * @param path the file, for the message
   * @throws IOException if a newer Weir wrote it
   */
  public static long copy(byte[] bytes, int at, Path path) throws IOException {
    if (bytes.length < at + COPY_BYTES) {
      return -1;
    }
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (from.getInt(at) != MAGIC || from.getInt(at + 4) != Checksum.of(bytes, at + 8, 24)) {
      return -1;
    }
    if (bytes[at + 8] != FORMAT_VERSION) {
      throw new IOException(
          path
              + " has format version "
              + bytes[at + 8]
              + ", which this Weir does not know: use the newer Weir that wrote it");
    }
    return from.getLong(at + 16);
  }

  /** Raises the number above itself and another one, durably. */
  public long raise(long above) throws IOException {
    long raised = Math.max(number, above) + 1;
    byte[] bytes = new byte[SECOND_COPY + COPY_BYTES];
    ByteBuffer to = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at <= SECOND_COPY; at += SECOND_COPY) {
      to.putInt(at, MAGIC).put(at + 8, FORMAT_VERSION).putLong(at + 16, raised);
      to.putInt(at + 4, Checksum.of(bytes, at + 8, 24));
    }
    Path temporary = dataDir.resolve(NAME + PartitionDirectory.TEMPORARY_SUFFIX);
    DurableFile.replace(files, dataDir.resolve(NAME), temporary, file -> file.write(to, 0));
    number = raised;
    return raised;
  }

  public long number() {
    return number;
  }
}
