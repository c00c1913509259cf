package dev.weir.service.core.mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModeTest {
  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void distances_areFiniteAndNotNegative(double distance) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Mode.OnChange(distance, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Mode.Threshold(0, ThresholdDirection.BOTH, distance));
  }

  @Test
  void settingsOutOfBounds_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Mode.OnChange(0, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Mode.Sample(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Mode.Threshold(Double.NaN, ThresholdDirection.BOTH, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Mode.Threshold(0, null, 0));
  }

  @Test
  void distantSlots_haveStatesOfTheirOwn() {
    var state = new ModeState(new Mode.OnChange(0, 0));
    int last = (1 << 24) - 1;
    for (int slot : new int[] {last, 0, 1023, 1024, 1 << 23}) {
      assertThat(state.takesInteger(slot, 0, slot)).isTrue();
    }
    for (int slot : new int[] {last, 0, 1023, 1024, 1 << 23}) {
      assertThat(state.takesInteger(slot, 0, slot)).isFalse();
      assertThat(state.takesInteger(slot, 0, slot + 1L)).isTrue();
    }
  }
}
