package dev.weir.faultinjection;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.ForwardingDataFile;
import dev.weir.common.file.ForwardingDataFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The way to a disk that has room for so many bytes of file content, of all files that were opened
 * through it. Thread-safe.
 */
final class SmallDiskFiles extends ForwardingDataFiles {
  private final Map<Path, Long> sizes = new HashMap<>(); // guarded by this, as the next
  private long freeBytes;

  SmallDiskFiles(DataFiles disk, long bytes) {
    super(disk);
    this.freeBytes = bytes;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    DataFile file = disk.open(path);
    sized(path, file.size());
    return new BoundedFile(path, file);
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    DataFile file = disk.openForReading(path);
    sized(path, file.size());
    return file;
  }

  private synchronized void sized(Path path, long bytes) {
    Long before = sizes.put(path, bytes);
    freeBytes -= bytes - (before == null ? 0 : before);
  }

  private synchronized void gone(Path path) {
    Long before = sizes.remove(path);
    freeBytes += before == null ? 0 : before;
  }

  @Override
  public synchronized long freeBytes(Path directory) {
    return Math.max(0, freeBytes);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
    synchronized (this) {
      Map<Path, Long> moved = new HashMap<>();
      sizes.forEach(
          (path, bytes) -> {
            if (path.startsWith(from)) {
              moved.put(path, bytes);
            }
          });
      moved.forEach(
          (path, bytes) -> {
            gone(path);
            sized(path.equals(from) ? to : to.resolve(from.relativize(path)), bytes);
          });
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    try (DataFile doomed = disk.openForReading(path)) {
      sized(path, doomed.size());
    } catch (NoSuchFileException e) {
      // Nothing to count.
    } catch (IOException e) {
      // A directory.
    }
    disk.delete(path);
    gone(path);
  }

  /** Thread-safe; one write or cut at a time. */
  private final class BoundedFile extends ForwardingDataFile {
    private final Path path;

    BoundedFile(Path path, DataFile file) {
      super(file);
      this.path = path;
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (SmallDiskFiles.this) {
        long growth = Math.max(0, position + from.remaining() - file.size());
        long missing = Math.max(0, growth - Math.max(0, freeBytes));
        ByteBuffer part = from.duplicate();
        part.limit((int) Math.max(part.position(), part.limit() - missing));
        file.write(part, position);
        sized(path, file.size());
        if (missing > 0) {
          throw new DiskFullException("full on purpose: " + path, null);
        }
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      synchronized (SmallDiskFiles.this) {
        file.truncate(bytes);
        sized(path, file.size());
      }
    }
  }
}
