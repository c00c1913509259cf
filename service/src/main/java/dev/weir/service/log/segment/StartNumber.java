package dev.weir.service.log.segment;

import dev.weir.service.log.DataLossException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The data directory's start number, which only grows: the upper bits of every epoch. Owned by the
 * engine, under its lock. Durable before a raise returns; kept twice in its file, so that one
 * damaged copy does not make it go back.
 */
final class StartNumber {
  private static final int MAGIC = 0x5453_5257; // "WRST" in the file
  private static final byte FORMAT_VERSION = 1;
  private static final int COPY_BYTES = 32;
  private static final int SECOND_COPY = 512;
  private static final String NAME = "start";

  private final Files files;
  private final Path dataDir;
  private long number;

  private StartNumber(Files files, Path dataDir, long number) {
    this.files = files;
    this.dataDir = dataDir;
    this.number = number;
  }

  /** Reads the number; 0 in a new directory. */
  static StartNumber read(Files files, Path dataDir) throws IOException {
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

  private static long stored(Files files, Path path) throws IOException {
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
   * Checks the number without changing anything.
   *
   * @param newestEpoch the greatest epoch in the directory; 0 for none
   */
  static void check(Files files, Path dataDir, long newestEpoch, Consumer<? super Flaw> flaws)
      throws IOException {
    Path path = dataDir.resolve(NAME);
    if (!files.list(dataDir).contains(NAME)) {
      String words = "the start number is missing: a new epoch could repeat an old one";
      flaws.accept(new Flaw(Flaw.Kind.MISSING, null, null, path.toString(), words));
      return;
    }
    byte[] bytes;
    try (DataFile file = files.openForReading(path)) {
      bytes = SegmentHeader.read(file, SECOND_COPY + COPY_BYTES);
    }
    for (int at = 0; at <= SECOND_COPY; at += SECOND_COPY) {
      long number = copy(bytes, at, path);
      String wrong = null;
      if (number < 0) {
        wrong = "a copy of the start number is damaged; the other one is used";
      } else if (number < Epochs.startNumber(newestEpoch)) {
        wrong = "the start number " + number + " is older than the newest epoch " + newestEpoch;
      }
      if (wrong != null) {
        String place = path + " bytes " + at + " to " + (at + COPY_BYTES);
        flaws.accept(new Flaw(Flaw.Kind.START_NUMBER, null, null, place, wrong));
      }
    }
  }

  private static long copy(byte[] bytes, int at, Path path) throws IOException {
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
  long raise(long above) throws IOException {
    long raised = Math.max(number, above) + 1;
    byte[] bytes = new byte[SECOND_COPY + COPY_BYTES];
    ByteBuffer to = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at <= SECOND_COPY; at += SECOND_COPY) {
      to.putInt(at, MAGIC).put(at + 8, FORMAT_VERSION).putLong(at + 16, raised);
      to.putInt(at + 4, Checksum.of(bytes, at + 8, 24));
    }
    Path temporary = dataDir.resolve(NAME + PartitionDirectory.TEMPORARY_SUFFIX);
    files.delete(temporary);
    try (DataFile file = files.open(temporary)) {
      file.write(to, 0);
      file.sync(true);
    }
    files.rename(temporary, dataDir.resolve(NAME));
    files.syncDirectory(dataDir);
    number = raised;
    return raised;
  }

  long number() {
    return number;
  }
}
