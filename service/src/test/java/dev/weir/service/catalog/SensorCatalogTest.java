package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SensorCatalogTest {
  private final SensorCatalog catalog = new SensorCatalog(3, 5);

  private static DefinedSensor sensor(int id) {
    return new DefinedSensor(id, "s" + id, Kind.KIND_DOUBLE_VALUE, "Cel", Map.of("k", "v" + id));
  }

  private List<Integer> ids(int fromId, int most) {
    return catalog.page(fromId, most).stream().map(DefinedSensor::id).toList();
  }

  @Test
  void addedSensors_areFoundByNameIdAndPage() {
    for (int id : new int[] {1, 4, 0, 7}) {
      catalog.add(sensor(id));
    }
    assertThat(catalog.byName("s4")).isEqualTo(sensor(4)).isEqualTo(catalog.byId(4));
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
    assertThat(catalog.byName("s2")).isEqualTo(sensor(2));
    assertThat(catalog.kind(2)).isEqualTo(Kind.KIND_DOUBLE_VALUE);
    assertThat(catalog.kind(1)).isZero();
  }

  @Test
  void room_isTakenGivenBackAndNeverOverdrawn() {
    assertThat(catalog.reserve(4, 0)).isEmpty();
    assertThat(catalog.reserve(2, 0)).isPresent();
    assertThat(catalog.reserve(1, 0)).isEmpty();
    assertThat(catalog.reserve(1, 0)).isPresent();
    catalog.release(2, 0);
    assertThat(catalog.reserve(2, 0)).isEmpty();
  }

  @Test
  void restoredSensors_takeRoomOnce() {
    for (int id = 0; id < 4; id++) {
      catalog.restore(sensor(id));
      catalog.restore(sensor(id));
    }
    assertThat(catalog.reserve(1, 0)).isEmpty();
    assertThat(catalog.reserve(1, 0)).isPresent();
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
    assertThat(catalog.reserve(5, 0)).isEmpty();
    catalog.restore(sensor(60));
    assertThat(catalog.byId(60)).isEqualTo(sensor(60));
  }

  @Test
  void sensor_survivesItsMessageForm() {
    Sensor message = sensor(7).toSensor();
    assertThat(DefinedSensor.of(7, message)).isEqualTo(sensor(7));
  }

  @Test
  void longNamesAndLabels_areKeptAsTheyAre() {
    String longest = "n" + "\u00e4".repeat(255);
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < 256; i++) {
      labels.put("k" + i, "v".repeat(4_096));
    }
    var large = new DefinedSensor(3, longest, Kind.KIND_BLOB_VALUE, "Cel", labels);
    catalog.add(large);
    catalog.add(sensor(0));
    assertThat(catalog.byId(3)).isEqualTo(large);
    assertThat(catalog.byName(longest)).isEqualTo(large);
    assertThat(catalog.byId(0)).isEqualTo(sensor(0));
  }

  @Test
  void charge_isWhatSensorsTake_andGivenBackWhenTheCatalogueIsClosed() {
    var budget = new Budget("catalog_budget_bytes", Long.MAX_VALUE);
    var large = new SensorCatalog(2, 1_000_000, 7, budget);
    Map<String, String> shared = Map.of("site", "north", "floor", "1");
    int sensors = 300_000;
    for (int id = 0; id < sensors; id++) {
      String name = String.format("plant/line/s%08d", id);
      Map<String, String> labels = id % 2 == 0 ? shared : Map.of();
      large.restore(
          new DefinedSensor(id, name, Kind.KIND_DOUBLE_VALUE, id % 3 == 0 ? "Cel" : "", labels));
    }
    long topic = SensorCatalog.bytesOfTopic(2);
    long lastValues = 32L * sensors;
    assertThat((double) (budget.used() - topic - lastValues))
        .isBetween(0.9 * large.heapBytes(), 1.3 * large.heapBytes());
    assertThat(budget.used() / sensors).as("bytes a sensor of 20 bytes").isBetween(60L, 100L);
    large.close();
    assertThat(budget.used()).isZero();
  }

  @Test
  void usedUpBudget_refusesSensorsByItsNameAndValue_andCountsNothing() {
    var budget = new Budget("catalog_budget_bytes", SensorCatalog.bytesOfTopic(1) + 1_000);
    var small = new SensorCatalog(1, 100, 7, budget);
    assertThat(small.reserve(10, 900)).isEmpty();
    assertThat(small.reserve(1, 200))
        .hasValueSatisfying(
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.LIMIT_REACHED);
              assertThat(fault.toString()).contains("catalog_budget_bytes (" + budget.max());
            });
    small.release(10, 900);
    assertThat(budget.used()).isEqualTo(SensorCatalog.bytesOfTopic(1));
  }
}
