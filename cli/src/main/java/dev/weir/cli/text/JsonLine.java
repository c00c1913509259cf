package dev.weir.cli.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes one JSON object on one line. Owned by the thread that writes it. */
public final class JsonLine {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .characterEscapes(new TerminalJsonEscapes())
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          .build();

  private final StringWriter text = new StringWriter(256);
  private final JsonGenerator json;

  /** Begins an object. */
  public JsonLine() {
    try {
      json = JSON.createGenerator(text);
      json.writeStartObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text. */
  public JsonLine put(String name, String value) {
    return write(() -> json.writeStringField(name, value));
  }

  /** A whole number. */
  public JsonLine put(String name, long value) {
    return write(() -> json.writeNumberField(name, value));
  }

  /** True or false. */
  public JsonLine put(String name, boolean value) {
    return write(() -> json.writeBooleanField(name, value));
  }

  /** A number, or "NaN", "Infinity", "-Infinity" as texts, since JSON has no such numbers. */
  public JsonLine put(String name, double value) {
    return write(() -> json.writeNumberField(name, value));
  }

  /** An object of texts, by name. */
  public JsonLine put(String name, Map<String, String> texts) {
    return write(
        () -> {
          json.writeObjectFieldStart(name);
          for (Map.Entry<String, String> entry : new TreeMap<>(texts).entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
          }
          json.writeEndObject();
        });
  }

  /** A list of texts. */
  public JsonLine put(String name, List<String> texts) {
    return write(
        () -> {
          json.writeArrayFieldStart(name);
          for (String item : texts) {
            json.writeString(item);
          }
          json.writeEndArray();
        });
  }

  /** The object, without a line end. Nothing can be put after it. */
  public String end() {
    write(json::close);
    return text.toString();
  }

  /** Writes to memory, which cannot fail. */
  private JsonLine write(JsonWrite step) {
    try {
      step.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @FunctionalInterface
  private interface JsonWrite {
    void run() throws IOException;
  }
}
