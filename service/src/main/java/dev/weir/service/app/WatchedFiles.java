package dev.weir.service.app;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.DataFiles;
import dev.weir.common.file.ForwardingDataFile;
import dev.weir.common.file.ForwardingDataFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The way to the disk, on which threads of the service note that they are there: a disk that hangs
 * is not the thread's fault. Thread-safe.
 */
final class WatchedFiles extends ForwardingDataFiles {
  WatchedFiles(DataFiles disk) {
    super(disk);
  }

  private interface Call<T> {
    T made() throws IOException;
  }

  private interface Action {
    void done() throws IOException;
  }

  private static <T> T noted(Call<T> call) throws IOException {
    ServiceThread thread = entering();
    try {
      return call.made();
    } finally {
      leaving(thread);
    }
  }

  private static void noted(Action action) throws IOException {
    ServiceThread thread = entering();
    try {
      action.done();
    } finally {
      leaving(thread);
    }
  }

  private static ServiceThread entering() {
    if (Thread.currentThread() instanceof ServiceThread thread) {
      thread.enterFile(System.nanoTime());
      return thread;
    }
    return null; // such as the one that starts the server
  }

  private static void leaving(ServiceThread thread) {
    if (thread != null) {
      thread.leaveFile(System.nanoTime());
    }
  }

  @Override
  public DataFile open(Path path) throws IOException {
    return new NotedFile(noted(() -> disk.open(path)));
  }

  @Override
  public DataFile openForReading(Path path) throws IOException {
    return new NotedFile(noted(() -> disk.openForReading(path)));
  }

  @Override
  public long freeBytes(Path directory) throws IOException {
    return noted(() -> disk.freeBytes(directory));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return noted(() -> disk.list(directory));
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    noted(() -> disk.createDirectories(directory));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    noted(() -> disk.rename(from, to));
  }

  @Override
  public void delete(Path path) throws IOException {
    noted(() -> disk.delete(path));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    noted(() -> disk.syncDirectory(directory));
  }

  @Override
  public Closeable lock(Path path) throws IOException {
    return noted(() -> disk.lock(path));
  }

  private static final class NotedFile extends ForwardingDataFile {
    NotedFile(DataFile file) {
      super(file);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      ServiceThread thread = entering();
      try {
        return file.read(into, position);
      } finally {
        leaving(thread);
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      ServiceThread thread = entering();
      try {
        file.write(from, position);
      } finally {
        leaving(thread);
      }
    }

    @Override
    public long size() throws IOException {
      return noted(file::size);
    }

    @Override
    public void truncate(long bytes) throws IOException {
      noted(() -> file.truncate(bytes));
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      noted(() -> file.sync(metadata));
    }

    @Override
    public void close() throws IOException {
      noted(file::close);
    }
  }
}
