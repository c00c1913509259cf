package dev.weir.service.log.segment.recovery;

import dev.weir.common.OwnedBy;
import dev.weir.common.file.Checksum;
import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DurableFile;
import dev.weir.service.core.CountingOutput;
import dev.weir.service.core.Slice;
import dev.weir.service.log.Checkpoint;
import dev.weir.service.log.CheckpointState;
import dev.weir.service.log.CheckpointTooLargeException;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.LogItem;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.segment.file.ChunkedFileOutput;
import dev.weir.service.log.segment.file.CommittedState;
import dev.weir.service.log.segment.file.PartitionDirectory;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentHeader;
import dev.weir.service.log.segment.read.ReadablePartition;
import dev.weir.service.log.segment.read.SegmentReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * A partition's checkpoint files: the two newest are kept. Owned by whoever owns the partition. A
 * second one of the same offset gets a name of its own, so that retention, which needs two, goes on
 * where no records come.
 */
@OwnedBy("partition writer")
public final class CheckpointFiles {
  private static final int MAGIC = 0x5043_5257; // "WRCP" in the file
  private static final byte FORMAT_VERSION = 1;
  private static final int HEADER_BYTES = 48;
  private static final int STATE_BYTES_MAX = Integer.MAX_VALUE - 64;
  private static final int KEPT = 2;
  private static final String PREFIX = "checkpoint-";
  private static final int DIGITS = 20;
  private static final String SECOND = "-2";
  private static final Pattern NAME = Pattern.compile(PREFIX + "00\\d{18}(" + SECOND + ")?");

  private final ReadablePartition view;
  private final DataFiles files;
  private final Path directory;
  private final Consumer<SegmentEvent> events;
  private volatile long olderOffset;
  private boolean lacksOne;

  public CheckpointFiles(ReadablePartition view, Consumer<SegmentEvent> events) throws IOException {
    this.view = view;
    this.events = events;
    files = view.directory().files();
    directory = view.directory().path();
    olderOffset = olderOf(newestFirst());
  }

  /** Offset of the older of the two that are kept; 0 where there are fewer. Thread-safe. */
  public long olderOffset() {
    return olderOffset;
  }

  private static long olderOf(List<Path> newestFirst) {
    return newestFirst.size() < KEPT ? 0 : offset(newestFirst.get(KEPT - 1));
  }

  /** The offset in a checkpoint's name. */
  public static long offset(Path path) {
    int digits = PREFIX.length();
    return Long.parseLong(path.getFileName().toString(), digits, digits + DIGITS, 10);
  }

  /**
   * Makes a checkpoint durable. The log is synced up to there: it is committed.
   *
   * @param checkpoint of which everything but the state counts
   */
  public void write(Checkpoint checkpoint, CheckpointState state) throws IOException {
    if (checkpoint.offset() > view.committed().endOffset()) {
      throw new IllegalArgumentException(
          "checkpoint offset: "
              + checkpoint.offset()
              + " (expected at most "
              + view.committed().endOffset()
              + ", which is committed)");
    }
    Path path = directory.resolve(PREFIX + String.format("%020d", checkpoint.offset()));
    if (newestFirst().contains(path)) {
      path = directory.resolve(path.getFileName() + SECOND); // the first stays as it is
    }
    Path temporary = directory.resolve(path.getFileName() + PartitionDirectory.TEMPORARY_SUFFIX);
    DurableFile.replace(files, path, temporary, file -> write(file, checkpoint, state));
    List<Path> newestFirst = newestFirst();
    for (Path old : newestFirst.subList(Math.min(KEPT, newestFirst.size()), newestFirst.size())) {
      delete(old);
    }
    olderOffset = olderOf(newestFirst);
  }

  /** Bytes of the largest file that {@link #newest} may read; 0 for none. */
  public long newestBytes() throws IOException {
    long most = 0;
    for (Path path : newestFirst()) {
      try (DataFile file = files.openForReading(path)) {
        most = Math.max(most, file.size());
      }
    }
    return most;
  }

  /** The newest one that is whole and lies within the log; those that are not are deleted. */
  public Optional<Checkpoint> newest() throws IOException {
    List<Path> found = newestFirst();
    long start = view.committed().first().firstOffset();
    lacksOne = start > 0 && found.size() < KEPT; // there were two when the log's start was deleted
    for (Path path : found) {
      Checkpoint checkpoint = read(files, path);
      String unusable = checkpoint == null ? "is damaged" : whyNot(checkpoint);
      if (unusable == null) {
        return Optional.of(checkpoint);
      }
      events.accept(
          new SegmentEvent(
              SegmentEvent.Kind.CHECKPOINT_DISCARDED,
              view.directory().partition(),
              path + " " + unusable + "; an older one, or the whole log, is used instead"));
      delete(path);
      olderOffset = olderOf(newestFirst());
      lacksOne = true;
    }
    if (start > 0) {
      throw new DataLossException(
          directory
              + ": the log begins at offset "
              + start
              + " and no checkpoint is usable, so what came before is lost; restore a backup");
    }
    return Optional.empty();
  }

