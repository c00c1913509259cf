package dev.weir.service.wire.names;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/** The partition of a sensor: murmur3_32 (seed 0) of its name; part of the durable format. */
public final class Partitioner {
  private static final HashFunction MURMUR3 = Hashing.murmur3_32_fixed();

  private Partitioner() {}

  /** The partition of a sensor name among {@code partitionCount}, from 0. */
  public static int partition(String sensorName, int partitionCount) {
    int hash = MURMUR3.hashString(sensorName, StandardCharsets.UTF_8).asInt();
    return Integer.remainderUnsigned(hash, partitionCount);
  }
}
