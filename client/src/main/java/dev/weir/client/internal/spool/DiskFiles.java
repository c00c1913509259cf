package dev.weir.client.internal.spool;

import java.io.Closeable;
import java.io.IOException;
import java.io.SyncFailedException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
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
public final class DiskFiles implements SpoolFiles {
  /**
   * Who holds which lock file. A process gives up all its POSIX locks on a file when it closes any
   * channel to it, so somebody who comes second must not even open it.
   */
  private static final Map<Path, Object> HELD = new ConcurrentHashMap<>();

  @Override
  public Open open(Path path) throws IOException {
    return new ChannelFile(
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
  }

  @Override
  public Open openForReading(Path path) throws IOException {
    return new ChannelFile(FileChannel.open(path, StandardOpenOption.READ));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return names(paths);
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
    create(directory.toAbsolutePath(), this::syncDirectory);
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
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      force(channel, directory);
    }
  }

  /** A directory that could not be opened must not be taken for a sync that failed. */
  private static void force(FileChannel channel, Path directory) throws SyncFailedException {
    try {
      channel.force(true);
    } catch (IOException e) {
      SyncFailedException failed = new SyncFailedException(directory + " could not be synced");
      failed.initCause(e);
      throw failed;
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
  private record HeldLock(Path path, Object holder, FileChannel channel) implements Closeable {
    @Override
    public void close() throws IOException {
      try {
        channel.close();
      } finally {
        HELD.remove(path, holder);
      }
    }
  }

  /** A file behind a channel. Thread-safe: only positional reads and writes. */
  private record ChannelFile(FileChannel channel) implements Open {
    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      int done = 0;
      while (into.hasRemaining()) {
        int part = channel.read(into, position + done);
        if (part < 0) {
          break;
        }
        done += part;
      }
      return done;
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      long at = position;
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      channel.truncate(bytes);
    }

    @Override
    public void sync() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
