package dev.weir.service.catalog;

import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.Map;

/**
 * One defined sensor. Immutable.
 *
 * @param id durable number inside the topic: {@code n * partitionCount + partition}
 * @param name its name
 * @param kind the number of its {@link Kind}
 * @param unit UCUM; empty for none
 * @param labels free labels
 */
public record DefinedSensor(
    int id, String name, int kind, String unit, Map<String, String> labels) {
  public DefinedSensor {
    labels = Map.copyOf(labels);
  }

  /** From a stored or requested definition. */
  public static DefinedSensor of(int id, Sensor definition) {
    return new DefinedSensor(
        id,
        definition.getName(),
        definition.getKindValue(),
        definition.getUnit(),
        definition.getLabelsMap());
  }

  /** The contract's form. */
  public Sensor toSensor() {
    return Sensor.newBuilder()
        .setId(id)
        .setName(name)
        .setKind(Kind.forNumber(kind))
        .setUnit(unit)
        .putAllLabels(labels)
        .build();
  }
}
