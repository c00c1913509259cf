package dev.weir.client.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import dev.weir.v1.PublishStreamRequest;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchEncoderTest {
  private static final long BASE = 1_795_000_000_000_000_000L;

  private final BatchEncoder encoder = new BatchEncoder();

  @Test
  void sensorAtFixedCadence_costsNoTimeBytesAndOneId() throws Exception {
    ReadingBatch batch = new ReadingBatch("", 0, 16);
    for (int i = 0; i < 4_096; i++) {
      add(batch, 7, BASE + i * 1_000_003L, i);
    }
    byte[] body = encoder.encode(batch, slot -> 300);

    assertThat(body.length).isLessThan(4_096 * 8 + 40);
    Columns columns = Batch.parseFrom(body).getColumns(0);
    assertThat(columns.getSensorIdsList()).containsExactly(300);
    assertThat(columns.getTimeOffsetsList()).isEmpty();
    assertThat(columns.getTimeStep()).isEqualTo(1_000_003L);
  }

  @Test
  void interleavedSensorsWithMicrosecondJitter_costAtMostThirteenBytesPerReading()
      throws Exception {
    for (long roundNanos : new long[] {1_000_000L, 10_000_000L, 100_000_000L, 1_000_000_000L}) {
      Random random = new Random(roundNanos);
      ReadingBatch batch = new ReadingBatch("", 0, 16);
      for (int i = 0; i < 4_096; i++) {
        long time = BASE + i / 1_024 * roundNanos + random.nextInt(1_000) * 1_000L;
        add(batch, i % 1_024, time, random.nextGaussian());
      }
      byte[] body = encoder.encode(batch, slot -> slot);
      int message = body.length + PublishRequestHeader.of(0, 1_000_000, body.length).length;
      assertThat(message / 4_096.0).as("round of %s ns", roundNanos).isLessThanOrEqualTo(13.0);
    }
  }

  @Test
  void oneTimeWithStrayEnds_costsAByteEach() {
    for (long nanos : new long[] {1, 1_000, 1_000_000}) {
      ReadingBatch batch = new ReadingBatch("", 0, 16);
      for (int i = 0; i < 1_000; i++) {
        long stray = i == 0 ? nanos - 1_000_000_000 : i == 999 ? 1_000_000_000 : 0;
        add(batch, 7, BASE + stray, i);
      }
      byte[] body = encoder.encode(batch, slot -> 7);
      assertThat(body.length).as("in units of %s ns", nanos).isLessThan(1_000 * (8 + 1) + 60);
    }
  }

  @Test
  void kindsOfOneBatch_becomeARunEach() throws Exception {
    ReadingBatch batch =
        new ReadingBatch("00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01", 0, 1);
    add(batch, 0, BASE, 1.5);
    batch.column(Kind.KIND_INTEGER_VALUE).addInteger(1, BASE + 1, Long.MIN_VALUE);
    batch.column(Kind.KIND_BOOLEAN_VALUE).addBoolean(2, BASE + 2, true);
    byte[] text = "grün".getBytes(StandardCharsets.UTF_8);
    batch.column(Kind.KIND_TEXT_VALUE).addBytes(3, BASE + 3, text);
    batch.column(Kind.KIND_BLOB_VALUE).addBytes(4, BASE + 4, new byte[0]);
    add(batch, 0, BASE + 5, Double.NaN);

    Batch parsed = Batch.parseFrom(encoder.encode(batch, slot -> slot));

    assertThat(parsed.getColumnsCount()).isEqualTo(5);
    assertThat(parsed.getColumns(0).getDoublesList()).containsExactly(1.5, Double.NaN);
    assertThat(parsed.getColumns(1).getIntegersList()).containsExactly(Long.MIN_VALUE);
    assertThat(parsed.getColumns(2).getBooleansList()).containsExactly(true);
    assertThat(parsed.getColumns(3).getTextsList()).containsExactly("grün");
    assertThat(parsed.getColumns(4).getBlobs(0).size()).isZero();
    assertThat(parsed.getTraceparent()).startsWith("00-aaaa");
  }

  @Test
  void unboundSensor_encodesNothingAndSaysWhy() {
    ReadingBatch batch = new ReadingBatch("", 0, 1);
    add(batch, 0, BASE, 1);
    add(batch, 9, BASE, 1);
    add(batch, 4, BASE, 1);

    assertThat(encoder.encode(batch, slot -> slot == 9 ? SessionSensorIds.UNBOUND : slot)).isNull();
    assertThat(encoder.missing()).isEqualTo(SessionSensorIds.UNBOUND);
    SessionSensorIds refusing =
        slot -> slot == 4 ? SessionSensorIds.REFUSED : SessionSensorIds.UNBOUND;
    assertThat(encoder.encode(batch, refusing)).isNull();
    assertThat(encoder.missing()).isEqualTo(SessionSensorIds.REFUSED);
    assertThat(encoder.encode(batch, slot -> slot)).isNotNull();
  }

  @Test
  void requestHead_completesTheRequest() throws InvalidProtocolBufferException {
    ReadingBatch batch = new ReadingBatch("", 0, 1);
    add(batch, 0, BASE, 1);
    byte[] body = encoder.encode(batch, slot -> 130);
    for (int partition : new int[] {0, 1, 63}) {
      byte[] head = PublishRequestHeader.of(partition, Long.MAX_VALUE, body.length);
      byte[] message = new byte[head.length + body.length];
      System.arraycopy(head, 0, message, 0, head.length);
      System.arraycopy(body, 0, message, head.length, body.length);

      var parsed = PublishStreamRequest.parseFrom(message).getBatch();

      assertThat(parsed.getPartition()).isEqualTo(partition);
      assertThat(parsed.getSequence()).isEqualTo(Long.MAX_VALUE);
      assertThat(parsed.getBatch()).isEqualTo(Batch.parseFrom(body));
      assertThat(head.length).isLessThanOrEqualTo(PublishRequestHeader.BYTES_MAX);
    }
  }

  @Test
  void partitionOfASensor_isTheDurableHash() {
    assertThat(PublishBuffer.partitionOf("", 7)).isZero();
    assertThat(PublishBuffer.partitionOf("hello", 1_000_003))
        .isEqualTo((int) (0x248bfa47L % 1_000_003));
    assertThat(PublishBuffer.partitionOf("plant1/line3/temp", 1)).isZero();
  }

  private static void add(ReadingBatch batch, int slot, long time, double value) {
    batch.column(Kind.KIND_DOUBLE_VALUE).addDouble(slot, time, value);
    batch.added(0);
  }
}
