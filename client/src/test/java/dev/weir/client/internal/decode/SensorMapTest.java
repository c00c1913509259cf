package dev.weir.client.internal.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SensorMapTest {
  private final SensorMap sensors = new SensorMap();

  private void announce(int id, String name) {
    var sensor = Sensor.newBuilder().setId(id).setName(name).setKind(Kind.KIND_DOUBLE);
    sensors.announce(Sensors.newBuilder().setTopic("t").addSensors(sensor).build());
  }

  @Test
  void denseSparseAndGreatestIds_areAllFound_andNoOthers() {
    int[] ids = {0, 1, 63, 64, 1_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1};
    for (int id : ids) {
      announce(id, "s" + id);
    }
    for (int id : ids) {
      assertThat(sensors.get(id).name()).isEqualTo("s" + id);
    }
    assertThat(sensors.get(2)).isNull();
    assertThat(sensors.get(999_999)).isNull();
    assertThat(sensors.get(-2)).isNull();
  }

  @Test
  void sensorThatIsAnnouncedAgain_keepsItsObject_unlessItChanged() {
    announce(5, "a");
    announce(500, "b");
    var dense = sensors.get(5);
    var sparse = sensors.get(500);

    announce(5, "a");
    announce(500, "b");
    assertThat(sensors.get(5)).isSameAs(dense);
    assertThat(sensors.get(500)).isSameAs(sparse);

    announce(5, "c");
    announce(500, "d");
    assertThat(sensors.get(5).name()).isEqualTo("c");
    assertThat(sensors.get(500).name()).isEqualTo("d");
  }

  @Test
  void idsInAnyOrder_areFoundAsInAMap() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Integer, String> expected = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      int id = random.nextInt(random.nextBoolean() ? 4_096 : 1 << 20);
      String name = "s" + random.nextInt(3);
      announce(id, name);
      expected.put(id, name);
    }
    expected.forEach(
        (id, name) ->
            assertThat(sensors.get(id).name()).as("seed %d, id %d", seed, id).isEqualTo(name));
  }
}
