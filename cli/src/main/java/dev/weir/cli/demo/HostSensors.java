package dev.weir.cli.demo;

import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.NetworkIF;
import oshi.hardware.Sensors;
import oshi.util.GlobalConfig;

/** This machine's own sensors. Owned by the thread that samples. */
@OwnedBy("main thread")
final class HostSensors {
  private static final int DEVICES_MAX = 8;
  private static final int CORES_MAX = 64;
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier clock;
  private final CentralProcessor processor;
  private final GlobalMemory memory;
  private final Sensors sensors;
  private final List<Rate> rates = new ArrayList<>();
  private final List<Runnable> updates = new ArrayList<>();
  private long[][] ticks;
  private long sampledNanos;

  /** Takes one sampled value. */
  interface Sink {
    void take(String sensor, String unit, double value);
  }

  /** A counter of the machine, sampled as a rate. */
  private static final class Rate {
    private final String sensor;
    private final LongSupplier bytes;
    private long last;

    Rate(String sensor, LongSupplier bytes) {
      this.sensor = sensor;
      this.bytes = bytes;
      this.last = bytes.getAsLong();
    }

    double perSecond(double seconds) {
      long now = bytes.getAsLong();
      double rate = Math.max(0, now - last) / seconds;
      last = now;
      return rate;
    }
  }

  /**
   * Finds the sensors. Blocks on the operating system, as sampling does.
   *
   * @param clock nanoseconds that never jump
   */
  HostSensors(LongSupplier clock) {
    this.clock = clock;
    GlobalConfig.set(GlobalConfig.OSHI_UTIL_MEMOIZER_EXPIRATION, 50);
    HardwareAbstractionLayer hardware = new SystemInfo().getHardware();
    processor = hardware.getProcessor();
    memory = hardware.getMemory();
    sensors = hardware.getSensors();
    Set<String> names = new HashSet<>();
    for (HWDiskStore disk : first(hardware.getDiskStores())) {
      String name = unique(names, "disk/" + segment(disk.getName()));
      updates.add(disk::updateAttributes);
      rates.add(new Rate(name + "/read", disk::getReadBytes));
      rates.add(new Rate(name + "/written", disk::getWriteBytes));
    }
    for (NetworkIF network : first(hardware.getNetworkIFs(true))) {
      String name = unique(names, "network/" + segment(network.getName()));
      updates.add(network::updateAttributes);
      rates.add(new Rate(name + "/received", network::getBytesRecv));
      rates.add(new Rate(name + "/sent", network::getBytesSent));
    }
    ticks = processor.getProcessorCpuLoadTicks();
    sampledNanos = clock.getAsLong();
  }

  private static <T> List<T> first(List<T> devices) {
    return devices.subList(0, Math.min(DEVICES_MAX, devices.size()));
  }

  private static String unique(Set<String> names, String name) {
    String unique = name;
    for (int i = 2; !names.add(unique); i++) {
      unique = name + "-" + i;
    }
    return unique;
  }

  /** The last segment of a device's path, in characters that every sensor name may have. */
  private static String segment(String device) {
    String last = device.substring(device.lastIndexOf('/') + 1);
    return last.isEmpty() ? "device" : last.replaceAll("[^A-Za-z0-9._-]", "_");
  }

  /** Gives every value as of now; rates are since the sample before. */
  void sample(Sink sink) {
    updates.forEach(Runnable::run);
    long now = clock.getAsLong();
    double seconds = Math.max(1_000_000, now - sampledNanos) / NANOS_PER_SECOND;
    sampledNanos = now;
    double[] loads = processor.getProcessorCpuLoadBetweenTicks(ticks);
    ticks = processor.getProcessorCpuLoadTicks();
    for (int i = 0; i < Math.min(CORES_MAX, loads.length); i++) {
      sink.take("cpu/" + i + "/load", "%", 100 * loads[i]);
    }
    sink.take("memory/used", "By", (double) memory.getTotal() - memory.getAvailable());
    sink.take("memory/available", "By", (double) memory.getAvailable());
    for (Rate rate : rates) {
      sink.take(rate.sensor, "By/s", rate.perSecond(seconds));
    }
    double celsius = sensors.getCpuTemperature();
    if (celsius > 0) {
      sink.take("cpu/temperature", "Cel", celsius);
    }
  }
}
