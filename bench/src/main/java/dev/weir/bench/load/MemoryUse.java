package dev.weir.bench.load;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures the memory of a process, both as it stands and after its garbage is collected.
 * Stateless, thread-safe.
 */
public final class MemoryUse {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long BYTES_PER_KIB = 1024;
  private static final int COLLECTIONS_MAX = 6;
  private static final long SETTLED_BYTES = 64 * BYTES_PER_KIB;

  private MemoryUse() {}

  /**
   * Collects garbage until the heap does not shrink any more, then returns {@code heap_bytes},
   * {@code direct_bytes}, {@code resident_bytes}, and {@code resident_bytes_before}, the resident
   * bytes before any collection. Blocks for some collections.
   */
  public static KeyValues settled() throws IOException {
    long before = residentBytes();
    long heap = heapBytes();
    for (int i = 0; i < COLLECTIONS_MAX; i++) {
      System.gc();
      long now = heapBytes();
      if (i > 0 && heap - now < SETTLED_BYTES) {
        break;
      }
      heap = now;
    }
    return KeyValues.none()
        .with("heap_bytes", heapBytes())
        .with("direct_bytes", directBytes())
        .with("resident_bytes", residentBytes())
        .with("resident_bytes_before", before);
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(RESIDENT)) {
        String kib = line.substring(RESIDENT.length()).replace("kB", "").trim();
        return Long.parseLong(kib) * BYTES_PER_KIB;
      }
    }
    throw new IOException(STATUS + " has no " + RESIDENT);
  }

  private static long heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
