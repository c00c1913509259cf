package dev.weir.service.wire.names;

import com.google.common.base.Utf8;
import dev.weir.service.core.fault.Fault;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of telemetry.proto for definitions of sensors and for labels. Immutable.
 *
 * @param unitBytesMax most bytes of a unit in UTF-8
 * @param labelsMax most labels of a sensor or topic
 * @param labelKeyBytesMax most bytes of a label's key in UTF-8
 * @param labelValueBytesMax most bytes of a label's value in UTF-8
 */
public record DefinitionRules(
    int unitBytesMax, int labelsMax, int labelKeyBytesMax, int labelValueBytesMax) {
  /** The bytes that a definition's objects take besides its texts, about. */
  private static final int SENSOR_BYTES = 160;

  /** The same of each of its labels. */
  private static final int LABEL_BYTES = 128;

  /** The greatest factor by which the bytes of texts grow. */
  private static final int TEXT_FACTOR = 2;

  /** With the bounds of a server that configures none. */
  public static final DefinitionRules DEFAULTS = new DefinitionRules(63, 32, 63, 255);

  /** Returns the bytes that definitions take while they wait for their partition, about. */
  public static long memoryBytes(List<Sensor> sensors) {
    long bytes = 0;
    for (Sensor sensor : sensors) {
      bytes += SENSOR_BYTES + (long) LABEL_BYTES * sensor.getLabelsCount();
      bytes += (long) TEXT_FACTOR * sensor.getSerializedSize();
    }
    return bytes;
  }

  /**
   * Returns what is wrong with a definition from a client; empty where nothing is.
   *
   * @param path the sensor's place in the request, such as "define.sensors[3]"
   */
  public Optional<Fault> check(String path, Sensor sensor) {
    Optional<String> nameProblem = SensorNameRule.check(sensor.getName());
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
    if (overBytes(sensor.getUnit(), unitBytesMax)) {
      return invalid(path + ".unit", "has more than " + unitBytesMax + " bytes of UTF-8");
    }
    return labels(path + ".labels", sensor.getLabelsMap());
  }

  /** Returns what is wrong with labels; empty where nothing is. */
  public Optional<Fault> labels(String path, Map<String, String> labels) {
    if (labels.size() > labelsMax) {
      return invalid(path, "has " + labels.size() + " labels, more than " + labelsMax);
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      String key = label.getKey();
      if (key.isEmpty() || overBytes(key, labelKeyBytesMax)) {
        return invalid(
            path,
            "has a key that is empty or has more than " + labelKeyBytesMax + " bytes of UTF-8");
      }
      if (overBytes(label.getValue(), labelValueBytesMax)) {
        return invalid(
            path + "[\"" + key + "\"]", "has more than " + labelValueBytesMax + " bytes of UTF-8");
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
