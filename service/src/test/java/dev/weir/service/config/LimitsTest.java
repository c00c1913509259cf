package dev.weir.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitsTest {
  @ParameterizedTest
  @EnumSource(Limit.class)
  void everyLimit_acceptsItsDefaultAndRefusesWhatIsBeyond(Limit limit) {
    assertThat(Limits.problem(limit, limit.defaultValue())).isEmpty();
    assertThat(Limits.problem(limit, limit.min() - 1)).isPresent();
    assertThat(Limits.problem(limit, limit.max() + 1)).isPresent();
    assertThat(Limits.defaults().get(limit)).isEqualTo(limit.defaultValue());
    assertThat(limit.description()).endsWith(".").hasSizeGreaterThan(20);
    assertThat(Limit.ofYamlName(limit.yamlName())).contains(limit);
  }

  @Test
  void changedLimit_leavesTheOthersAndTheOriginal() {
    Limits changed = Limits.defaults().with(Limit.SESSIONS_MAX, 5).with(Limit.TOPICS_MAX, 6);
    assertThat(changed.getInt(Limit.SESSIONS_MAX)).isEqualTo(5);
    assertThat(changed.getInt(Limit.TOPICS_MAX)).isEqualTo(6);
    assertThat(changed.get(Limit.LABELS_MAX)).isEqualTo(Limit.LABELS_MAX.defaultValue());
    assertThat(Limits.defaults().get(Limit.SESSIONS_MAX)).isEqualTo(100_000);
  }

  @Test
  void valueOutOfBounds_saysWhatIsExpected() {
    assertThatThrownBy(() -> Limits.defaults().with(Limit.SYNC_THREADS, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sync_threads: 0 (expected 1 to 256 threads)");
  }

  @Test
  void ringThatIsNoPowerOfTwo_isRefused() {
    assertThatThrownBy(() -> Limits.of(Map.of(Limit.TAIL_RECORDS_MAX, 5_000L)))
        .hasMessage("tail_records_max: 5000 (expected a power of two)");
  }

  @Test
  void windowBelowOneMessage_isRefused() {
    assertThatThrownBy(() -> Limits.of(Map.of(Limit.PUBLISH_WINDOW_BYTES, 65_536L)))
        .hasMessage(
            "publish_window_bytes: 65536 (expected at least message_bytes_max, which is 1048576)");
    assertThatThrownBy(() -> Limits.of(Map.of(Limit.COMMIT_ROUND_BYTES_MAX, 65_536L)))
        .hasMessageContaining("commit_round_bytes_max");
    assertThat(
            Limits.of(Map.of(Limit.PUBLISH_WINDOW_BYTES, 65_536L, Limit.MESSAGE_BYTES_MAX, 65_536L))
                .get(Limit.PUBLISH_WINDOW_BYTES))
        .isEqualTo(65_536);
  }
}
