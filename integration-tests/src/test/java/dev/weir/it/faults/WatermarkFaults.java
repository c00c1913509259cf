package dev.weir.it.faults;

import dev.weir.service.app.fault.ForwardingFile;
import dev.weir.service.app.fault.ForwardingFiles;
import dev.weir.service.log.segment.DataFile;
import dev.weir.service.log.segment.RealFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The real disk, on which the watermarks of topics cannot be written while told so. Thread-safe.
 */
final class WatermarkFaults extends ForwardingFiles {
  private volatile boolean failing;

  WatermarkFaults() {
    super(new RealFiles());
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

  private final class Watermark extends ForwardingFile {
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
