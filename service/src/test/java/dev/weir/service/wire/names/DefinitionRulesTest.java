package dev.weir.service.wire.names;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DefinitionRulesTest {
  private static Sensor.Builder sensor() {
    return Sensor.newBuilder()
        .setName("plant1/temp")
        .setKind(Kind.KIND_DOUBLE)
        .setUnit("Cel")
        .putLabels("room", "");
  }

  private static void assertRefused(Sensor.Builder sensor, ErrorCode code, String field) {
    Optional<Fault> fault = DefinitionRules.DEFAULTS.check("define.sensors[3]", sensor.build());
    assertThat(fault).isPresent();
    assertThat(fault.get().code()).isEqualTo(code);
    assertThat(fault.get().violations())
        .extracting(Fault.Violation::field)
        .containsExactly("define.sensors[3]." + field);
  }

  private static void assertInvalid(Sensor.Builder sensor, String field) {
    assertRefused(sensor, ErrorCode.INVALID_ARGUMENT, field);
  }

  @Test
  void goodDefinition_isAccepted() {
    assertThat(DefinitionRules.DEFAULTS.check("sensor", sensor().build())).isEmpty();
    assertThat(DefinitionRules.DEFAULTS.check("sensor", sensor().clearUnit().clearLabels().build()))
        .isEmpty();
  }

  @Test
  void badDefinition_namesItsField() {
    assertInvalid(sensor().setName("a/+"), "name");
    assertInvalid(sensor().clearName(), "name");
    assertInvalid(sensor().setId(1), "id");
    assertInvalid(sensor().clearKind(), "kind");
    assertRefused(sensor().setKindValue(9), ErrorCode.UNIMPLEMENTED, "kind");
    assertInvalid(sensor().setUnit("é".repeat(32)), "unit");
    assertInvalid(sensor().putLabels("", "x"), "labels");
    assertInvalid(sensor().putLabels("é".repeat(32), "x"), "labels");
    assertInvalid(sensor().putLabels("key", "é".repeat(128)), "labels[\"key\"]");
  }

  @Test
  void boundsThemselves_areAccepted() {
    var sensor = sensor().setUnit("u".repeat(63)).putLabels("k".repeat(63), "v".repeat(255));
    for (int i = sensor.getLabelsCount(); i < 32; i++) {
      sensor.putLabels("label" + i, "");
    }
    assertThat(DefinitionRules.DEFAULTS.check("sensor", sensor.build())).isEmpty();
    assertInvalid(sensor.putLabels("one more", ""), "labels");
  }

  @Test
  void configuredBounds_areKept() {
    var small = new DefinitionRules(3, 1, 4, 0);
    assertThat(small.check("sensor", sensor().build())).isEmpty();
    assertThat(small.check("sensor", sensor().setUnit("Cels").build())).isPresent();
    assertThat(small.check("sensor", sensor().putLabels("more", "").build())).isPresent();
    assertThat(small.labels("labels", Map.of("rooms", ""))).isPresent();
    assertThat(small.labels("labels", Map.of("room", "v"))).isPresent();
  }
}
