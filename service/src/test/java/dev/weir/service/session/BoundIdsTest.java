package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.wire.Bad;
import dev.weir.service.wire.BatchLimits;
import dev.weir.service.wire.Checked;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Kind;
import org.junit.jupiter.api.Test;

class BoundIdsTest {
  private static final BatchLimits LIMITS = new BatchLimits(1_000, 1_000);

  private final TestDesk desk = new TestDesk(Limits.defaults());
  private final BoundIds bound = new BoundIds(new Budget("session_budget_bytes", 1 << 20));

  BoundIdsTest() {
    for (int id = 100; id < 200; id++) {
      bound.bind(id, Kind.KIND_DOUBLE_VALUE);
    }
    bound.bind(200, Kind.KIND_INTEGER_VALUE);
    bound.bind(202, Kind.KIND_DOUBLE_VALUE);
  }

  private Checked check(int partitions, int step, int... others) {
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
    var arrival = new Payloads.Arrival(0, 1, Slice.of(batch), batch.length);
    return Payloads.checked(arrival, desk.topic("t" + partitions, partitions), bound, LIMITS);
  }

  private static void assertBad(Checked checked, ErrorCode code, Integer... rows) {
    assertThat(checked).isInstanceOf(Bad.class);
    assertThat(((Bad) checked).fault().code()).isEqualTo(code);
    assertThat(((Bad) checked).rows()).containsExactly(rows);
  }

  @Test
  void idsInARow_areAlike() {
    assertThat(bound.alike()).extracting("from", "end").containsExactly(100, 200);
    assertThat(check(1, 1)).isInstanceOf(Checked.Canonical.class);
    assertThat(check(1, 1, 202, 150)).isInstanceOf(Checked.Canonical.class);
  }

  @Test
  void othersBetweenIdsThatAreAlike_areFound() {
    assertBad(check(1, 1, 99, 201, 203), ErrorCode.UNKNOWN_SENSOR_ID, 100, 101, 102);
    assertBad(check(1, 1, 150, 200), ErrorCode.KIND_MISMATCH, 101);
  }

  @Test
  void idsOfAnotherPartition_areFound() {
    assertThat(check(2, 2, 202)).isInstanceOf(Checked.Canonical.class);
    assertThat(check(2, 1)).isInstanceOf(Bad.class);
  }
}
