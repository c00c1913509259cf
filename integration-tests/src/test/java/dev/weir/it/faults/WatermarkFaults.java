package dev.weir.it.faults;

import dev.weir.service.log.segment.DataFile;
import dev.weir.service.log.segment.Files;
import dev.weir.service.log.segment.RealFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The real disk, on which the watermarks of topics cannot be written while told so. Thread-safe.
 */
final class WatermarkFaults implements Files {
  private final Files real = new RealFiles();
  private volatile boolean failing;

  void failing(boolean fails) {
    failing = fails;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    DataFile file = real.open(path);
    return path.endsWith("watermark") && path.toString().contains("topics")
        ? new Watermark(file)
        : file;
  }

  private final class Watermark implements DataFile {
    private final DataFile file;

    Watermark(DataFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      if (failing) {
        throw new IOException("failed on purpose");
      }
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
    public void sync(boolean metadata) throws IOException {
      file.sync(metadata);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
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
    real.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    real.rename(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    real.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    real.syncDirectory(directory);
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    return real.lock(path);
  }
}
