package dev.weir.common.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.SyncFailedException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The operating system's files. Thread-safe; all it remembers is which locks this process holds.
 */
public final class NioDataFiles implements DataFiles {
  /**
   * The holder of each lock file. A process gives up all its POSIX locks on a file when it closes
   * any channel to it, so somebody who comes second must not even open it.
   */
  static final Map<Path, Object> HELD = new ConcurrentHashMap<>();

  /**
   * Read into an array at once, at most: the JDK keeps so much direct memory for each thread that
   * reads.
   */
  private static final int COPY_BYTES = 1 << 18;

  /** The bytes that a file system may need to make a file, about. */
  private static final int NAME_BYTES = 4_096;

  private static final int OPEN_TRIES = 3;

  /** A directory that is always there. */
  private static final Path ROOT = Path.of("/").toAbsolutePath();

  @Override
  public DataFile open(Path path) throws IOException {
    try {
      return new ChannelFile(
          path,
          FileChannel.open(
              path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
    } catch (IOException e) {
      if (noneLeft(e)) {
        throw tooMany(path, e);
      }
      throw orDiskFull(e, path.toAbsolutePath().getParent(), NAME_BYTES);
    }
  }

  /**
   * Returns whether no file at all can be opened. The JDK has no type for that either, only a text;
   * so this opens a directory that is always there.
   */
  private static boolean noneLeft(IOException failed) {
    if (failed.getClass() != FileSystemException.class) {
      return false; // it has a reason of its own, such as a missing directory
    }
    try {
      FileChannel.open(ROOT, StandardOpenOption.READ).close();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static TooManyFilesException tooMany(Path path, IOException failed) {
    return new TooManyFilesException(
        path
            + " cannot be opened: the process has as many files and connections open as the"
            + " operating system permits (ulimit -n); close connections or raise that limit",
        failed);
  }

  /** The JDK has no type for a full disk, only a text; so the disk is asked. */
  private static IOException orDiskFull(IOException failed, Path path, long neededBytes) {
    try {
      if (Files.getFileStore(path).getUsableSpace() < neededBytes) {
        return new DiskFullException("no space left for " + path, failed);
      }
    } catch (IOException e) {
      failed.addSuppressed(e);
    }
    return failed;
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    try {
      return new ChannelFile(path, FileChannel.open(path, StandardOpenOption.READ));
    } catch (IOException e) {
      throw noneLeft(e) ? tooMany(path, e) : e;
    }
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return names(paths);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw noneLeft(e) ? tooMany(directory, e) : e;
    }
  }

  /** Names of files in order; the stream of a directory may fail on the way. */
  static List<String> names(Stream<Path> paths) throws IOException {
    try {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    try {
      create(directory.toAbsolutePath(), this::syncDirectory);
    } catch (IOException e) {
      throw orDiskFull(e, existing(directory.toAbsolutePath()), NAME_BYTES);
    }
  }

  /** The nearest directory above that is there, to ask its disk. */
  private static Path existing(Path directory) {
    Path above = directory;
    while (above.getParent() != null && !Files.isDirectory(above)) {
      above = above.getParent();
    }
    return above;
  }

  /** Makes the names in a directory durable. */
  interface NamesSync {
    void sync(Path directory) throws IOException;
  }

  /** Level by level: one that is there proves that those above it are durable, but for its own. */
  static void create(Path absolute, NamesSync names) throws IOException {
    Path parent = absolute.getParent();
    boolean there = Files.isDirectory(absolute);
    if (!there) {
      if (parent != null) {
        create(parent, names);
      }
      Files.createDirectories(absolute);
    }
    // Also where it is there: whoever made it may have been killed before this.
    if (parent != null && (!there || mayHaveMade(parent))) {
      names.sync(parent);
    }
  }

  private static boolean mayHaveMade(Path parent) {
    return Files.isReadable(parent) && Files.isWritable(parent);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw orDiskFull(e, to.toAbsolutePath().getParent(), NAME_BYTES);
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public long freeBytes(Path directory) throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = openDirectory(directory)) {
      force(channel, directory);
    }
  }

  private static void force(FileChannel channel, Path directory) throws SyncFailedException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw DurableFile.notSynced(directory, e);
    }
  }

  /** A directory that was not opened must not be taken for a sync that failed. */
  private static FileChannel openDirectory(Path directory) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return FileChannel.open(directory, StandardOpenOption.READ);
      } catch (IOException e) {
        if (noneLeft(e)) {
          throw tooMany(directory, e);
        }
        if (tries == OPEN_TRIES) {
          throw tooMany(directory, e); // nothing was synced, and no sync failed
        } // else a file may have been closed between the two
      }
    }
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    Path real = path.toAbsolutePath().getParent().toRealPath().resolve(path.getFileName());
    Object holder = new Object();
    if (HELD.putIfAbsent(real, holder) != null) {
      return null; // held in this process
    }
    FileChannel channel = null;
    FileLock lock = null;
    try {
      channel = FileChannel.open(real, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      lock = channel.tryLock();
      return lock == null ? null : new HeldLock(real, holder, channel);
    } catch (OverlappingFileLockException e) {
      return null; // held in this process under another name
    } finally {
      if (lock == null) {
        if (channel != null) {
          channel.close();
        }
        HELD.remove(real, holder);
      }
    }
  }

  /** A lock that this process holds. Thread-safe; closing it again changes nothing. */
  record HeldLock(Path path, Object holder, Closeable channel) implements Closeable {
    @Override
    public void close() throws IOException {
      try {
        channel.close();
      } finally {
        HELD.remove(path, holder);
      }
    }
  }

  /**
   * A file that is read and written through a channel. Thread-safe: only positional reads and
   * writes.
   */
  private record ChannelFile(Path path, FileChannel channel) implements DataFile {
    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      int end = into.limit();
      int done = 0;
      try {
        while (into.position() < end) {
          into.limit(Math.min(end, into.position() + COPY_BYTES));
          int part = channel.read(into, position + done);
          if (part < 0) {
            break;
          }
          done += part;
        }
      } finally {
        into.limit(end);
      }
      return done;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      long at = position;
      try {
        while (from.hasRemaining()) {
          at += channel.write(from, at);
        }
      } catch (IOException e) {
        throw orDiskFull(e, path, from.remaining());
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      channel.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      channel.force(metadata);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
