package dev.weir.bench.peer;

import dev.weir.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Reads the CPU time and the memory of a process from Linux. Stateless. */
final class ProcessStatus {
  private static final String RESIDENT = "VmRSS:";
  private static final long BYTES_PER_KIB = 1024;

  private ProcessStatus() {}

  static long cpuMillis(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
  }

  static long residentBytes(long pid) throws BenchFailure {
    Path file = Path.of("/proc/" + pid + "/status");
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(RESIDENT)) {
          String kib = line.substring(RESIDENT.length()).replace("kB", "").trim();
          return Long.parseLong(kib) * BYTES_PER_KIB;
        }
      }
    } catch (IOException e) {
      throw new BenchFailure(file + " cannot be read", e);
    }
    throw new BenchFailure(file + " has no " + RESIDENT);
  }
}
