package dev.weir.client.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.internal.decode.DecodedReadings;
import dev.weir.common.protobuf.Varint;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class BatchEncoderProperties {
  private final BatchEncoder encoder = new BatchEncoder();

  @Provide
  Arbitrary<List<Long>> times() {
    Arbitrary<Long> any = Arbitraries.longs();
    Arbitrary<Long> near =
        Arbitraries.longs().between(1_700_000_000_000_000_000L, 1_700_000_001_000_000_000L);
    Arbitrary<Long> micros = Arbitraries.longs().between(-5_000, 5_000).map(us -> us * 1_000);
    Arbitrary<Long> seconds = Arbitraries.longs().between(0, 100_000).map(s -> s * 1_000_000_000);
    return Arbitraries.oneOf(
        any.list().ofMinSize(1).ofMaxSize(30),
        near.list().ofMinSize(1).ofMaxSize(200),
        micros.list().ofMinSize(1).ofMaxSize(200),
        seconds.list().ofMinSize(1).ofMaxSize(50));
  }

  @Property(tries = 500)
  void anyReadings_parseAsTheSameReadings(@ForAll("times") List<Long> times, @ForAll long seed)
      throws InvalidProtocolBufferException {
    Random random = new Random(seed);
    ReadingBatch batch = new ReadingBatch("", 0, random.nextInt(64));
    int sensors = 1 + random.nextInt(300);
    List<Integer> ids = new ArrayList<>();
    List<Long> values = new ArrayList<>();
    for (long time : times) {
      int slot = random.nextInt(sensors);
      long bits = random.nextLong();
      ids.add(slot * 64 + 1);
      values.add(bits);
      batch.column(Kind.KIND_DOUBLE_VALUE).addDouble(slot, time, Double.longBitsToDouble(bits));
      batch.column(Kind.KIND_INTEGER_VALUE).addInteger(slot, time, bits);
      batch.added(0);
      batch.added(0);
    }

    byte[] body = encoder.encode(batch, slot -> slot * 64 + 1);

    assertThat(body.length).isLessThanOrEqualTo(batch.weightBytes());
    Batch parsed = Batch.parseFrom(body);
    assertThat(parsed.toByteArray()).as("canonical order of fields").isEqualTo(body);
    for (Columns columns : parsed.getColumnsList()) {
      assertThat(columns.getCount()).isEqualTo(times.size());
      assertThat(DecodedReadings.ids(columns)).isEqualTo(ids);
      assertThat(DecodedReadings.times(columns)).isEqualTo(times);
      assertThatNothingOverflows(columns);
    }
    assertThat(parsed.getColumns(1).getIntegersList()).isEqualTo(values);
    for (int i = 0; i < values.size(); i++) {
      assertThat(Double.doubleToRawLongBits(parsed.getColumns(0).getDoubles(i)))
          .isEqualTo(Double.doubleToRawLongBits(Double.longBitsToDouble(values.get(i))));
    }
  }

  private static void assertThatNothingOverflows(Columns columns) {
    BigInteger step = BigInteger.valueOf(columns.getTimeStep());
    for (int i = 0; i < columns.getTimeOffsetsCount(); i++) {
      BigInteger stepped =
          BigInteger.valueOf(columns.getTimeBase()).add(step.multiply(BigInteger.valueOf(i)));
      BigInteger offset =
          BigInteger.valueOf(columns.getTimeOffsets(i))
              .multiply(BigInteger.valueOf(Math.max(1, columns.getTimeUnit())));
      assertThat(stepped.bitLength()).isLessThan(Long.SIZE);
      assertThat(offset.bitLength()).isLessThan(Long.SIZE);
      assertThat(stepped.add(offset).bitLength()).isLessThan(Long.SIZE);
    }
  }

  @Property(tries = 300)
  void anyNumber_isWrittenInTheSizeStated(@ForAll long value) {
    byte[] target = new byte[10];
    assertThat(Varint.put(target, 0, value)).isEqualTo(Varint.size(value));
    assertThat(Varint.unzigzag(Varint.zigzag(value))).isEqualTo(value);
  }
}
