package dev.weir.service.app.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.config.Limits;
import dev.weir.service.core.sequence.SequenceRule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The class path of these tests is that of the program: it has no injector. */
class FaultInjectorTest {
  @Test
  void faultWithoutAnInjector_isRefusedWithTheModuleThatHasIt() {
    assertThatThrownBy(() -> FaultInjector.load(List.of("no-sync", "space=1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("fault: no-sync, space=1 (expected none: ")
        .hasMessageContaining("weir-fault-injection");
  }

  @Test
  void noFault_nothingStandsInTheServersWay() {
    NioDataFiles disk = new NioDataFiles();
    ServerFaults none = FaultInjector.load(List.of());

    assertThat(none.isEmpty()).isTrue();
    assertThat(none.limits(Limits.defaults())).isEqualTo(Limits.defaults());
    assertThat(none.files(disk)).isSameAs(disk);
    assertThat(none.engineSettings(null)).isNull();
    assertThat(none.engine(null)).isNull();
    assertThat(none.sequenceRule()).isSameAs(SequenceRule.STRICT);
    assertThat(none.interceptor()).isEmpty();
    assertThatThrownBy(() -> none.arm("append.half-written:1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
