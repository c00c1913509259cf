package dev.weir.cli.text;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes one JSON object on one line. Owned by the thread that writes it. */
public final class JsonLine {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder json = new StringBuilder(256);

  /** Begins an object. */
  public JsonLine() {
    json.append('{');
  }

  /** A text. */
  public JsonLine put(String name, String value) {
    name(name);
    quote(value);
    return this;
  }

  /** A whole number. */
  public JsonLine put(String name, long value) {
    name(name);
    json.append(value);
    return this;
  }

  /** True or false. */
  public JsonLine put(String name, boolean value) {
    name(name);
    json.append(value);
    return this;
  }

  /** A number, or "NaN", "Infinity", "-Infinity" as texts, since JSON has no such numbers. */
  public JsonLine put(String name, double value) {
    name(name);
    if (Double.isFinite(value)) {
      json.append(value);
    } else {
      quote(Double.toString(value));
    }
    return this;
  }

  /** An object of texts, by name. */
  public JsonLine put(String name, Map<String, String> texts) {
    name(name);
    JsonLine inner = new JsonLine();
    new TreeMap<>(texts).forEach(inner::put);
    json.append(inner.end());
    return this;
  }

  /** A list of texts. */
  public JsonLine put(String name, List<String> texts) {
    name(name);
    json.append('[');
    for (int i = 0; i < texts.size(); i++) {
      json.append(i == 0 ? "" : ",");
      quote(texts.get(i));
    }
    json.append(']');
    return this;
  }

  /** The object, without a line end. */
  public String end() {
    return json.append('}').toString();
  }

  private void name(String name) {
    if (json.length() > 1) {
      json.append(',');
    }
    quote(name);
    json.append(':');
  }

  private void quote(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f || c == 0x2028 || c == 0x2029) {
        escape(c);
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  private void escape(char c) {
    switch (c) {
      case '\n' -> json.append("\\n");
      case '\r' -> json.append("\\r");
      case '\t' -> json.append("\\t");
      default -> {
        json.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          json.append(HEX.charAt(c >> shift & 15));
        }
      }
    }
  }
}
