package dev.weir.cli.text;

import dev.weir.v1.Reading;
import java.util.Base64;

/** A reading as one line of JSON. Stateless. */
public final class ReadingJson {
  private ReadingJson() {}

  /** Topic, sensor, time, value and cursor; a blob in base64. */
  public static String line(String topic, Reading reading) {
    return begin(topic, reading).put("cursor", reading.getCursor()).end();
  }

  /** Topic, sensor, time, value and unit: a last value, which has no cursor of its own. */
  public static String lastValue(String topic, Reading reading, String unit) {
    return begin(topic, reading).put("unit", unit).end();
  }

  private static JsonLine begin(String topic, Reading reading) {
    JsonLine line =
        new JsonLine()
            .put("topic", topic)
            .put("sensor", reading.getSensor())
            .put("time", TimeText.rfc3339(reading.getTime()));
    switch (reading.getValueCase()) {
      case DOUBLE -> line.put("value", reading.getDouble());
      case INTEGER -> line.put("value", reading.getInteger());
      case BOOLEAN -> line.put("value", reading.getBoolean());
      case TEXT -> line.put("value", reading.getText());
      case BLOB ->
          line.put("value", Base64.getEncoder().encodeToString(reading.getBlob().toByteArray()));
      case VALUE_NOT_SET -> throw new IllegalArgumentException("a reading without a value");
    }
    return line;
  }
}
