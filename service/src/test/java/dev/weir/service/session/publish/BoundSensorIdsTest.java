package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.wire.check.BatchCheckResult;
import dev.weir.service.wire.check.BatchLimits;
import dev.weir.service.wire.check.InvalidBatch;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoundSensorIdsTest {
  private static final BatchLimits LIMITS = new BatchLimits(1_000, 1_000);

  private final TestServerContext context = new TestServerContext(Limits.defaults());
  private final Budget sessions = new Budget("session_budget_bytes", 1 << 20);
  private final BoundSensorIds bound = new BoundSensorIds(sessions);

  BoundSensorIdsTest() {
    for (int id = 100; id < 200; id++) {
      bound.bind(id, Kind.KIND_DOUBLE_VALUE);
    }
    bound.bind(200, Kind.KIND_INTEGER_VALUE);
    bound.bind(202, Kind.KIND_DOUBLE_VALUE);
  }

  private BatchCheckResult check(int partitions, int step, int... others) {
    var columns = Columns.newBuilder().setTimeBase(1);
    for (int id = 100; id < 200; id += step) {
      columns.addSensorIds(id).addDoubles(id);
    }
    for (int other : others) {
      columns.addSensorIds(other).addDoubles(other);
    }
    byte[] batch =
        Batch.newBuilder()
            .addColumns(columns.setCount(columns.getDoublesCount()))
            .build()
            .toByteArray();
    var arrival = new PayloadCheck.Arrival(0, 1, Slice.of(batch), batch.length);
    return PayloadCheck.checked(
        arrival, context.topic("t" + partitions, partitions), bound, LIMITS);
  }

  private static void assertBad(BatchCheckResult checked, ErrorCode code, Integer... rows) {
    assertThat(checked).isInstanceOf(InvalidBatch.class);
    assertThat(((InvalidBatch) checked).fault().code()).isEqualTo(code);
    assertThat(((InvalidBatch) checked).rows()).containsExactly(rows);
  }

  @Test
  void oneHighId_isBound_andChargedLittle_asThereAreNoOthers() {
    Budget budget = new Budget("session_budget_bytes", 100_000);
    BoundSensorIds high = new BoundSensorIds(budget);
    high.bind(19_000_000, Kind.KIND_DOUBLE_VALUE);
    assertThat(high.kindOf(19_000_000)).isEqualTo(Kind.KIND_DOUBLE_VALUE);
    assertThat(high.kindOf(18_999_999)).isZero();
    assertThat(high.kindOf(-1)).isZero();
    // 1,024 references to blocks, one of 128 references to pages, and one of 256 bytes
    assertThat(budget.used()).isBetween(4L * 1_024 + 4 * 128 + 256, 6_000L);
    long one = budget.used();
    high.bind(19_000_001, Kind.KIND_DOUBLE_VALUE);
    assertThat(budget.used()).as("of the same page").isEqualTo(one);
    high.close();
    assertThat(budget.used()).isZero();
  }

  @Test
  void idsWithoutRoom_areNotBound_unlessTheirReadingsAreStored() {
    Budget budget = new Budget("session_budget_bytes", 10_000);
    BoundSensorIds few = new BoundSensorIds(budget);
    List<DefinedSensor> scattered = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      scattered.add(new DefinedSensor(i * 300, "s" + i, Kind.KIND_DOUBLE_VALUE, "", Map.of()));
    }
    assertThat(few.tryBind(scattered)).isFalse();
    assertThat(budget.used()).as("none of them").isZero();
    assertThat(few.tryBind(scattered.subList(0, 20))).isTrue();
    assertThat(budget.used()).isBetween(20L * 256, 10_000L);
    few.bind(scattered);
    assertThat(few.kindOf(49 * 300)).isEqualTo(Kind.KIND_DOUBLE_VALUE);
    assertThat(budget.used()).isGreaterThan(50L * 256);
    few.close();
    assertThat(budget.used()).isZero();
  }

  @Test
  void idsInARow_areAlike() {
    assertThat(bound.alike()).extracting("from", "end").containsExactly(100, 200);
    assertThat(check(1, 1)).isInstanceOf(BatchCheckResult.Canonical.class);
    assertThat(check(1, 1, 202, 150)).isInstanceOf(BatchCheckResult.Canonical.class);
  }

  @Test
  void othersBetweenIdsThatAreAlike_areFound() {
    assertBad(check(1, 1, 99, 201, 203), ErrorCode.UNKNOWN_SENSOR_ID, 100, 101, 102);
    assertBad(check(1, 1, 150, 200), ErrorCode.KIND_MISMATCH, 101);
  }

  @Test
  void idsOfAnotherPartition_areFound() {
    assertThat(check(2, 2, 202)).isInstanceOf(BatchCheckResult.Canonical.class);
    assertThat(check(2, 1)).isInstanceOf(InvalidBatch.class);
  }
}
