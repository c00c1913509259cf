package dev.weir.service.catalog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Unit and labels of sensors as bytes, equal for what is equal, so that a catalogue holds them once
 * for all sensors that have them. Immutable.
 *
 * @param unit empty for none
 * @param labels by key
 */
public record SensorMetadata(String unit, Map<String, String> labels) {
  static final SensorMetadata NONE = new SensorMetadata("", Map.of());

  /** The form that {@link #of} reads: texts, each behind its length of three bytes. */
  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    write(unit, bytes);
    new TreeMap<>(labels)
        .forEach(
            (key, value) -> {
              write(key, bytes);
              write(value, bytes);
            });
    return bytes.toByteArray();
  }

  private static void write(String text, ByteArrayOutputStream to) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    to.write(utf8.length >>> 16);
    to.write(utf8.length >>> 8);
    to.write(utf8.length);
    to.writeBytes(utf8);
  }

  /** Returns the metadata that {@link #toBytes} wrote. */
  static SensorMetadata of(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    String unit = read(from);
    Map<String, String> labels = new HashMap<>();
    while (from.hasRemaining()) {
      String key = read(from);
      labels.put(key, read(from));
    }
    return new SensorMetadata(unit, Map.copyOf(labels));
  }

  private static String read(ByteBuffer from) {
    byte[] utf8 = new byte[(from.get() & 0xff) << 16 | from.getShort() & 0xffff];
    from.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
