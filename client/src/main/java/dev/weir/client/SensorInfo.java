package dev.weir.client;

import dev.weir.v1.Kind;
import java.util.Map;

/**
 * A sensor as a subscriber meets it. Immutable; the same object for every reading of the sensor
 * while a session lasts, so it may be used as an identity key.
 *
 * @param topic the topic's name
 * @param id the durable number inside the topic
 * @param name the sensor's name
 * @param kind the type of its values
 * @param unit its unit in UCUM notation; empty: none stated
 * @param labels its labels
 */
public record SensorInfo(
    String topic, int id, String name, Kind kind, String unit, Map<String, String> labels) {
  /** Copies the labels. */
  public SensorInfo {
    labels = Map.copyOf(labels);
  }
}
