package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SensorCatalogTest {
  private final SensorCatalog catalog = new SensorCatalog(3, 5);

  private static SensorInfo sensor(int id) {
    return new SensorInfo(id, "s" + id, Kind.KIND_DOUBLE_VALUE, "Cel", Map.of("k", "v" + id));
  }

  private List<Integer> ids(int fromId, int most) {
    return catalog.page(fromId, most).stream().map(SensorInfo::id).toList();
  }

  @Test
  void addedSensors_areFoundByNameIdAndPage() {
    for (int id : new int[] {1, 4, 0, 7}) {
      catalog.add(sensor(id));
    }
    assertThat(catalog.byName("s4")).isEqualTo(sensor(4)).isSameAs(catalog.byId(4));
    assertThat(catalog.byId(2)).isNull();
    assertThat(catalog.byId(-1)).isNull();
    assertThat(catalog.byId(Integer.MAX_VALUE)).isNull();
    assertThat(catalog.byName("s2")).isNull();
    assertThat(catalog.count(1)).isEqualTo(3);
    assertThat(catalog.count(2)).isZero();
    assertThat(ids(0, 10)).containsExactly(0, 1, 4, 7);
    assertThat(ids(1, 2)).containsExactly(1, 4);
    assertThat(ids(8, 2)).isEmpty();
  }

  @Test
  void manySensors_outgrowTheFirstShelf() {
    for (int ordinal = 0; ordinal < 1_000; ordinal++) {
      catalog.add(sensor(ordinal * 3 + 2));
    }
    assertThat(catalog.count(2)).isEqualTo(1_000);
    assertThat(catalog.byId(999 * 3 + 2).name()).isEqualTo("s" + (999 * 3 + 2));
    assertThat(catalog.page(0, 5_000)).hasSize(1_000);
  }

  @Test
  void room_isTakenGivenBackAndNeverOverdrawn() {
    assertThat(catalog.reserve(4)).isTrue();
    assertThat(catalog.reserve(2)).isFalse();
    assertThat(catalog.reserve(1)).isTrue();
    assertThat(catalog.reserve(1)).isFalse();
    catalog.release(2);
    assertThat(catalog.reserve(2)).isTrue();
  }

  @Test
  void restoredSensors_takeRoomOnce() {
    for (int id = 0; id < 4; id++) {
      catalog.restore(sensor(id));
      catalog.restore(sensor(id));
    }
    assertThat(catalog.reserve(1)).isTrue();
    assertThat(catalog.reserve(1)).isFalse();
  }

  @Test
  void sensorsBehindLostOnes_keepTheirIds() {
    catalog.restore(sensor(3 * 40 + 1));
    assertThat(catalog.count(1)).isEqualTo(41);
    assertThat(catalog.byId(1)).isNull();
    assertThat(ids(0, 10)).containsExactly(121);
    catalog.restore(sensor(1));
    assertThat(ids(0, 10)).containsExactly(1, 121);
    assertThat(catalog.count(1)).isEqualTo(41);
  }

  @Test
  void keptId_isNobodysAndCountsNoRoom() {
    catalog.keep(3 * 20);
    assertThat(catalog.count(0)).isEqualTo(21);
    assertThat(catalog.byId(60)).isNull();
    assertThat(ids(0, 10)).isEmpty();
    assertThat(catalog.reserve(5)).isTrue();
    catalog.restore(sensor(60));
    assertThat(catalog.byId(60)).isEqualTo(sensor(60));
  }

  @Test
  void sensor_survivesItsMessageForm() {
    Sensor message = sensor(7).toSensor();
    assertThat(SensorInfo.of(7, message)).isEqualTo(sensor(7));
  }
}
