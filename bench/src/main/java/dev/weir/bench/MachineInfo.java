package dev.weir.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The machine and the software on which the numbers were made. Immutable.
 *
 * @param cpu its name, where the system reports it
 * @param cores processors that this process may use
 * @param memoryBytes main memory
 * @param kernel operating system and version
 * @param jdk Java's name and version
 */
public record MachineInfo(String cpu, int cores, long memoryBytes, String kernel, String jdk) {
  private static final long BYTES_PER_GIB = 1L << 30;
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** This one. */
  public static MachineInfo present() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new MachineInfo(
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize(),
        system.getName() + " " + system.getVersion(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
  }

  private static String cpuName() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown CPU");
    } catch (IOException e) {
      return "unknown CPU";
    }
  }

  @Override
  public String toString() {
    return String.format(
        "%d cores (%s), %d GiB, %s, %s",
        cores, cpu, Math.round((double) memoryBytes / BYTES_PER_GIB), kernel, jdk);
  }

  /** For the results. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("cpu", cpu);
    map.put("cores", cores);
    map.put("memory_bytes", memoryBytes);
    map.put("kernel", kernel);
    map.put("jdk", jdk);
    return map;
  }
}
