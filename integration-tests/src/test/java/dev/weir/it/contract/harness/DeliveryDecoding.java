package dev.weir.it.contract.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import dev.weir.v1.TailResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns deliveries of doubles in either format into readings. Used by one thread. */
final class DeliveryDecoding {
  private final Map<Integer, String> names = new HashMap<>();
  private final List<DeliveredReading> readings = new ArrayList<>();

  List<DeliveredReading> readings() {
    return readings;
  }

  void take(TailResponse response) {
    if (response.hasSensors()) {
      learn(response.getSensors());
    } else if (response.hasDelivery()) {
      take(response.getDelivery());
    }
  }

  void learn(Sensors sensors) {
    for (Sensor sensor : sensors.getSensorsList()) {
      names.put(sensor.getId(), sensor.getName());
    }
  }

  void take(Delivery delivery) {
    int before = readings.size();
    for (Reading row : delivery.getReadingsList()) {
      readings.add(
          new DeliveredReading(
              delivery.getPartition(), row.getSensor(), row.getDouble(), row.getCursor()));
    }
    for (Batch batch : delivery.getBatchesList()) {
      batch.getColumnsList().forEach(columns -> take(delivery, columns));
    }
    assertThat(readings.size() - before)
        .as("readings charged and delivered")
        .isEqualTo((int) delivery.getChargedReadings());
  }

  private void take(Delivery delivery, Columns columns) {
    for (int i = 0; i < columns.getCount(); i++) {
      int id = columns.getSensorIds(columns.getSensorIdsCount() == 1 ? 0 : i);
      assertThat(names).as("sensors told before their ids are used").containsKey(id);
      readings.add(
          new DeliveredReading(
              delivery.getPartition(), names.get(id), columns.getDoubles(i), delivery.getCursor()));
    }
  }
}
