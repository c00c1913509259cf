package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.RandomWalks;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchEncoder;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.common.protobuf.Varint;
import dev.weir.v1.Delivery;
import dev.weir.v1.SubscribeResponse;

/**
 * Columns from the encoder of Weir's client, as the delivery that its decoder reads: what Weir's
 * own messages hold, for whoever carries them. {@code batch=} readings in a message; sensor ids
 * count from 1.
 */
final class ColumnPacking implements MessagePacking {
  private static final byte DELIVERY = SubscribeResponse.DELIVERY_FIELD_NUMBER << 3 | 2;
  private static final byte BATCHES = Delivery.BATCHES_FIELD_NUMBER << 3 | 2;

  private final PublishBuffer intake;
  private final PartitionBuffer gather;
  private final SensorHandle[] handles;
  private final BatchEncoder encoder = new BatchEncoder();
  private final int batchReadings;
  private int gathered;

  ColumnPacking(KeyValues settings) {
    batchReadings = settings.count("batch");
    PublisherOptions options = PublisherOptions.of("bench");
    intake = new PublishBuffer(options, () -> 0L, () -> {});
    gather = intake.open(1, new BatchBounds(batchReadings, options.batchBytesMax()))[0];
    handles = new SensorHandle[settings.count("sensors")];
    for (int sensor = 0; sensor < handles.length; sensor++) {
      handles[sensor] = intake.sensor(SensorOptions.of(RandomWalks.name(0, sensor)));
    }
  }

  @Override
  public boolean add(int sensor, long timeNanos, double value) {
    handles[sensor].publish(timeNanos, value);
    gathered++;
    return gathered >= batchReadings;
  }

  @Override
  public boolean isEmpty() {
    return gathered == 0;
  }

  @Override
  public byte[] take() {
    ReadingBatch batch = gather.take(true, 0);
    intake.release(batch.weightBytes());
    gathered = 0;
    return envelope(encoder.encode(batch, slot -> slot + 1));
  }

  private static byte[] envelope(byte[] batch) {
    int inner = 1 + Varint.size(batch.length) + batch.length;
    byte[] message = new byte[1 + Varint.size(inner) + inner];
    message[0] = DELIVERY;
    int at = Varint.put(message, 1, inner);
    message[at++] = BATCHES;
    at = Varint.put(message, at, batch.length);
    System.arraycopy(batch, 0, message, at, batch.length);
    return message;
  }
}
