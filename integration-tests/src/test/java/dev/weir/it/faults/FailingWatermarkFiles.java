package dev.weir.it.faults;

import dev.weir.common.file.DataFile;
import dev.weir.common.file.ForwardingDataFile;
import dev.weir.common.file.ForwardingDataFiles;
import dev.weir.common.file.NioDataFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The real disk, on which writes of the watermarks of topics fail while a flag is set. Thread-safe.
 */
final class FailingWatermarkFiles extends ForwardingDataFiles {
  private volatile boolean failing;

  FailingWatermarkFiles() {
    super(new NioDataFiles());
  }

  void failing(boolean fails) {
    failing = fails;
  }

  @Override
  public DataFile open(Path path) throws IOException {
    DataFile file = disk.open(path);
    return path.endsWith("watermark") && path.toString().contains("topics")
        ? new Watermark(file)
        : file;
  }

  private final class Watermark extends ForwardingDataFile {
    Watermark(DataFile file) {
      super(file);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      if (failing) {
        throw new IOException("failed on purpose");
      }
      file.write(from, position);
    }
  }
}
