package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.measure.RoundSample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Measures the time of a small append and its fdatasync on the disk of the contenders. Owned by a
 * bout.
 */
final class FsyncProbe {
  static final ContenderInfo CONTENDER =
      new ContenderInfo(
          "fdatasync",
          System.getProperty("os.name") + " " + System.getProperty("os.version"),
          "one append of 256 B, then fdatasync",
          "500 of them one after the other, nothing else running");

  private static final int APPEND_BYTES = 256;
  private static final int APPENDS = 500;
  private static final double NANOS_PER_MILLI = 1e6;

  private final Path directory;

  FsyncProbe(Path directory) {
    this.directory = directory;
  }

  RoundSample measure() throws BenchFailure {
    Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    Path file = directory.resolve("sync-probe");
    try {
      Files.createDirectories(directory);
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        for (int i = 0; i < APPENDS; i++) {
          long begin = System.nanoTime();
          channel.write(ByteBuffer.allocate(APPEND_BYTES));
          channel.force(false);
          latencies.recordValue(System.nanoTime() - begin);
        }
      }
    } catch (IOException e) {
      throw new BenchFailure(file + " cannot be written", e);
    }
    return new RoundSample(
        Map.of(
            "p50_millis", latencies.getValueAtPercentile(50) / NANOS_PER_MILLI,
            "p99_millis", latencies.getValueAtPercentile(99) / NANOS_PER_MILLI),
        List.of());
  }
}
