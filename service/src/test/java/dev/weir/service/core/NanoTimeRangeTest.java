package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The bounds of times, and that texts and numbers agree. */
class NanoTimeRangeTest {
  private static final Instant FIRST = Instant.ofEpochSecond(0, Long.MIN_VALUE);
  private static final Instant LAST = Instant.ofEpochSecond(0, Long.MAX_VALUE);

  private static boolean contains(Instant time) {
    return NanoTimeRange.contains(time.getEpochSecond(), time.getNano());
  }

  @Test
  void timesAtTheEnds_areContained_andNoneBeyond() {
    assertThat(contains(FIRST)).isTrue();
    assertThat(contains(LAST)).isTrue();
    assertThat(contains(Instant.EPOCH)).isTrue();
    assertThat(contains(FIRST.minusNanos(1))).isFalse();
    assertThat(contains(LAST.plusNanos(1))).isFalse();
    assertThat(contains(Instant.MIN)).isFalse();
    assertThat(contains(Instant.MAX)).isFalse();
    assertThat(NanoTimeRange.contains(Long.MIN_VALUE, 0)).isFalse();
    assertThat(NanoTimeRange.contains(0, -1)).isFalse();
    assertThat(NanoTimeRange.contains(0, 1_000_000_000)).isFalse();
  }

  @Test
  void texts_sayTheSameDaysAndSeconds() {
    String[] days = NanoTimeRange.DAYS.split(" to ", -1);
    String[] seconds = NanoTimeRange.SECONDS.split(" to ", -1);
    assertThat(FIRST.toString()).startsWith(days[0]);
    assertThat(LAST.toString()).startsWith(days[1]);
    assertThat(Instant.parse(seconds[0])).isBetween(FIRST, FIRST.plusSeconds(1));
    assertThat(Instant.parse(seconds[1])).isBetween(LAST.minusSeconds(1), LAST);
  }
}
