package dev.weir.service.app.fault;

import dev.weir.service.log.segment.DataFile;
import dev.weir.service.log.segment.Files;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The way to the disk, on which nothing is ever synced. Thread-safe. */
public final class UnsyncedFiles implements Files {
  private final Files disk;

  public UnsyncedFiles(Files disk) {
    this.disk = disk;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return new UnsyncedFile(disk.open(path));
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    return disk.openForReading(path);
  }

  @Override
  public long freeBytes(Path directory) throws IOException {
    return disk.freeBytes(directory);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) {
    // That is the fault.
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    return disk.lock(path);
  }

  private record UnsyncedFile(DataFile file) implements DataFile {
    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      file.write(from, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) {
      // That is the fault.
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
