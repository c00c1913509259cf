package dev.weir.service.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import org.junit.jupiter.api.Test;

class CommitRoundTest {
  private static int room(CommitRound round) {
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
    assertThat(room(CommitRound.quick(limits))).isEqualTo(3);
    assertThat(room(CommitRound.quick(limits.with(Limit.COMMIT_ROUND_REQUESTS_MAX, 2))))
        .isEqualTo(2);
    assertThat(room(CommitRound.whole(limits.with(Limit.COMMIT_ROUND_REQUESTS_MAX, 5))))
        .isEqualTo(5);
  }

  @Test
  void roundOfACaller_takesSmallBatchesOnly() {
    Limits limits = Limits.defaults().with(Limit.INLINE_CHECK_BYTES_MAX, 1_024);
    CommitRound round = CommitRound.quick(limits);
    assertThat(round.takes(append(new long[50]))).isTrue();
    assertThat(round.takes(append(new long[1_100]))).isFalse();
    assertThat(CommitRound.whole(limits).takes(append(new long[1_100]))).isTrue();
  }

  private static PartitionRequest append(long... values) {
    return new PartitionRequest.Append(
        null, "", 0, 0, SampleBatches.encoded(0, values), result -> {});
  }
}
