package dev.weir.client.internal.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.client.ReadingHandler;
import dev.weir.client.SensorInfo;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import dev.weir.v1.SubscribeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class DeliveryDecoderProperties {
  private static final int SENSORS = 200;

  @Property(tries = 300)
  void anyDelivery_handsOverItsReadingsInOrder(@ForAll long seed) {
    Random random = new Random(seed);
    SensorMap sensors = new SensorMap();
    Sensors.Builder announced = Sensors.newBuilder().setTopic("t");
    for (int i = 0; i < SENSORS; i++) {
      announced.addSensors(
          Sensor.newBuilder().setId(i * 7).setName("s" + i).setKind(Kind.KIND_DOUBLE));
    }
    sensors.announce(announced.build());
    List<String> expected = new ArrayList<>();
    Delivery.Builder delivery =
        Delivery.newBuilder()
            .setCursor("cursor-" + seed)
            .setSubscription(random.nextInt(3))
            .setPartition(random.nextInt(64))
            .setChargedReadings(random.nextInt(1_000_000))
            .setChargedBytes(random.nextLong());
    for (int batch = random.nextInt(4); batch > 0; batch--) {
      delivery.addBatches(randomBatch(random, expected));
    }
    byte[] response = SubscribeResponse.newBuilder().setDelivery(delivery).build().toByteArray();

    Recorder recorder = new Recorder();
    DeliveryDecoder decoder = new DeliveryDecoder(sensors);
    assertThat(DeliveryDecoder.isDelivery(response)).isTrue();
    decoder.deliver(response, recorder, cursor -> {});

    assertThat(recorder.seen).isEqualTo(expected);
    assertThat(decoder.cursor()).isEqualTo("cursor-" + seed);
    assertThat(decoder.readings()).isEqualTo(expected.size());
    assertThat(decoder.chargedReadings()).isEqualTo(delivery.getChargedReadings());
    assertThat(decoder.chargedBytes()).isEqualTo(delivery.getChargedBytes());
  }

  private static Batch randomBatch(Random random, List<String> expected) {
    Batch.Builder batch = Batch.newBuilder();
    for (int run = 1 + random.nextInt(3); run > 0; run--) {
      Columns columns = randomColumns(random);
      List<Integer> ids = DecodedReadings.ids(columns);
      List<Long> times = DecodedReadings.times(columns);
      for (int i = 0; i < columns.getCount(); i++) {
        expected.add("s" + ids.get(i) / 7 + "@" + times.get(i) + "=" + valueOf(columns, i));
      }
      batch.addColumns(columns);
    }
    return batch.setTraceparent(random.nextBoolean() ? "00-x" : "").build();
  }

  private static Columns randomColumns(Random random) {
    int count = 1 + random.nextInt(40);
    Columns.Builder columns =
        Columns.newBuilder()
            .setCount(count)
            .setTimeBase(random.nextLong())
            .setTimeStep(random.nextInt(2_000_000) - 1_000_000)
            .setTimeUnit(random.nextInt(3) * 1_000L);
    int ids = random.nextBoolean() ? 1 : count;
    boolean offsets = random.nextBoolean();
    int kind = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      if (i < ids) {
        columns.addSensorIds(random.nextInt(SENSORS) * 7);
      }
      if (offsets) {
        columns.addTimeOffsets(random.nextInt(100_000) - 50_000);
      }
      switch (kind) {
        case 0 -> columns.addDoubles(random.nextGaussian());
        case 1 -> columns.addIntegers(random.nextLong());
        case 2 -> columns.addBooleans(random.nextBoolean());
        case 3 -> columns.addTexts("é".repeat(random.nextInt(4)));
        default -> columns.addBlobs(ByteString.copyFrom(new byte[random.nextInt(4)]));
      }
    }
    return columns.build();
  }

  private static Object valueOf(Columns columns, int i) {
    if (columns.getDoublesCount() > 0) {
      return columns.getDoubles(i);
    } else if (columns.getIntegersCount() > 0) {
      return columns.getIntegers(i);
    } else if (columns.getBooleansCount() > 0) {
      return columns.getBooleans(i);
    } else if (columns.getTextsCount() > 0) {
      return columns.getTexts(i);
    }
    return columns.getBlobs(i).size() + " bytes";
  }

  /** Writes down what it is given. */
  private static final class Recorder implements ReadingHandler {
    final List<String> seen = new ArrayList<>();

    @Override
    public void onReading(Reading reading) {
      throw new AssertionError("every kind has its own method here");
    }

    private void add(SensorInfo sensor, long time, Object value) {
      seen.add(sensor.name() + "@" + time + "=" + value);
    }

    @Override
    public void onDouble(SensorInfo sensor, long time, double value) {
      add(sensor, time, value);
    }

    @Override
    public void onInteger(SensorInfo sensor, long time, long value) {
      add(sensor, time, value);
    }

    @Override
    public void onBoolean(SensorInfo sensor, long time, boolean value) {
      add(sensor, time, value);
    }

    @Override
    public void onText(SensorInfo sensor, long time, String value) {
      add(sensor, time, value);
    }

    @Override
    public void onBlob(SensorInfo sensor, long time, byte[] value) {
      add(sensor, time, value.length + " bytes");
    }
  }
}
