package dev.weir.service.latest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.wire.columns.ColumnsReader;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LastValuesFoldTest {
  private static final int TEXT = 3;

  private final Budget budget = new Budget("latest_bytes_max", 100);
  private final LastValuesFold values = new LastValuesFold(0, 1, 60, budget);

  private static Slice text(int sensor, long timeNanos, int length) {
    return columns(
        Columns.newBuilder()
            .setCount(1)
            .addSensorIds(sensor)
            .setTimeBase(timeNanos)
            .addTexts("x".repeat(length)));
  }

  private static Slice number(long timeNanos, double value) {
    return columns(
        Columns.newBuilder().setCount(1).addSensorIds(0).setTimeBase(timeNanos).addDoubles(value));
  }

  private static Slice columns(Columns.Builder columns) {
    return Slice.of(Batch.newBuilder().addColumns(columns).build().toByteArray());
  }

  @Test
  void backfill_neverHidesALaterValue() {
    values.fold(number(10, 1), 0);
    values.fold(number(9, 2), 1);
    assertThat(values.cut().bits(0)).isEqualTo(Double.doubleToRawLongBits(1));
    values.fold(number(10, 3), 2);
    assertThat(values.cut().bits(0)).as("a tie").isEqualTo(Double.doubleToRawLongBits(3));
    assertThat(values.cut().offset(0)).isEqualTo(2);
  }

  @Test
  void valueWithTheLeastTime_isKept() {
    values.fold(number(Long.MIN_VALUE, 1), 0);
    assertThat(values.cut().has(0)).isTrue();
    values.fold(number(Long.MIN_VALUE, 2), 1);
    assertThat(values.cut().offset(0)).isEqualTo(1);
  }

  @Test
  void put_replacesALaterValue() {
    values.fold(number(10, 1), 0);
    ColumnsReader at = new ColumnsReader(number(5, 2));
    assertThat(at.nextRun() && at.nextReading()).isTrue();
    values.put(at, 0, 7, 4);
    LastValuesCut cut = values.cut();
    assertThat(cut.timeNanos(0)).isEqualTo(5);
    assertThat(cut.offset(0)).isEqualTo(7);
    assertThat(cut.row(0)).isEqualTo(4);
  }

  @Test
  void valueTooLarge_isNeverTheOlderOne() {
    values.fold(text(TEXT, 1, 60), 0);
    assertThat(values.cut().tooLarge(TEXT)).isFalse();
    values.fold(text(TEXT, 2, 61), 1);
    LastValuesCut cut = values.cut();
    assertThat(cut.has(TEXT)).isTrue();
    assertThat(cut.tooLarge(TEXT)).isTrue();
    assertThat(cut.kind(TEXT)).isEqualTo(Kind.KIND_TEXT_VALUE);
    assertThat(cut.timeNanos(TEXT)).isEqualTo(2);
    assertThat(cut.bytes(TEXT).length()).isZero();
    assertThat(budget.used()).isZero();
    values.fold(text(TEXT, 3, 5), 2);
    assertThat(values.cut().tooLarge(TEXT)).isFalse();
    assertThat(values.cut().bytes(TEXT))
        .isEqualTo(Slice.of("xxxxx".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void valueBeyondTheBudget_isTooLargeUntilThereIsRoom() {
    LastValuesFold others = new LastValuesFold(0, 1, 60, budget);
    others.fold(text(TEXT, 1, 60), 0);
    values.fold(text(TEXT, 1, 60), 0);
    assertThat(values.cut().tooLarge(TEXT)).isTrue();
    assertThat(others.cut().tooLarge(TEXT)).isFalse();
    others.close();
    values.fold(text(TEXT, 1, 60), 1);
    assertThat(values.cut().tooLarge(TEXT)).isFalse();
  }

  @Test
  void keptText_doesNotHoldItsBatch() {
    Slice batch = text(TEXT, 1, 60);
    values.fold(batch, 0);
    assertThat(values.cut().bytes(TEXT).array()).hasSize(60).isNotSameAs(batch.array());
  }

  @Test
  void hundredThousandSensors_allHaveTheirValue() {
    int sensors = 100_000;
    Columns.Builder first = Columns.newBuilder().setCount(sensors);
    Columns.Builder second = Columns.newBuilder().setCount(sensors);
    for (int i = 0; i < sensors; i++) {
      first.addSensorIds(i).addDoubles(i);
      second.addSensorIds(i).addDoubles(-i);
    }
    values.fold(columns(first), 0);
    LastValuesCut cut = values.cut();
    values.fold(columns(second), 1);
    LastValuesCut after = values.cut();
    assertThat(cut.ordinals()).isEqualTo(sensors);
    for (int i = 0; i < sensors; i++) {
      assertThat(Double.longBitsToDouble(cut.bits(i))).isEqualTo(i);
      assertThat(cut.row(i)).isEqualTo(i);
      assertThat(after.offset(i)).isEqualTo(1);
    }
    int readings = 0;
    int ordinal = 0;
    while (ordinal < cut.ordinals()) {
      var terms = new CutEncoder.Terms(id -> true, ordinal, 0, 0, Integer.MAX_VALUE, 1 << 18);
      EncodedCut encoded = CutEncoder.columns(cut, terms);
      readings += encoded.readings();
      ordinal = encoded.nextOrdinal();
    }
    assertThat(readings).isEqualTo(100_000);
  }
}
