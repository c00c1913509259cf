package dev.weir.it.proof;

import dev.weir.common.file.DataFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A copy of a data directory in memory, to be damaged, recovered and thrown away. Everything is
 * durable at once. Thread-safe.
 */
final class MemoryFiles implements dev.weir.common.file.DataFiles {
  private final Map<Path, MemoryFile> files = new TreeMap<>(); // guarded by this

  /** A copy of all files below a directory. */
  static MemoryFiles of(Path dir) throws IOException {
    MemoryFiles copy = new MemoryFiles();
    try (Stream<Path> paths = Files.walk(dir)) {
      paths.filter(Files::isRegularFile).forEach(path -> copy.files.put(path, loaded(path)));
    }
    return copy;
  }

  private static MemoryFile loaded(Path path) {
    try {
      return new MemoryFile(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy of its own. */
  synchronized MemoryFiles copy() {
    MemoryFiles copy = new MemoryFiles();
    files.forEach((path, file) -> copy.files.put(path, new MemoryFile(file.bytes())));
    return copy;
  }

  /** The files there are. */
  synchronized List<Path> paths() {
    return List.copyOf(files.keySet());
  }

  synchronized byte[] bytes(Path path) {
    return files.get(path).bytes();
  }

  /** Damages one byte. */
  synchronized void flip(Path path, int at, int mask) {
    files.get(path).flip(at, mask);
  }

  @Override
  public synchronized DataFile open(Path path) {
    return files.computeIfAbsent(path, missing -> new MemoryFile(new byte[0]));
  }

  @Override
  public synchronized DataFile openForReading(Path path) throws IOException {
    MemoryFile file = files.get(path);
    if (file == null) {
      throw new NoSuchFileException(path.toString());
    }
    return file;
  }

  @Override
  public synchronized List<String> list(Path directory) {
    int depth = directory.getNameCount();
    return files.keySet().stream()
        .filter(path -> path.getNameCount() > depth && path.startsWith(directory))
        .map(path -> path.getName(depth).toString())
        .distinct()
        .toList();
  }

  @Override
  public void createDirectories(Path directory) {
    // A directory is there as soon as something is in it.
  }

  @Override
  public synchronized void rename(Path from, Path to) {
    for (Path path : paths()) {
      if (path.startsWith(from)) {
        files.put(to.resolve(from.relativize(path)), files.remove(path));
      }
    }
  }

  @Override
  public synchronized void delete(Path path) {
    files.remove(path);
  }

  @Override
  public void syncDirectory(Path directory) {
    // Nothing to do.
  }

  @Override
  public Closeable lock(Path path) {
    return () -> {};
  }

  /** Thread-safe. */
  private static final class MemoryFile implements DataFile {
    private byte[] bytes;

    MemoryFile(byte[] bytes) {
      this.bytes = bytes;
    }

    synchronized byte[] bytes() {
      return bytes.clone();
    }

    synchronized void flip(int at, int mask) {
      bytes[at] ^= (byte) mask;
    }

    @Override
    public synchronized int read(ByteBuffer into, long position) {
      int length = (int) Math.max(0, Math.min(into.remaining(), bytes.length - position));
      into.put(bytes, (int) Math.min(position, bytes.length), length);
      return length;
    }

    @Override
    public synchronized void write(ByteBuffer from, long position) {
      int end = (int) position + from.remaining();
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, end);
      }
      from.get(bytes, (int) position, from.remaining());
    }

    @Override
    public synchronized long size() {
      return bytes.length;
    }

    @Override
    public synchronized void truncate(long length) {
      if (length < bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) length);
      }
    }

    @Override
    public void sync(boolean metadata) {
      // Nothing to do.
    }

    @Override
    public void close() {
      // It stays.
    }
  }
}
