package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import org.junit.jupiter.api.Test;

class PoolsTest {
  @Test
  void partitionNumberThatOverflowed_hasItsThreads() {
    Pools pools = new Pools(Limits.defaults());
    try {
      for (int number : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        assertThat(pools.view(number)).isSameAs(pools.view(number));
        assertThat(pools.writer(number)).isSameAs(pools.writer(number));
      }
    } finally {
      pools.close();
    }
  }
}
