package dev.weir.service.latest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.Reading;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Cuts as deliveries, read back with the generated classes. */
class CutEncoderProperties {
  private static final int PARTITIONS = 3;
  private static final int PARTITION = 1;
  private static final int VALUE_BYTES_MAX = 16;

  private record Found(int kind, long timeNanos, Object value) {}

  @Property(tries = 300)
  void encodedParts_areTheMatchingValuesOnce(@ForAll long seed) {
    Random random = new Random(seed);
    LastValuesFold values =
        new LastValuesFold(
            PARTITION, PARTITIONS, VALUE_BYTES_MAX, new Budget("latest_bytes_max", 1 << 20));
    int[] sensors = ExpectedReading.sensors(PARTITION, PARTITIONS, 1 + random.nextInt(60));
    for (int offset = 0; offset < 5; offset++) {
      values.fold(ExpectedReading.batch(random, 1 + random.nextInt(50), sensors), offset);
    }
    LastValuesCut cut = values.cut();
    int modulus = 1 + random.nextInt(4);
    long sinceOffset = random.nextInt(5);
    int sinceRow = random.nextInt(20);
    boolean columns = random.nextBoolean();
    int readingsMax = 1 + random.nextInt(30);
    int bytesMax = 1 + random.nextInt(1_500);

    Map<Integer, Found> expected = new TreeMap<>();
    int[] tooLarge = new int[1];
    ExpectedReading.of(cut)
        .forEach(
            (sensor, last) -> {
              boolean since =
                  last.offset() > sinceOffset
                      || last.offset() == sinceOffset && last.row() >= sinceRow;
              if (since && sensor % modulus == 0 && last.value() == null) {
                tooLarge[0]++;
              } else if (since && sensor % modulus == 0) {
                expected.put(sensor, new Found(last.kind(), last.timeNanos(), last.value()));
              }
            });
    Map<Integer, Found> found = new TreeMap<>();
    int ordinal = 0;
    while (ordinal < cut.ordinals()) {
      IntPredicate matches = id -> id % modulus == 0;
      var terms =
          new CutEncoder.Terms(matches, ordinal, sinceOffset, sinceRow, readingsMax, bytesMax);
      EncodedCut encoded =
          columns
              ? CutEncoder.columns(cut, terms)
              : CutEncoder.rows(
                  cut, terms, id -> ExpectedReading.name(id).getBytes(StandardCharsets.UTF_8));
      assertThat(encoded.nextOrdinal()).isGreaterThan(ordinal);
      assertThat(encoded.readings()).isLessThanOrEqualTo(readingsMax);
      assertThat(encoded.bytes() <= bytesMax || encoded.readings() == 1).isTrue();
      add(encoded, columns, found);
      tooLarge[0] -= encoded.tooLarge();
      ordinal = encoded.nextOrdinal();
    }
    assertThat(found).isEqualTo(expected);
    assertThat(tooLarge[0]).isZero();
  }

  private static void add(EncodedCut encoded, boolean columns, Map<Integer, Found> into) {
    var bytes = new ByteArrayOutputStream();
    encoded.parts().forEach(part -> bytes.write(part.array(), part.offset(), part.length()));
    Delivery delivery;
    try {
      delivery = Delivery.parseFrom(bytes.toByteArray());
    } catch (InvalidProtocolBufferException wrong) {
      throw new AssertionError(wrong);
    }
    assertThat(delivery.getUnknownFields().asMap()).isEmpty();
    assertThat(encoded.batches()).hasSize(delivery.getBatchesCount());
    int before = into.size();
    if (columns) {
      assertThat(delivery.getReadingsCount()).isZero();
      for (Batch batch : delivery.getBatchesList()) {
        Slice canonical = encoded.batches().get(0);
        assertThat(batch).isEqualTo(ExpectedReading.parse(canonical));
        Map<Integer, ExpectedReading> values = new TreeMap<>();
        assertThat(check(canonical)).isInstanceOf(BatchCheckResult.Canonical.class);
        ExpectedReading.fold(canonical, 0, values);
        values.forEach(
            (id, last) ->
                assertThat(into.put(id, new Found(last.kind(), last.timeNanos(), last.value())))
                    .isNull());
      }
    }
    for (Reading row : delivery.getReadingsList()) {
      int id = Integer.parseInt(row.getSensor().substring(1));
      long time = row.getTime().getSeconds() * 1_000_000_000 + row.getTime().getNanos();
      assertThat(row.getCursor()).isEmpty();
      assertThat(
              into.put(id, new Found(ExpectedReading.kind(id), time, ExpectedReading.value(row))))
          .isNull();
    }
    assertThat(into.size() - before).isEqualTo(encoded.readings());
  }

  private static BatchCheckResult check(Slice batch) {
    return BatchCheck.check(batch, ExpectedReading::kind, new BatchLimits(1 << 20, 1 << 20));
  }
}
