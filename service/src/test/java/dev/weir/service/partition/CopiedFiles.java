package dev.weir.service.partition;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.NioDataFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The real disk without syncs, copied as a killed process would leave it at some of the steps that
 * change it; writes are copied half done. Owned by one test.
 */
final class CopiedFiles implements DataFiles {
  private final DataFiles real = new NioDataFiles();
  private final Path dir;
  private final Set<Integer> at;
  private final List<Path> copies = new ArrayList<>();
  private int steps;

  /**
   * Copies a directory.
   *
   * @param at the numbers of the steps, from 1
   */
  CopiedFiles(Path dir, Set<Integer> at) {
    this.dir = dir;
    this.at = at;
  }

  int steps() {
    return steps;
  }

  List<Path> copies() {
    return copies;
  }

  private boolean step() {
    return at.contains(++steps);
  }

  private void copy() throws IOException {
    Path copy = dir.resolveSibling(dir.getFileName() + "-copy-" + steps);
    try (Stream<Path> paths = java.nio.file.Files.walk(dir)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        java.nio.file.Files.copy(
            path, copy.resolve(dir.relativize(path)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    copies.add(copy);
  }

  private void copyIfDue() throws IOException {
    if (step()) {
      copy();
    }
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return new CopiedFile(real.open(path));
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    return real.openForReading(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return real.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    java.nio.file.Files.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    copyIfDue();
    real.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    copyIfDue();
    real.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) {
    // A process that is killed loses nothing that was not synced.
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    return real.lock(path);
  }

  private final class CopiedFile implements DataFile {
    private final DataFile file;

    CopiedFile(DataFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      if (step()) {
        ByteBuffer half = from.duplicate();
        half.limit(half.position() + half.remaining() / 2);
        file.write(half, position);
        copy();
      }
      file.write(from, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      copyIfDue();
      file.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) {
      // See above.
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
