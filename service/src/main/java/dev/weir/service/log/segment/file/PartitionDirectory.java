package dev.weir.service.log.segment.file;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DurableFile;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a partition's files are and what they are called. Immutable.
 *
 * @param files the way to the disk
 * @param partition whose files
 * @param path the directory
 */
public record PartitionDirectory(DataFiles files, PartitionId partition, Path path) {
  public static final String TEMPORARY_SUFFIX = ".tmp";
  static final String DELETED_SUFFIX = ".deleted";
  public static final String WATERMARK_NAME = "watermark";

  /** The file in a data directory that is locked by the process that uses the directory. */
  public static final String LOCK_NAME = "lock";

  private static final String SYSTEM = "system";
  private static final String TOPICS = "topics";
  private static final String SEGMENT_SUFFIX = ".log";
  private static final Pattern SEGMENT = Pattern.compile("00\\d{18}\\.log");
  private static final Pattern LOG = Pattern.compile("[0-9a-f]{16}|system");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

  public static PartitionDirectory of(DataFiles files, Path dataDir, PartitionId id) {
    if (!LOG.matcher(id.log()).matches() || id.partition() < 0) {
      throw new IllegalArgumentException(
          "partition: " + id + " (expected 16 hexadecimal digits or system, and a number)");
    }
    Path log = id.log().equals(SYSTEM) ? dataDir.resolve(SYSTEM) : topics(dataDir, id.log());
    return new PartitionDirectory(files, id, log.resolve(Integer.toString(id.partition())));
  }

  private static Path topics(Path dataDir, String log) {
    return dataDir.resolve(TOPICS).resolve(log);
  }

  /** All partitions in a data directory, the system's first. */
  public static List<PartitionDirectory> all(DataFiles files, Path dataDir) throws IOException {
    List<PartitionDirectory> all = new ArrayList<>();
    addAll(all, files, dataDir, SYSTEM, dataDir.resolve(SYSTEM));
    for (String log : files.list(dataDir.resolve(TOPICS))) {
      if (LOG.matcher(log).matches()) {
        addAll(all, files, dataDir, log, topics(dataDir, log));
      }
    }
    return all;
  }

  /** The partitions of logs that are not known; the directories of those that are stay unread. */
  public static List<PartitionDirectory> unknown(DataFiles files, Path dataDir, Set<String> known)
      throws IOException {
    List<PartitionDirectory> unknown = new ArrayList<>();
    for (String log : files.list(dataDir.resolve(TOPICS))) {
      if (LOG.matcher(log).matches() && !known.contains(log)) {
        addAll(unknown, files, dataDir, log, topics(dataDir, log));
      }
    }
    return unknown;
  }

