package dev.weir.bench;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, lists, numbers, booleans and strings as JSON. Stateless. */
public final class JsonWriter {
  private static final String INDENT = "  ";
  private static final int FIRST_PRINTABLE = 0x20;

  private JsonWriter() {}

  /** The text of a value. */
  public static String write(Object value) {
    return write(value, "\n");
  }

  private static String write(Object value, String newLine) {
    String inner = newLine + INDENT;
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> quote(entry.getKey().toString()) + ": " + write(entry.getValue(), inner))
          .collect(Collectors.joining("," + inner, "{" + inner, newLine + "}"));
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "[]"
          : list.stream()
              .map(item -> write(item, inner))
              .collect(Collectors.joining("," + inner, "[" + inner, newLine + "]"));
    }
    boolean plain = value instanceof Number || value instanceof Boolean;
    return plain ? value.toString() : quote(value.toString());
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < FIRST_PRINTABLE) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
