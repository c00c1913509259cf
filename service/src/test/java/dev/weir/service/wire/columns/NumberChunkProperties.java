package dev.weir.service.wire.columns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.wire.check.BatchCheck;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.service.wire.check.SensorKinds;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Runs longer than a block, against what the generated classes read. */
class NumberChunkProperties {
  private static final int BLOCK = NumberChunk.SIZE_MAX;

  @Property(tries = 300)
  void blocks_holdWhatTheColumnsHold(@ForAll long seed) {
    Random random = new Random(seed);
    Batch.Builder batch = Batch.newBuilder();
    for (int runs = 1 + random.nextInt(3); runs > 0; runs--) {
      batch.addColumns(run(random, 1 + random.nextInt(3)));
    }
    var reader = new ColumnsReader(Slice.of(batch.build().toByteArray()));
    int row = 0;
    for (Columns columns : batch.getColumnsList()) {
      assertThat(reader.nextRun()).isTrue();
      NumberChunk block = NumberChunk.forRun(reader);
      int read = 0;
      while (reader.nextBlock(block)) {
        assertThat(block.firstRow()).isEqualTo(row + read);
        for (int i = 0; i < block.count(); i++) {
          require(block, i, columns, read++);
        }
      }
      assertThat(read).isEqualTo(columns.getCount());
      row += read;
    }
    assertThat(reader.nextRun()).isFalse();
  }

  private static void require(NumberChunk block, int at, Columns columns, int i) {
    int id = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
    assertThat(block.sensorId(at)).isEqualTo(id);
    long offset = columns.getTimeOffsetsCount() == 0 ? 0 : columns.getTimeOffsets(i);
    long time = columns.getTimeBase() + i * columns.getTimeStep() + offset * columns.getTimeUnit();
    assertThat(block.timeNanos(at)).isEqualTo(time);
    long bits;
    if (columns.getDoublesCount() > 0) {
      bits = Double.doubleToRawLongBits(columns.getDoubles(i));
    } else if (columns.getIntegersCount() > 0) {
      bits = columns.getIntegers(i);
    } else {
      bits = columns.getBooleans(i) ? 1 : 0;
    }
    assertThat(block.bits(at)).isEqualTo(bits);
  }

  /** Numbers of one kind, with entries of every size. */
  private static Columns run(Random random, int kind) {
    int[] edges = {1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1};
    int count =
        random.nextBoolean() ? edges[random.nextInt(edges.length)] : 1 + random.nextInt(700);
    boolean oneId = random.nextInt(4) == 0;
    boolean steady = random.nextInt(4) == 0;
    var columns = Columns.newBuilder().setCount(count).setTimeBase(1_000).setTimeUnit(3);
    columns.setTimeStep(random.nextInt(2_000) - 1_000);
    for (int i = 0; i < count; i++) {
      if (i == 0 || !oneId) {
        columns.addSensorIds(random.nextInt() >>> random.nextInt(32));
      }
      if (!steady) {
        columns.addTimeOffsets(random.nextLong() >> random.nextInt(64));
      }
      switch (kind) {
        case Kind.KIND_DOUBLE_VALUE -> columns.addDoubles(random.nextGaussian());
        case Kind.KIND_INTEGER_VALUE ->
            columns.addIntegers(random.nextLong() >> random.nextInt(64));
        default -> columns.addBooleans(random.nextBoolean());
      }
    }
    return columns.build();
  }

  @Property(tries = 200)
  void oneWrongIdAnywhere_isToldWithItsRow(@ForAll long seed) {
    Random random = new Random(seed);
    int count = 2 + random.nextInt(700);
    int wrong = random.nextInt(count);
    var columns = Columns.newBuilder().setCount(count).setTimeBase(1_000);
    for (int i = 0; i < count; i++) {
      columns.addSensorIds(i == wrong ? 1 << 20 : 1 + random.nextInt(300)).addDoubles(i);
      columns.addTimeOffsets(random.nextInt(4_000) - 2_000);
    }
    SensorKinds kinds = id -> id <= 300 ? Kind.KIND_DOUBLE_VALUE : 0;
    var limits = new BatchLimits(1_000, 10);
    BatchCheckResult checked =
        BatchCheck.check(
            Slice.of(Batch.newBuilder().addColumns(columns).build().toByteArray()), kinds, limits);
    assertThat(checked).isInstanceOf(InvalidBatch.class);
    assertThat(((InvalidBatch) checked).fault().code()).isEqualTo(ErrorCode.UNKNOWN_SENSOR_ID);
    assertThat(((InvalidBatch) checked).rows()).containsExactly(wrong);
  }
}
