package dev.weir.client.internal.spool;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DurableFile;
import java.io.IOException;
import java.io.SyncFailedException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that hold a spool's frames: appended to at the end, deleted from anywhere. Owned by the
 * spool thread.
 */
@OwnedBy("spool thread")
final class SpoolSegments {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolSegments.class);
  private static final String SUFFIX = ".spool";

  private final DataFiles files;
  private final Path directory;
  private final long segmentBytes;
  private final Deque<Segment> all = new ArrayDeque<>();

  /** Open for appending; null where a new one is due. */
  private DataFile open;

  /** One file. Owned by the list. */
  static final class Segment {
    private final Path path;
    private long bytes;
    private long syncedBytes;
    private boolean deleted;

    // its whole frames
    private final long firstFrame;
    private long lastFrame;
    private long readings;

    private Segment(Path path, long firstFrame, long bytes) {
      this.path = path;
      this.firstFrame = firstFrame;
      this.lastFrame = firstFrame - 1;
      this.bytes = bytes;
      this.syncedBytes = bytes;
    }

    long firstFrame() {
      return firstFrame;
    }

    /** Its last whole frame; below its first one where it has none. */
    long lastFrame() {
      return lastFrame;
    }

    /** Readings of its whole frames. */
    long readings() {
      return readings;
    }

    /** Bytes that can be read; none once it is deleted. */
    long readableBytes() {
      return deleted ? 0 : syncedBytes;
    }

    /** It has one more frame. */
    void add(SpoolFrame.Head head) {
      lastFrame = head.number();
      readings += head.readings();
    }
  }

  SpoolSegments(DataFiles files, Path directory, long segmentBytes) {
    this.files = files;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
  }

  /** Returns whether a file of this name holds frames. */
  static boolean isSegment(String name) {
    return name.endsWith(SUFFIX);
  }

  /** Lists the files that are there, all of them closed for appending. */
  void recover() throws IOException {
    for (String name : files.list(directory)) {
      if (name.matches("\\d{20}\\" + SUFFIX)) {
        Path path = directory.resolve(name);
        long first = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
        try (DataFile file = files.openForReading(path)) {
          all.add(new Segment(path, first, file.size()));
        }
      }
    }
  }

  /**
   * Cuts a recovered file to what is whole, and makes that durable: its process may not have, or
   * may have seen a sync fail.
   */
  void keep(Segment segment, long bytes) throws IOException {
    try (DataFile file = files.open(segment.path)) {
      if (bytes < segment.bytes) {
        file.truncate(bytes);
      }
      DurableFile.renew(segment.path, file, 0, bytes);
    }
    segment.bytes = bytes;
    segment.syncedBytes = bytes;
  }

  /** All of them, in the order of their frames. */
  List<Segment> list() {
    return new ArrayList<>(all);
  }

  /** The first one behind another, or null. */
  Segment after(Segment segment) {
    for (Segment candidate : all) {
      if (candidate.firstFrame > segment.firstFrame) {
        return candidate;
      }
    }
    return null;
  }

  /** The frame with which the next file begins: none from there on belongs to this one. */
  long firstFrameBehind(Segment segment) {
    Segment next = after(segment);
    return next == null ? Long.MAX_VALUE : next.firstFrame;
  }

  /** Bytes of all files. */
  long bytes() {
    return all.stream().mapToLong(segment -> segment.bytes).sum();
  }

  /** Returns whether the next frame begins a new file, which has to define its sensors itself. */
  boolean isNewFileDue() {
    return open == null || all.getLast().bytes >= segmentBytes;
  }

  /**
   * Begins a new file, durably. A sync that fails must not be tried again, as the next one may
   * succeed and mean nothing; so it leaves nobody knowing what is on the disk.
   */
  void begin(long firstFrame, long readingsBefore) throws IOException {
    roll();
    Path path = directory.resolve(String.format(Locale.ROOT, "%020d%s", firstFrame, SUFFIX));
    byte[] header = SpoolFrameCodec.segmentHeader(firstFrame, readingsBefore);
    try {
      open = DurableFile.create(files, path, ByteBuffer.wrap(header));
    } catch (SyncFailedException e) {
      throw new UncheckedIOException(e);
    }
    all.add(new Segment(path, firstFrame, header.length));
  }

  /** The present file gets no more frames. */
  void roll() throws IOException {
    if (open != null) {
      sync();
      open.close();
      open = null;
    }
  }

  /** Writes a frame; where that fails with an IOException the file is as before. */
  void append(SpoolFrame.Head head, byte[] record) throws IOException {
    Segment last = all.getLast();
    try {
      open.write(ByteBuffer.wrap(record), last.bytes);
    } catch (IOException e) {
      cutBack(last.bytes, e);
      throw e;
    }
    last.bytes += record.length;
    last.add(head);
  }

  private void cutBack(long bytes, IOException failure) {
    try {
      open.truncate(bytes);
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw new UncheckedIOException(failure);
    }
  }

  /** Makes what was appended durable; where that fails nobody knows what is on the disk. */
  void sync() {
    if (open != null && all.getLast().syncedBytes < all.getLast().bytes) {
      try {
        open.sync(true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      all.getLast().syncedBytes = all.getLast().bytes;
    }
  }

  /** Bytes of a file from a position on, as far as they are synced. */
  byte[] read(Segment segment, long from) throws IOException {
    try (DataFile file = files.openForReading(segment.path)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(segment.syncedBytes - from));
      int read = file.read(bytes, from);
      if (read < bytes.capacity()) {
        throw new IOException(segment.path + " is shorter than it was");
      }
      return bytes.array();
    }
  }

  /** Returns whether frames are still appended to it. */
  boolean isOpen(Segment segment) {
    return open != null && segment == all.getLast();
  }

  /** Deletes a file that is not open. */
  void delete(Segment segment) throws IOException {
    files.delete(segment.path);
    files.syncDirectory(directory);
    segment.deleted = true;
    all.remove(segment);
  }

  /**
   * Closes what is open, without what was appended and not synced.
   *
   * @return whether that is surely gone; else it may be found by the next process
   */
  boolean abandon() {
    if (open == null) {
      return true;
    }
    try (DataFile last = open) {
      open = null;
      long synced = all.getLast().syncedBytes;
      if (last.size() > synced) {
        last.truncate(synced);
        last.sync(true);
      }
      return true;
    } catch (IOException e) {
      LOG.warn("{} could not be cut to what is synced", all.getLast().path, e);
      return false;
    }
  }
}
