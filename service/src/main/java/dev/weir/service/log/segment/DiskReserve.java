package dev.weir.service.log.segment;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DiskFullException;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.file.SegmentEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What publishers may not take of the disk, so that checkpoints, retention, commits and topics go
 * on when it is nearly full. An eighth of it is held by a file, which is given up where somebody
 * else has taken the rest. Thread-safe; what looks at the disk may block.
 */
final class DiskReserve {
  static final String NAME = "reserve";

  private static final int HELD_PART = 8;
  private static final int BACK_PART = 4;
  private static final int PIECE_BYTES = 1 << 20;

  private final DataFiles files;
  private final Path dataDir;
  private final Path file;
  private final long reserveBytes;
  private final Consumer<SegmentEvent> events;
  private volatile long freeBytes; // set under this; what the file holds is not free
  private long heldBytes; // guarded by this
  private volatile boolean reached;

  /**
   * Looks at the disk, and makes room for a start where there is none.
   *
   * @param reserveBytes how much is kept; 0 for nothing
   */
  DiskReserve(DataFiles files, Path dataDir, long reserveBytes, Consumer<SegmentEvent> events)
      throws IOException {
    this.files = files;
    this.dataDir = dataDir;
    this.file = dataDir.resolve(NAME);
    this.reserveBytes = reserveBytes;
    this.events = events;
    this.heldBytes = fileBytes();
    look();
    if (freeBytes < heldBytes || heldBytes > 0 && reserveBytes == 0) {
      release();
    }
  }

  private long fileBytes() throws IOException {
    try (DataFile held = files.openForReading(file)) {
      return held.size();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** Returns whether publishers have to wait for space. Never blocks. */
  boolean reached() {
    return reached;
  }

  /** Bytes that files can still grow by, as of the last look. Never blocks. */
  long freeBytes() {
    return freeBytes;
  }

  /** The log grew; the disk is looked at where that may have reached the reserve. */
  synchronized void wrote(long bytes) {
    if (freeBytes == Long.MAX_VALUE) {
      return; // nobody knows
    }
    freeBytes -= bytes;
    if (!reached && freeBytes + heldBytes < reserveBytes) {
      look();
    }
  }

  /** Sees how much is free; tells where that changed what publishers may do. */
  synchronized void look() {
    try {
      freeBytes = files.freeBytes(dataDir);
    } catch (IOException e) {
      return; // the next write says what is wrong with the disk
    }
    long left = Math.min(Long.MAX_VALUE - heldBytes, freeBytes) + heldBytes;
    if (!reached && left < reserveBytes) {
      reached = true;
      tell(SegmentEvent.Kind.DISK_FULL, toldFull(left));
    } else if (reached && left >= servedFromBytes()) {
      reached = false;
      tell(
          SegmentEvent.Kind.DISK_FREED,
          String.format("Publishers are served again: %s has %d bytes free.", dataDir, left));
    }
  }

  private long servedFromBytes() {
    return reserveBytes + reserveBytes / BACK_PART;
  }

  private String toldFull(long left) {
    return String.format(
        "Publishers are refused: %s has %d bytes free, fewer than disk_reserve_bytes (%d). Free"
            + " space or shorten retention; publishers are served again once %d bytes are free.",
        dataDir, left, reserveBytes, servedFromBytes());
  }

  private void tell(SegmentEvent.Kind kind, String text) {
    events.accept(new SegmentEvent(kind, PartitionId.SYSTEM, text));
  }

  /**
   * Looks, and takes some of what is to be held, where there is space. Called once a second; who
   * writes meanwhile waits for one piece only.
   */
  synchronized void tick() {
    look();
    long wanted = reserveBytes / HELD_PART - heldBytes;
    if (!reached && wanted > 0 && freeBytes < Long.MAX_VALUE) {
      hold((int) Math.min(wanted, PIECE_BYTES));
    }
  }

  private synchronized void hold(int bytes) {
    try (DataFile held = files.open(file)) {
      held.write(ByteBuffer.allocate(bytes), heldBytes);
      heldBytes += bytes;
      freeBytes -= bytes;
    } catch (DiskFullException e) {
      release(); // somebody else took it meanwhile
    } catch (IOException e) {
      look(); // such as no file to be had: the next tick tries again
    }
  }

  /**
   * Gives up what is held, for something that has to be written now.
   *
   * @return whether there was anything
   */
  synchronized boolean release() {
    boolean held = heldBytes > 0;
    try {
      files.delete(file);
      heldBytes = 0;
    } catch (IOException e) {
      held = false; // it stays as it is; who wanted it says why there is no space
    }
    look();
    return held;
  }

  /** Deletes the file at a clean end, unless the next start may need the space. */
  synchronized void close() {
    if (!reached) {
      release();
    }
  }
}
