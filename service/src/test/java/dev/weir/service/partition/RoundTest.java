package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import org.junit.jupiter.api.Test;

class RoundTest {
  private static int room(Round round) {
    int taken = 0;
    while (!round.full()) {
      round.whenSettled(outcome -> {});
      taken++;
    }
    return taken;
  }

  @Test
  void roundOfACaller_takesFewRequests() {
    Limits limits = Limits.defaults().with(Limit.INLINE_COMMIT_REQUESTS_MAX, 3);
    assertThat(room(Round.quick(limits))).isEqualTo(3);
    assertThat(room(Round.quick(limits.with(Limit.COMMIT_ROUND_REQUESTS_MAX, 2)))).isEqualTo(2);
    assertThat(room(Round.whole(limits.with(Limit.COMMIT_ROUND_REQUESTS_MAX, 5)))).isEqualTo(5);
  }

  @Test
  void roundOfACaller_takesSmallBatchesOnly() {
    Limits limits = Limits.defaults().with(Limit.INLINE_CHECK_BYTES_MAX, 1_024);
    Round round = Round.quick(limits);
    assertThat(round.takes(append(new long[50]))).isTrue();
    assertThat(round.takes(append(new long[1_100]))).isFalse();
    assertThat(Round.whole(limits).takes(append(new long[1_100]))).isTrue();
  }

  private static Request append(long... values) {
    return new Request.Append(null, "", 0, 0, TestBatches.encoded(0, values), result -> {});
  }
}
