package dev.weir.service.wire.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.wire.check.SensorKinds.Range;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SensorKindsTest {
  @Test
  void idsInOrder_areARange() {
    Range range = Range.NONE;
    for (int id = 5; id < 13; id++) {
      range = range.with(id, 1);
    }
    assertThat(range.with(6, 1)).isEqualTo(new Range(1, 5, 13));
    assertThat(range.with(14, 1)).as("13 is not bound").isEqualTo(range);
    assertThat(range.with(13, 2)).as("of another kind").isEqualTo(range);
    assertThat(range.with(5, 2)).as("no more of one kind").isEqualTo(Range.NONE);
  }

  @Test
  void fewOfOneKind_giveWayToMoreOfAnother() {
    Range range = Range.NONE.with(1, 2).with(2, 2).with(3, 1).with(4, 1);
    assertThat(range).isEqualTo(new Range(1, 3, 5));
  }

  @Test
  void everyIdOfARange_isBoundAndOfItsKind() {
    Random random = new Random(6);
    int ranges = 0;
    for (int run = 0; run < 2_000; run++) {
      Map<Integer, Integer> bound = new HashMap<>();
      Range range = Range.NONE;
      for (int i = 0; i < 40; i++) {
        int id = random.nextInt(3) == 0 ? random.nextInt(12) : range.end();
        int kind = random.nextInt(12) == 0 ? 2 : 1;
        bound.put(id, kind);
        range = range.with(id, kind);
        for (int in = range.from(); in < range.end(); in++) {
          assertThat(bound).containsEntry(in, range.kind());
        }
        ranges += range.end() - range.from();
      }
    }
    assertThat(ranges).isGreaterThan(100_000);
  }
}
