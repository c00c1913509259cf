package dev.weir.service.wire;

import com.google.common.base.Utf8;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.Map;
import java.util.Optional;

/** The rules of telemetry.proto for definitions of sensors and for labels. */
public final class Definitions {
  /** Most bytes of a unit in UTF-8. */
  public static final int UNIT_BYTES_MAX = 63;

  /** Most labels of a sensor or topic. */
  public static final int LABELS_MAX = 32;

  /** Most bytes of a label's key in UTF-8. */
  public static final int LABEL_KEY_BYTES_MAX = 63;

  /** Most bytes of a label's value in UTF-8. */
  public static final int LABEL_VALUE_BYTES_MAX = 255;

  private Definitions() {}

  /**
   * What is wrong with a definition from a client; empty where nothing is.
   *
   * @param path the sensor's place in the request, such as "define.sensors[3]"
   */
  public static Optional<Fault> check(String path, Sensor sensor) {
    Optional<String> nameProblem = SensorName.check(sensor.getName());
    if (nameProblem.isPresent()) {
      return invalid(path + ".name", nameProblem.get());
    }
    if (sensor.getId() != 0) {
      return invalid(path + ".id", "must be left out; the server gives ids");
    }
    if (sensor.getKind() == Kind.KIND_UNSPECIFIED) {
      return invalid(path + ".kind", "must be stated (KIND_DOUBLE, KIND_INTEGER, ...)");
    }
    if (sensor.getKind() == Kind.UNRECOGNIZED) {
      String text = "kind " + sensor.getKindValue() + " is not known to this server";
      return Optional.of(Fault.unimplemented(path + ".kind", text));
    }
    if (overBytes(sensor.getUnit(), UNIT_BYTES_MAX)) {
      return invalid(path + ".unit", "has over " + UNIT_BYTES_MAX + " bytes of UTF-8");
    }
    return labels(path + ".labels", sensor.getLabelsMap());
  }

  /** What is wrong with labels; empty where nothing is. */
  public static Optional<Fault> labels(String path, Map<String, String> labels) {
    if (labels.size() > LABELS_MAX) {
      return invalid(path, "has " + labels.size() + " labels, at most " + LABELS_MAX);
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      String key = label.getKey();
      if (key.isEmpty() || overBytes(key, LABEL_KEY_BYTES_MAX)) {
        return invalid(path, "a key must have 1 to " + LABEL_KEY_BYTES_MAX + " bytes of UTF-8");
      }
      if (overBytes(label.getValue(), LABEL_VALUE_BYTES_MAX)) {
        return invalid(
            path + "[\"" + key + "\"]", "has over " + LABEL_VALUE_BYTES_MAX + " bytes of UTF-8");
      }
    }
    return Optional.empty();
  }

  /** Text that comes from a parser has no unpaired surrogates. */
  private static boolean overBytes(String text, int bytesMax) {
    return text.length() > bytesMax || Utf8.encodedLength(text) > bytesMax;
  }

  private static Optional<Fault> invalid(String field, String description) {
    return Optional.of(Fault.invalid(field, description));
  }
}
