package dev.weir.bench.system;

import com.google.protobuf.Timestamp;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.RandomWalks;
import dev.weir.v1.Batch;
import dev.weir.v1.Reading;

/**
 * Rows of the contract, as protobuf's generated classes write them; {@code batch=} in a message.
 */
final class RowPacking implements MessagePacking {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final String[] names;
  private final int batchReadings;
  private Batch.Builder rows = Batch.newBuilder();

  RowPacking(KeyValues settings) {
    batchReadings = settings.count("batch");
    names = new String[settings.count("sensors")];
    for (int sensor = 0; sensor < names.length; sensor++) {
      names[sensor] = RandomWalks.name(0, sensor);
    }
  }

  @Override
  public boolean add(int sensor, long timeNanos, double value) {
    Timestamp time =
        Timestamp.newBuilder()
            .setSeconds(Math.floorDiv(timeNanos, NANOS_PER_SECOND))
            .setNanos((int) Math.floorMod(timeNanos, NANOS_PER_SECOND))
            .build();
    rows.addRows(Reading.newBuilder().setSensor(names[sensor]).setTime(time).setDouble(value));
    return rows.getRowsCount() >= batchReadings;
  }

  @Override
  public boolean isEmpty() {
    return rows.getRowsCount() == 0;
  }

  @Override
  public byte[] take() {
    byte[] message = rows.build().toByteArray();
    rows = Batch.newBuilder();
    return message;
  }
}
