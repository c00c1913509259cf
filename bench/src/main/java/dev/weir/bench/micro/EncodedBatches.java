package dev.weir.bench.micro;

import dev.weir.bench.load.RandomWalks;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorHandle;
import dev.weir.client.SensorOptions;
import dev.weir.client.internal.batch.BatchBounds;
import dev.weir.client.internal.batch.BatchEncoder;
import dev.weir.client.internal.batch.BufferedSensor;
import dev.weir.client.internal.batch.PartitionBuffer;
import dev.weir.client.internal.batch.PublishBuffer;
import dev.weir.client.internal.batch.ReadingBatch;
import dev.weir.service.core.Slice;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;

/**
 * The way of a reading in the client from {@code publish} to the bytes of its batch, without
 * network: 1,024 sensors in turn, ids from 1 on. Owned by one benchmark thread.
 */
final class EncodedBatches {
  static final int READINGS = 4_096;
  static final int SENSORS = 1_024;

  private final PublishBuffer intake;
  private final PartitionBuffer gather;
  private final SensorHandle[] handles = new SensorHandle[SENSORS];
  private final RandomWalks walks = new RandomWalks(0, SENSORS);
  private final BatchEncoder encoder = new BatchEncoder();

  EncodedBatches() {
    PublisherOptions options = PublisherOptions.of("bench");
    intake = new PublishBuffer(options, () -> 0L, () -> {});
    gather = intake.open(1, new BatchBounds(READINGS, options.batchBytesMax()))[0];
    for (int sensor = 0; sensor < SENSORS; sensor++) {
      BufferedSensor handle = intake.sensor(SensorOptions.of(RandomWalks.name(0, sensor)));
      handle.accept();
      handles[sensor] = handle;
    }
  }

  /** Publishes a batch's worth of readings and takes the batch. */
  ReadingBatch gather() {
    for (int i = 0; i < READINGS; i++) {
      int sensor = i % SENSORS;
      walks.step(sensor);
      handles[sensor].publish(walks.timeNanos(sensor), walks.value(sensor));
    }
    ReadingBatch batch = gather.take(true, 0);
    intake.release(batch.weightBytes());
    return batch;
  }

  /** A batch's worth of readings as the server stores them. */
  LogRecord record() {
    byte[] batch = encode(gather());
    return new LogRecord(
        0,
        1,
        0,
        RecordType.BATCH,
        "bench",
        1,
        1,
        0,
        READINGS,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 1,
        Slice.EMPTY,
        Slice.of(batch));
  }

  byte[] encode(ReadingBatch batch) {
    return encoder.encode(batch, slot -> slot + 1);
  }
}
