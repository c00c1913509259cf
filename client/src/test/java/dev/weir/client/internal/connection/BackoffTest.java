package dev.weir.client.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void waits_areJitteredBelowACeilingThatDoublesUpToItsBound() {
    for (int seed = 0; seed < 200; seed++) {
      Backoff backoff = new Backoff(new SplittableRandom(seed));
      long ceiling = Backoff.FIRST_NANOS;
      for (int attempt = 0; attempt < 12; attempt++) {
        assertThat(backoff.nextNanos()).isBetween(0L, ceiling - 1);
        ceiling = Math.min(Backoff.CEILING_NANOS, 2 * ceiling);
      }
      assertThat(ceiling).isEqualTo(Backoff.CEILING_NANOS);
    }
  }

  @Test
  void sameSeed_givesTheSameWaits() {
    assertThat(waits(42)).isEqualTo(waits(42)).isNotEqualTo(waits(43)).doesNotHaveDuplicates();
  }

  @Test
  void afterSuccess_theCeilingIsTheFirstAgain() {
    Backoff backoff = new Backoff(new SplittableRandom(1));
    for (int i = 0; i < 10; i++) {
      backoff.nextNanos();
    }
    backoff.reset();
    assertThat(backoff.nextNanos()).isLessThan(Backoff.FIRST_NANOS);
  }

  @Test
  void whatTheServerAsksFor_isTheLeastWait() {
    Backoff backoff = new Backoff(new SplittableRandom(1));
    assertThat(backoff.nextNanos(Backoff.CEILING_NANOS)).isEqualTo(Backoff.CEILING_NANOS);
    assertThat(backoff.nextNanos(0)).isLessThan(2 * Backoff.FIRST_NANOS);
  }

  private static List<Long> waits(long seed) {
    Backoff backoff = new Backoff(new SplittableRandom(seed));
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waits.add(backoff.nextNanos());
    }
    return waits;
  }
}
