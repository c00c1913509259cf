package dev.weir.it.proof;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The readings that one producer publishes into one partition: 0, 1, 2 and so on, which all follow
 * from their number. So whoever reads them needs to know the next number only. Thread-safe; only
 * its load counts it on.
 */
final class NumberedSource {
  private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;
  private static final long STEP_NANOS = 1_000_003;

  private final String producer;
  private final int partition;
  private final List<String> sensors = new ArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acked = new AtomicLong();

  NumberedSource(String producer, int partition, int partitions, int sensors) {
    this.producer = producer;
    this.partition = partition;
    for (int tried = 0; this.sensors.size() < sensors; tried++) {
      String name = producer + "/" + partition + "/" + tried;
      if (partitionOf(name, partitions) == partition) {
        this.sensors.add(name);
      }
    }
  }

  /**
   * Computes the partition by the contract: murmur3_32 of the name, unsigned, modulo the number of
   * partitions.
   */
  private static int partitionOf(String sensor, int partitions) {
    int hash = Hashing.murmur3_32_fixed().hashString(sensor, StandardCharsets.UTF_8).asInt();
    return Integer.remainderUnsigned(hash, partitions);
  }

  String producer() {
    return producer;
  }

  int partition() {
    return partition;
  }

  List<String> sensors() {
    return sensors;
  }

  /** Sensor of the n-th reading: in no regular turn. */
  String sensor(long number) {
    long mixed = (number + 1) * 0x9E37_79B9_7F4A_7C15L;
    return sensors.get((int) Long.remainderUnsigned(mixed ^ mixed >>> 32, sensors.size()));
  }

  static long timeNanos(long number) {
    return FIRST_NANOS + number * STEP_NANOS;
  }

  static double value(long number) {
    return number;
  }

  /** Readings given to the client; a reading counts before it is. */
  long sent() {
    return sent.get();
  }

  /** Readings that were acknowledged. */
  long acked() {
    return acked.get();
  }

  /** The number of the reading that is published next. */
  long next() {
    return sent.getAndIncrement();
  }

  void acknowledge(int readings) {
    acked.addAndGet(readings);
  }

  @Override
  public String toString() {
    return producer + " in partition " + partition;
  }
}
