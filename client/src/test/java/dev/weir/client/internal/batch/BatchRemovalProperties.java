package dev.weir.client.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Batches that lose the readings of some sensors, or are read back. */
class BatchRemovalProperties {
  private static final long BASE = 1_700_000_000_000_000_000L;
  private static final int SENSORS = 20;

  private final BatchEncoder encoder = new BatchEncoder();

  @Property(tries = 500)
  void readingsTakenOut_areAsIfTheyHadNeverBeenThere(@ForAll long seed) {
    Random random = new Random(seed);
    boolean[] gone = new boolean[SENSORS];
    for (int slot = 0; slot < SENSORS; slot++) {
      gone[slot] = random.nextInt(3) == 0;
    }
    ReadingBatch all = new ReadingBatch("", 0, random.nextInt(64));
    ReadingBatch rest = new ReadingBatch("", 0, 0);
    int count = 1 + random.nextInt(200);
    for (int i = 0; i < count; i++) {
      int slot = random.nextInt(SENSORS);
      long reading = random.nextLong();
      add(all, slot, reading);
      if (!gone[slot]) {
        add(rest, slot, reading);
      }
    }
    all.removeIf(slot -> gone[slot]);
    assertThat(all.readings()).isEqualTo(rest.readings());
    byte[] expected = encoder.encode(rest, slot -> 3 * slot);
    byte[] left = encoder.encode(all, slot -> 3 * slot);
    assertThat(left).isEqualTo(expected);

    ReadingBatch decoded = EncodedBatchReader.decode(left, new BatchFutures(), id -> id / 3);
    assertThat(decoded.readings()).isEqualTo(rest.readings());
    assertThat(encoder.encode(decoded, slot -> 3 * slot)).as("read back").isEqualTo(expected);
  }

  /** The same reading for the same number; the kind is the sensor's. */
  private static void add(ReadingBatch batch, int slot, long number) {
    Random random = new Random(number);
    long time = random.nextInt(4) == 0 ? random.nextLong() : BASE + random.nextInt(1_000) * 1_000L;
    int kind = Kind.KIND_DOUBLE_VALUE + slot % 5;
    int payloadBytes = 0;
    switch (kind) {
      case Kind.KIND_DOUBLE_VALUE ->
          batch.column(kind).addDouble(slot, time, random.nextGaussian());
      case Kind.KIND_INTEGER_VALUE ->
          batch.column(kind).addInteger(slot, time, number >> random.nextInt(64));
      case Kind.KIND_BOOLEAN_VALUE -> batch.column(kind).addBoolean(slot, time, number > 0);
      default -> {
        byte[] text = "ü".repeat(random.nextInt(100)).getBytes(StandardCharsets.UTF_8);
        batch.column(kind).addBytes(slot, time, text);
        payloadBytes = text.length;
      }
    }
    batch.added(payloadBytes);
  }
}