  /** Returns whether any partition has a file. */
  static boolean anyFile(DataFiles files, Path dataDir) throws IOException {
    for (PartitionDirectory directory : all(files, dataDir)) {
      if (!files.list(directory.path).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static void addAll(
      List<PartitionDirectory> to, DataFiles files, Path dataDir, String log, Path logDirectory)
      throws IOException {
    files.list(logDirectory).stream()
        .filter(name -> NUMBER.matcher(name).matches())
        .map(Integer::valueOf)
        .sorted()
        .forEach(number -> to.add(of(files, dataDir, new PartitionId(log, number))));
  }

  /**
   * Returns whether a data directory holds nothing that a new system partition could hide. Before
   * the first start number the directory of the system partition is made, so that one without it is
   * a loss.
   *
   * @param first whether there was no start number yet
   */
  public static boolean unused(DataFiles files, Path dataDir, boolean first) throws IOException {
    PartitionDirectory system = of(files, dataDir, PartitionId.SYSTEM);
    if (first) {
      files.createDirectories(system.path);
      return true;
    }
    String name = system.path.getFileName().toString();
    try {
      return files.list(system.path.getParent()).contains(name)
          && files.list(dataDir.resolve(TOPICS)).stream().noneMatch(LOG.asMatchPredicate());
    } catch (IOException e) {
      return false; // what cannot be seen may be topics
    }
  }

  /** Returns whether it has a segment: none is made without, and retention always leaves one. */
  public boolean made() throws IOException {
    return !segments().isEmpty();
  }

  /**
   * Refuses a partition that is not there any more.
   *
   * @throws DataLossException if it is not {@link #made}
   */
  public void requireMade() throws IOException {
    if (!made()) {
      throw new DataLossException(
          path + ": the partition was made here, and no segment file is left; restore a backup");
    }
  }

  /** Deletes the partition: under another name first, so that a crash leaves all or nothing. */
  public void delete() throws IOException {
    Path name = path.getFileName();
    Path doomed = path.resolveSibling(name + DELETED_SUFFIX);
    deleteFiles(files, doomed); // of an earlier attempt
    if (files.list(path.getParent()).contains(name.toString())) {
      files.rename(path, doomed);
      files.syncDirectory(path.getParent());
      deleteFiles(files, doomed);
    }
    dropWhereEmpty(files, path.getParent());
  }

  /** A log goes with its last partition. */
  private static void dropWhereEmpty(DataFiles files, Path logDirectory) throws IOException {
    if (files.list(logDirectory).isEmpty()) {
      files.delete(logDirectory);
    }
  }

  /** Told of a directory that could not be swept. */
  public interface Unswept {
    void left(Path directory, IOException why);
  }

  /**
   * Ends deletions that a crash or a failing disk has interrupted. What cannot be deleted, or not
   * be listed, keeps nothing else from being swept.
   */
  public static void sweepDeleted(DataFiles files, Path dataDir, Unswept unswept) {
    sweepDeletedIn(files, dataDir.resolve(SYSTEM), unswept);
    Path topics = dataDir.resolve(TOPICS);
    try {
      for (String log : files.list(topics)) {
        if (LOG.matcher(log).matches()) {
          sweepDeletedIn(files, topics.resolve(log), unswept);
        }
      }
    } catch (IOException e) {
      unswept.left(topics, e);
    }
  }

  private static void sweepDeletedIn(DataFiles files, Path logDirectory, Unswept unswept) {
    try {
      for (String name : files.list(logDirectory)) {
        if (name.endsWith(DELETED_SUFFIX)) {
          deleteFiles(files, logDirectory.resolve(name));
        }
      }
      dropWhereEmpty(files, logDirectory);
    } catch (IOException e) {
      unswept.left(logDirectory, e);
    }
  }

  private static void deleteFiles(DataFiles files, Path directory) throws IOException {
    for (String name : files.list(directory)) {
      files.delete(directory.resolve(name));
    }
    files.delete(directory);
  }

  /** The segments present, in order of their offsets. */
  public List<Segment> segments() throws IOException {
    return files.list(path).stream()
        .filter(name -> SEGMENT.matcher(name).matches())
        .map(name -> name.substring(0, name.length() - SEGMENT_SUFFIX.length()))
        .map(digits -> segment(Long.parseLong(digits)))
        .toList();
  }

  public Segment segment(long firstOffset) {
    return new Segment(
        firstOffset, path.resolve(String.format("%020d%s", firstOffset, SEGMENT_SUFFIX)));
  }

  /** A segment's bytes; 0 where somebody else has deleted it. */
  public long bytes(Segment segment) throws IOException {
    try (DataFile file = files.openForReading(segment.path())) {
      return file.size();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** The header of a segment; null where it is damaged. */
  public SegmentHeader header(Segment segment) throws IOException {
    try (DataFile file = files.openForReading(segment.path())) {
      SegmentHeader header = SegmentHeader.read(file);
      if (header != null && !header.partition().equals(partition)) {
        throw new DataLossException(
            segment.path() + " belongs to partition " + header.partition() + ": move it back");
      }
      return header == null || header.firstOffset() != segment.firstOffset() ? null : header;
    }
  }

  /** The partition's salt, from whatever still has it; null where nothing has. */
  public ChecksumSalt salt(List<Segment> segments, Watermark watermark) throws IOException {
    if (watermark != null) {
      return watermark.salt();
    }
    for (Segment segment : segments) {
      SegmentHeader header = header(segment);
      if (header != null) {
        return header.salt();
      }
    }
    return null;
  }

  /**
   * Creates a segment file with its header, durably; what had its name is replaced.
   *
   * @throws SyncFailedException if it was made and may not be durable
   * @throws TooManyFilesException if it could not be opened, or its directory not be synced: as
   *     long as nothing is in it, it may be made again
   */
  public DataFile create(Segment segment, SegmentHeader header) throws IOException {
    return DurableFile.create(files, segment.path(), header.encode());
  }

  /**
   * Writes a part of a segment again and syncs it. After a failed sync the operating system may
   * take pages for clean that never reached the disk; only written again does a sync mean them.
   *
   * @throws SyncFailedException if it may not be durable
   */
  public void renew(Segment segment, DataFile file, long from, long end) throws IOException {
    DurableFile.renew(segment.path(), file, from, end);
  }

  /**
   * Makes the names in the directory durable.
   *
   * @throws SyncFailedException if they may not be
   * @throws TooManyFilesException if it could not be tried
   */
  void syncNames() throws IOException {
    DurableFile.syncNames(files, path);
  }
}
