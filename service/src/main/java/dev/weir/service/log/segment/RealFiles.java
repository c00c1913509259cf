package dev.weir.service.log.segment;

import dev.weir.service.log.DiskFullException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** The operating system's files. Thread-safe, without state. */
public final class RealFiles implements Files {
  @Override
  public DataFile open(Path path) throws IOException {
    return new ChannelFile(
        path,
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    return new ChannelFile(path, FileChannel.open(path, StandardOpenOption.READ));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> paths = java.nio.file.Files.list(directory)) {
      paths.forEach(path -> names.add(path.getFileName().toString()));
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath();
    if (java.nio.file.Files.isDirectory(absolute)) {
      return;
    }
    Path parent = absolute.getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    java.nio.file.Files.createDirectories(absolute);
    if (parent != null) {
      syncDirectory(parent);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    java.nio.file.Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path path) throws IOException {
    java.nio.file.Files.deleteIfExists(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held in this process
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : channel;
  }

  /** A file behind a channel. Thread-safe: only positional reads and writes. */
  private record ChannelFile(Path path, FileChannel channel) implements DataFile {
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
      try {
        while (from.hasRemaining()) {
          at += channel.write(from, at);
        }
      } catch (IOException e) {
        // The JDK has no type for a full disk, only a text; so the disk is asked.
        if (java.nio.file.Files.getFileStore(path).getUsableSpace() < from.remaining()) {
          throw new DiskFullException("no space left for " + path, e);
        }
        throw e;
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
    public void sync(boolean metadata) throws IOException {
      channel.force(metadata);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
