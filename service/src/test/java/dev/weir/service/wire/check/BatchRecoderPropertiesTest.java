package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.Slice;
import dev.weir.v1.Batch;
import dev.weir.v1.Sensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever legal form a batch has, the same readings are stored, in canonical form. */
class BatchRecoderPropertiesTest {
  private static final BatchLimits LIMITS = new BatchLimits(100_000, 4_096);
  private static final long RECEIVED_NANOS = 1_750_000_000_123_456_789L;
  private static final int FIRST_NEW_ID = 1_000;

  @Property
  void anyLegalBatch_recodesToTheSameReadingsInCanonicalForm(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Batch batch = new RandomBatches(seed).any();
    assertRecodes(batch, GeneratedBatchReader.bytes(batch));
  }

  @Property
  void anyOddEncoding_recodesToTheSameReadingsInCanonicalForm(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Batch batch = new RandomBatches(seed).any();
    Slice odd = new OddEncoding(seed).of(batch);
    assertThat(
            GeneratedBatchReader.of(
                Batch.parseFrom(odd.toBytes()), RECEIVED_NANOS, Integer::toString))
        .isEqualTo(GeneratedBatchReader.of(batch, RECEIVED_NANOS, Integer::toString));
    assertRecodes(batch, odd);
  }

  @Property
  void parsedBatch_recodesAsItsBytes(@ForAll long seed) {
    Batch batch = new RandomBatches(seed).any();
    var fromMessage =
        named(BatchRecoder.decode(batch, RandomBatches.KINDS, RECEIVED_NANOS, LIMITS));
    var fromBytes =
        named(
            BatchRecoder.decode(
                GeneratedBatchReader.bytes(batch), RandomBatches.KINDS, RECEIVED_NANOS, LIMITS));
    assertThat(encode(fromMessage)).isEqualTo(encode(fromBytes));
    assertThat(fromMessage.sensors()).isEqualTo(fromBytes.sensors());
  }

  @Property
  void batchThatChecksCanonical_recodesWithoutGrowing(@ForAll long seed) {
    Batch batch = new RandomBatches(seed).any();
    NamedBatch named =
        named(BatchRecoder.decode(batch, RandomBatches.KINDS, RECEIVED_NANOS, LIMITS));
    Slice once = encode(named);
    SensorKinds kinds =
        id -> id < FIRST_NEW_ID ? RandomBatches.KINDS.kindOf(id) : kindOf(named, id);
    Slice twice = encode(named(BatchRecoder.decode(once, kinds, 0, LIMITS)));
    assertThat(twice).isEqualTo(once);
  }

  @Property
  void split_givesEachPartitionItsReadingsInOrder(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Batch batch = new RandomBatches(seed).any();
    NamedBatch named =
        named(BatchRecoder.decode(batch, RandomBatches.KINDS, RECEIVED_NANOS, LIMITS));
    int[] partitions = new int[named.sensors().size()];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = partition(key(named.sensors().get(i)));
    }
    NamedBatch[] parts = named.split(partitions, 3);
    var truth = GeneratedBatchReader.of(batch, RECEIVED_NANOS, id -> "#" + id);
    for (int partition = 0; partition < 3; partition++) {
      int p = partition;
      var expected = truth.stream().filter(row -> partition(row.sensor()) == p).toList();
      NamedBatch part = parts[partition];
      if (part == null) {
        assertThat(named.sensors()).noneMatch(sensor -> partition(key(sensor)) == p);
        assertThat(expected).isEmpty();
      } else {
        assertThat(part.sensors()).allMatch(sensor -> partition(key(sensor)) == p);
        assertThat(part.readings()).isEqualTo(expected.size());
        assertThat(part.traceparent()).isEqualTo(batch.getTraceparent());
        assertThat(decoded(part)).isEqualTo(expected);
      }
    }
  }

  private static int partition(String sensorKey) {
    return Math.floorMod(sensorKey.hashCode(), 3);
  }

  private static void assertRecodes(Batch batch, Slice bytes)
      throws InvalidProtocolBufferException {
    BatchCheckResult asSent = BatchCheck.check(bytes, RandomBatches.KINDS, LIMITS);
    if (batch.getRowsCount() > 0 || batch.getSensorsCount() > 0) {
      assertThat(asSent).isInstanceOf(BatchCheckResult.Recode.class);
    } else {
      assertThat(asSent).isNotInstanceOf(InvalidBatch.class);
    }
    NamedBatch named =
        named(BatchRecoder.decode(bytes, RandomBatches.KINDS, RECEIVED_NANOS, LIMITS));
    var expected = GeneratedBatchReader.of(batch, RECEIVED_NANOS, id -> "#" + id);
    assertThat(decoded(named)).isEqualTo(expected);
    SensorKinds kinds =
        id -> id < FIRST_NEW_ID ? RandomBatches.KINDS.kindOf(id) : kindOf(named, id);
    long min = expected.stream().mapToLong(GeneratedBatchReader.Row::timeNanos).min().orElseThrow();
    long max = expected.stream().mapToLong(GeneratedBatchReader.Row::timeNanos).max().orElseThrow();
    assertThat(named.eventMinNanos()).isEqualTo(min);
    assertThat(named.eventMaxNanos()).isEqualTo(max);
    assertThat(BatchCheck.check(encode(named), kinds, LIMITS))
        .isEqualTo(
            new BatchCheckResult.Canonical(expected.size(), min, max, batch.getTraceparent()));
  }

  private static NamedBatch named(RecodeResult recoded) {
    assertThat(recoded).isInstanceOf(NamedBatch.class);
    return (NamedBatch) recoded;
  }

  private static int kindOf(NamedBatch named, int id) {
    return named.sensors().get(id - FIRST_NEW_ID).getKindValue();
  }

  private static Slice encode(NamedBatch named) {
    int[] ids = new int[named.sensors().size()];
    for (int i = 0; i < ids.length; i++) {
      Sensor sensor = named.sensors().get(i);
      ids[i] = sensor.getName().isEmpty() ? sensor.getId() : FIRST_NEW_ID + i;
    }
    return named.encode(ids);
  }

  private static List<GeneratedBatchReader.Row> decoded(NamedBatch named)
      throws InvalidProtocolBufferException {
    Map<Integer, String> keys = new HashMap<>();
    for (int i = 0; i < named.sensors().size(); i++) {
      Sensor sensor = named.sensors().get(i);
      keys.put(sensor.getName().isEmpty() ? sensor.getId() : FIRST_NEW_ID + i, key(sensor));
    }
    return GeneratedBatchReader.of(Batch.parseFrom(encode(named).toBytes()), 0, keys::get);
  }

  private static String key(Sensor sensor) {
    return sensor.getName().isEmpty() ? "#" + sensor.getId() : sensor.getName();
  }
}
