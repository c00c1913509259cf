package dev.weir.bench.micro;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.bench.load.RandomWalks;
import dev.weir.client.DoubleHandler;
import dev.weir.client.internal.decode.DeliveryDecoder;
import dev.weir.client.internal.decode.SensorMap;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import dev.weir.v1.SubscribeResponse;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures the client's time per reading of a delivery, from its bytes to the handler. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(EncodedBatches.READINGS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ColumnDecodeBenchmark {
  private final DeliveryDecoder decoder;
  private final byte[] response;
  private double sum;
  private final DoubleHandler handler = (sensor, timeNanos, value) -> sum += value + timeNanos;

  /** A delivery of one batch, and the sensors that were announced before it. */
  public ColumnDecodeBenchmark() {
    Sensors.Builder announced = Sensors.newBuilder().setTopic("bench");
    for (int sensor = 0; sensor < EncodedBatches.SENSORS; sensor++) {
      announced.addSensors(
          Sensor.newBuilder()
              .setId(sensor + 1)
              .setName(RandomWalks.name(0, sensor))
              .setKind(Kind.KIND_DOUBLE));
    }
    SensorMap sensors = new SensorMap();
    sensors.announce(announced.build());
    decoder = new DeliveryDecoder(sensors);
    response = response();
    decode();
    if (decoder.readings() != EncodedBatches.READINGS) {
      throw new IllegalStateException("not all readings were handed over");
    }
  }

  private static byte[] response() {
    EncodedBatches batches = new EncodedBatches();
    try {
      Batch batch = Batch.parseFrom(batches.encode(batches.gather()));
      return SubscribeResponse.newBuilder()
          .setDelivery(Delivery.newBuilder().setCursor("c").addBatches(batch))
          .build()
          .toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the client's batch is not a Batch", e);
    }
  }

  /** Decodes a delivery, and adds up what came. */
  @Benchmark
  public final double decode() {
    decoder.deliver(response, handler, cursor -> {});
    return sum;
  }
}
