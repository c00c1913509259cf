package dev.weir.service.wire.columns;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.service.core.Slice;
import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import org.junit.jupiter.api.Test;

class SensorIdSetTest {
  private static Slice batch(int... ids) {
    var columns = Columns.newBuilder().setCount(ids.length);
    for (int id : ids) {
      columns.addSensorIds(id).addBlobs(ByteString.EMPTY);
    }
    return Slice.of(Batch.newBuilder().addColumns(columns).build().toByteArray());
  }

  @Test
  void ids_areSortedAsUnsignedNumbers() {
    assertThat(SensorIdSet.distinct(batch(7, 0, -1, 7, Integer.MIN_VALUE, 0, 3)))
        .containsExactly(0, 3, 7, Integer.MIN_VALUE, -1);
  }

  @Test
  void oneIdForManyReadings_isOne() {
    var columns =
        Columns.newBuilder().setCount(2).addSensorIds(9).addBooleans(true).addBooleans(false);
    var batch = Batch.newBuilder().addColumns(columns).addColumns(columns).build();
    assertThat(SensorIdSet.distinct(Slice.of(batch.toByteArray()))).containsExactly(9);
  }

  @Test
  void manyIds_areAllFound() {
    int[] ids = new int[10_000];
    int[] reversed = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i * 64;
      reversed[ids.length - 1 - i] = i * 64;
    }
    assertThat(SensorIdSet.distinct(batch(reversed))).isEqualTo(ids);
  }
}
