package dev.weir.bench.system;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.RandomWalks;
import dev.weir.bench.load.ReadingCheck;
import dev.weir.client.internal.decode.DeliveryDecoder;
import dev.weir.client.internal.decode.SensorMap;
import dev.weir.v1.Batch;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;

/** Hands the readings of a message of a {@link MessagePacking} to a check. Owned by one thread. */
@FunctionalInterface
interface MessageUnpacking {
  /** One message. */
  void accept(byte[] message);

  /** Unpacks messages of {@link ColumnPacking} with the decoder of Weir's client. */
  static MessageUnpacking ofColumns(KeyValues settings, ReadingCheck check) {
    Sensors.Builder sensors = Sensors.newBuilder().setTopic("bench");
    for (int sensor = 0; sensor < settings.count("sensors"); sensor++) {
      sensors.addSensors(
          Sensor.newBuilder()
              .setId(sensor + 1)
              .setName(RandomWalks.name(0, sensor))
              .setKind(Kind.KIND_DOUBLE));
    }
    SensorMap map = new SensorMap();
    map.announce(sensors.build());
    DeliveryDecoder decoder = new DeliveryDecoder(map);
    return message -> {
      decoder.deliver(message, check, cursor -> {});
      check.settle();
    };
  }

  /** Unpacks messages of {@link RowPacking} with protobuf's generated classes. */
  static MessageUnpacking ofRows(ReadingCheck check) {
    return message -> {
      Batch batch;
      try {
        batch = Batch.parseFrom(message);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
      for (Reading row : batch.getRowsList()) {
        long nanos = row.getTime().getSeconds() * 1_000_000_000L + row.getTime().getNanos();
        check.onNamed(row.getSensor(), nanos, row.getDouble());
      }
      check.settle();
    };
  }
}
