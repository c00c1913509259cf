package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.weir.service.config.Limit;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.v1.Batch;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a partition says of batches that it does not store, and that it goes on behind them. */
class PartitionRefusalsTest extends PartitionFixture {
  private static final long FAR_SECONDS = 4_000_000_000L;

  private static Reading.Builder reading(String sensor, long seconds) {
    return Reading.newBuilder()
        .setSensor(sensor)
        .setInteger(1)
        .setTime(Timestamp.newBuilder().setSeconds(seconds));
  }

  private static Batch blob(int bytes) {
    return Batch.newBuilder()
        .addRows(
            Reading.newBuilder().setSensor("blob").setBlob(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static PartitionResult.Rejected rejected(PartitionResult result) {
    assertThat(result).isInstanceOf(PartitionResult.Rejected.class);
    return (PartitionResult.Rejected) result;
  }

  private static String said(PartitionResult result) {
    return rejected(result).fault().message();
  }

  @Test
  void batchTooLargeForTheLog_isRejected_andThePartitionGoesOn() {
    TestProducerSession a = opened("a", 1);
    log.recordBytesMax(1_000);
    a.append(1, blob(2_000));
    world.run();
    assertThat(code(a.last())).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(said(a.last()))
        .contains("1000 bytes that the topic stores of one batch. Send less at once.");
    assertThat(partition.poisoned()).isFalse();
    a.append(1, blob(500));
    world.run();
    assertThat(stored(a.last()).readings()).isEqualTo(1);
  }

  @Test
  void definitionsTooLargeForTheLog_areRefused_andThePartitionGoesOn() {
    TestProducerSession a = opened("a", 1);
    log.recordBytesMax(1_000);
    a.define(Kind.KIND_DOUBLE, "d".repeat(1_000));
    world.run();
    assertThat(code(a.last())).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(said(a.last()))
        .contains("definitions take up to 10", "more than the 1000 bytes", "Send fewer");
    assertThat(partition.poisoned()).isFalse();
    a.define(Kind.KIND_DOUBLE, "d".repeat(500));
    world.run();
    assertThat(((PartitionResult.Defined) a.last()).bindings()).hasSize(1);
  }

  @Test
  void definitionsWithoutRoomInMemory_areRefusedForNow_unlessNothingIsNew() {
    TestProducerSession a = opened("a", 1);
    a.define(Kind.KIND_DOUBLE, "x");
    world.run();
    log.memoryFull(true);
    a.define(Kind.KIND_DOUBLE, "x", "y").define(Kind.KIND_DOUBLE, "x");
    world.run();
    assertThat(code(a.results.get(2))).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(said(a.results.get(2))).contains("memory_log_bytes");
    assertThat(((PartitionResult.Defined) a.last()).bindings()).hasSize(1);
  }

  @Test
  void batchWithoutRoomInMemory_isRejectedForNow() {
    TestProducerSession a = opened("a", 1);
    log.memoryFull(true);
    a.append(1, "x", 1);
    world.run();
    assertThat(code(a.last())).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(rejected(a.last()).fault().retryDelay()).isPresent();
    assertThat(said(a.last())).contains("memory_log_bytes (5/64 of the heap");
    log.memoryFull(false);
    a.append(1, "x", 1);
    world.run();
    assertThat(stored(a.last()).readings()).isEqualTo(1);
  }

  @Test
  void largestRecordOfAnyLimits_fitsIntoTheLog() {
    long readings = Limit.BATCH_READINGS_MAX.max();
    long around = 16 * Limit.BATCH_SENSORS_MAX.max() + 3 * Limit.PRODUCER_ID_BYTES_MAX.max();
    long runs = 80 * readings; // a run for each reading
    assertThat(Limit.MESSAGE_BYTES_MAX.max() + runs + around)
        .isLessThan(SegmentOptions.defaults().recordBytesMax() - 1_000);
  }

  @Test
  void encodedBytes_areNeverMoreThanEstimated() {
    var random = new Random(7);
    for (int round = 0; round < 200; round++) {
      Batch.Builder rows = Batch.newBuilder();
      for (int i = 0; i <= random.nextInt(40); i++) {
        Reading.Builder row = reading("s" + random.nextInt(5), random.nextInt());
        row.getTimeBuilder().setNanos(random.nextInt(1_000_000_000));
        rows.addRows(random.nextBoolean() ? row.setInteger(random.nextLong()) : row);
      }
      for (int i = 0; i <= random.nextInt(20); i++) {
        rows.addRows(Reading.newBuilder().setSensor("b" + i).setBoolean(true));
        rows.addRows(Reading.newBuilder().setSensor("t").setText("t".repeat(random.nextInt(200))));
      }
      NamedBatch batch = SampleBatches.named(rows.build(), 0).batch();
      int[] ids = new int[batch.sensors().size()];
      long definitions = 0;
      for (int i = 0; i < ids.length; i++) {
        ids[i] = -1 - i; // the longest
        Sensor sensor = batch.sensors().get(i).toBuilder().setId(ids[i]).build();
        definitions += 6 + sensor.getSerializedSize();
      }
      assertThat(definitions + batch.encode(ids).length())
          .as("round " + round)
          .isLessThanOrEqualTo(batch.encodedBytesMax());
    }
  }

  @Test
  void timeTooFarAhead_namesItsRow_inEveryForm() {
    TestProducerSession a = opened("a", 1);
    Batch batch =
        Batch.newBuilder()
            .addRows(reading("x", 1))
            .addRows(Reading.newBuilder().setSensor("d").setDouble(2))
            .addRows(reading("y", FAR_SECONDS))
            .build();
    a.append(1, batch);
    world.run();
    assertThat(code(a.last())).isEqualTo(ErrorCode.TIME_OUT_OF_RANGE);
    assertThat(rejected(a.last()).rows()).containsExactly(2);
    assertThat(said(a.last()))
        .startsWith("Row 2 has an event time (2096-10-02T07:06:40Z) more than")
        .contains("event_time_ahead_ms_max (86400000)");

    NamedBatch named = SampleBatches.named(batch, 0).batch();
    var canonical =
        new Payload.Encoded(
            named.encode(new int[] {0, 1, 2}), 3, 0, FAR_SECONDS * 1_000_000_000, "");
    a.append(1, canonical, a.results::add);
    world.run();
    assertThat(rejected(a.last()).rows()).containsExactly(2);
    assertThat(partition.poisoned()).isFalse();
  }

  @Test
  void rowsOfAPartOfABatch_areNumberedAsTheyWereSent() {
    Batch batch =
        Batch.newBuilder()
            .addRows(reading("x", 1))
            .addRows(reading("y", 1))
            .addRows(reading("x", 1))
            .addRows(reading("y", FAR_SECONDS))
            .build();
    NamedBatch[] parts = SampleBatches.named(batch, 0).batch().split(new int[] {0, 1}, 2);
    assertThat(parts[0].rowsAfter(2_000_000_000, 10)).isEmpty();
    assertThat(parts[1].rowsAfter(2_000_000_000, 10)).isEqualTo(List.of(3));
    assertThat(parts[1].rowsAfter(0, 1)).isEqualTo(List.of(1));
  }

  @Test
  void sequenceThatIsNotNext_isToldBothNumbers() {
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1).append(5, "x", 5);
    world.run();
    assertThat(code(a.last())).isEqualTo(ErrorCode.OUT_OF_SEQUENCE);
    assertThat(said(a.last()))
        .isEqualTo(
            "The batch has sequence 5, and sequence 2 is expected. Go on at the expected one.");
  }

  @Test
  void fullTopic_isToldTheLimitAndTheWayOut() {
    with(Limit.SENSORS_PER_TOPIC_MAX, 1);
    TestProducerSession a = opened("a", 1);
    a.append(1, "x", 1).append(2, "y", 1).define(Kind.KIND_DOUBLE, "z");
    world.run();
    assertThat(said(a.results.get(2))).contains("sensors_per_topic_max (1) allows. ");
  }
}
