package dev.weir.common.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A way to the disk that goes another one; a subclass overrides what it does else. As that. */
public abstract class ForwardingDataFiles implements DataFiles {
  protected final DataFiles disk;

  protected ForwardingDataFiles(DataFiles disk) {
    this.disk = disk;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return disk.open(path);
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
  public boolean fewLeft() {
    return disk.fewLeft();
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
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    return disk.lock(path);
  }
}