  /**
   * Returns whether {@link #newest} found one of the two damaged, or missing where both are needed.
   */
  public boolean lacksOne() {
    return lacksOne;
  }

  /** Why a whole checkpoint is not a fold of this log; null where it is. */
  private String whyNot(Checkpoint checkpoint) throws IOException {
    CommittedState now = view.committed();
    long start = now.first().firstOffset();
    if (checkpoint.offset() > now.endOffset()) {
      return "is ahead of the log, which ends at offset " + now.endOffset();
    }
    if (checkpoint.offset() < start) {
      return "ends before the log begins, at offset " + start;
    }
    if (checkpoint.offset() == start) {
      return null;
    }
    try (SegmentReader reader = view.read(checkpoint.offset() - 1, false)) {
      LogItem last = reader.next();
      return last instanceof LogRecord record
              && (record.epoch() != checkpoint.epoch()
                  || record.readingsAfter() != checkpoint.readings())
          ? "is of another history: epoch " + checkpoint.epoch() + ", the log has " + record.epoch()
          : null;
    }
  }

  private void delete(Path path) throws IOException {
    files.delete(path);
    files.syncDirectory(directory);
  }

  private List<Path> newestFirst() throws IOException {
    return newestFirst(view.directory());
  }

  /** The checkpoint files of a partition. */
  public static List<Path> newestFirst(PartitionDirectory of) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : of.files().list(of.path())) {
      if (NAME.matcher(name).matches()) {
        names.add(name);
      }
    }
    Collections.sort(names, Collections.reverseOrder());
    return names.stream().map(of.path()::resolve).toList();
  }

  /** The greatest offset that a checkpoint's name has; 0 for none. */
  static long greatestOffset(PartitionDirectory of) throws IOException {
    List<Path> newestFirst = newestFirst(of);
    return newestFirst.isEmpty() ? 0 : offset(newestFirst.get(0));
  }

  /** Writes the state behind room for the header, which has its checksum, and then the header. */
  private static void write(DataFile file, Checkpoint checkpoint, CheckpointState state)
      throws IOException {
    var counted = new CountingOutput();
    state.writeTo(counted);
    byte[] header = new byte[HEADER_BYTES];
    ByteBuffer to = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(0, MAGIC).put(8, FORMAT_VERSION).putInt(12, stateBytes(counted.bytes()));
    to.putLong(16, checkpoint.epoch()).putLong(24, checkpoint.offset());
    to.putLong(32, checkpoint.readings());
    CRC32C checksum = new CRC32C();
    checksum.update(header, 8, HEADER_BYTES - 8);
    var out = new ChunkedFileOutput(file, header);
    var checked = new CheckedOutputStream(out, checksum);
    state.writeTo(checked);
    to.putInt(4, (int) checksum.getValue());
    out.end(header);
    if (out.position() != HEADER_BYTES + counted.bytes()) {
      throw new IllegalStateException("a checkpoint's state changed while it was written");
    }
  }

  private static int stateBytes(long bytes) throws IOException {
    if (bytes > STATE_BYTES_MAX) {
      throw new CheckpointTooLargeException(bytes, STATE_BYTES_MAX);
    }
    return (int) bytes;
  }

  /**
   * Reads a checkpoint.
   *
   * @return null where it is damaged
   * @throws IOException if it cannot be read, or a newer Weir wrote it
   */
  public static Checkpoint read(DataFiles files, Path path) throws IOException {
    byte[] bytes;
    try (DataFile file = files.openForReading(path)) {
      bytes = SegmentHeader.read(file, (int) Math.min(file.size(), Integer.MAX_VALUE - 8));
    }
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < HEADER_BYTES
        || from.getInt(0) != MAGIC
        || from.getInt(4) != Checksum.of(bytes, 8, bytes.length - 8)
        || from.getInt(12) != bytes.length - HEADER_BYTES) {
      return null;
    }
    if (bytes[8] != FORMAT_VERSION) {
      throw new IOException(
          path
              + " has format version "
              + bytes[8]
              + ", which this Weir does not know: use the newer Weir that wrote it");
    }
    return new Checkpoint(
        from.getLong(16),
        from.getLong(24),
        from.getLong(32),
        new Slice(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES));
  }
}
