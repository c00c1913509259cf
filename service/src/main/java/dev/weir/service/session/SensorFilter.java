package dev.weir.service.session;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.OwnedBy;
import java.util.BitSet;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Whether a sensor id is one of a selector's names; remembers the answer per id, also for sensors
 * that appear later. Owned by the fetch under way, of which a feed has one at most.
 */
@OwnedBy("catch-up fetch")
final class SensorFilter implements IntPredicate {
  private final SensorCatalog catalog;
  private final Set<String> names;
  private final BitSet asked = new BitSet();
  private final BitSet matching = new BitSet();

  SensorFilter(SensorCatalog catalog, Set<String> names) {
    this.catalog = catalog;
    this.names = names;
  }

  @Override
  public boolean test(int sensorId) {
    if (!asked.get(sensorId)) {
      SensorInfo sensor = catalog.byId(sensorId);
      matching.set(sensorId, sensor != null && names.contains(sensor.name()));
      asked.set(sensorId);
    }
    return matching.get(sensorId);
  }
}
