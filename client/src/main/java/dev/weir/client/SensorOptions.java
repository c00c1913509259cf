package dev.weir.client;

import dev.weir.v1.Kind;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The definition of a sensor: name, kind, unit, labels. Immutable. */
public final class SensorOptions {
  private final String name;
  private final Kind kind;
  private final String unit;
  private final Map<String, String> labels;

  private SensorOptions(Builder builder) {
    this.name = builder.name;
    this.kind = builder.kind;
    this.unit = builder.unit;
    this.labels = Map.copyOf(builder.labels);
  }

  /** Returns a sensor of kind DOUBLE without unit and labels. */
  public static SensorOptions of(String name) {
    return builder(name).build();
  }

  /**
   * Begins the definition of a sensor of kind DOUBLE.
   *
   * @param name '/'-separated segments; 1 to 512 bytes of UTF-8; none of '*', '+', '#'
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** Returns the sensor's name. */
  public String name() {
    return name;
  }

  /** Returns the type of its values. */
  public Kind kind() {
    return kind;
  }

  /** Returns its unit in UCUM notation; empty: none stated. */
  public String unit() {
    return unit;
  }

  /** Returns its labels. */
  public Map<String, String> labels() {
    return labels;
  }

  /** Collects the settings of a sensor. Owned by the caller; not thread-safe. */
  public static final class Builder {
    private final String name;
    private Kind kind = Kind.KIND_DOUBLE;
    private String unit = "";
    private final Map<String, String> labels = new TreeMap<>();

    private Builder(String name) {
      this.name = OptionChecks.utf8("sensor", name, 1, 512);
    }

    /** Sets the type of the values; default DOUBLE. */
    public Builder kind(Kind kind) {
      if (kind == Kind.KIND_UNSPECIFIED || kind == Kind.UNRECOGNIZED) {
        throw OptionChecks.wrong("kind", kind, "DOUBLE, INTEGER, BOOLEAN, TEXT or BLOB");
      }
      this.kind = Objects.requireNonNull(kind, "kind");
      return this;
    }

    /** Sets the unit in UCUM notation, such as {@code Cel}; at most 63 bytes. */
    public Builder unit(String unit) {
      this.unit = OptionChecks.utf8("unit", unit, 0, 63);
      return this;
    }

    /** Adds a free label; at most 32 of them, keys 1 to 63 bytes, values at most 255 bytes. */
    public Builder label(String key, String value) {
      labels.put(
          OptionChecks.utf8("label key", key, 1, 63), OptionChecks.utf8("label", value, 0, 255));
      OptionChecks.within("labels", labels.size(), 0, 32);
      return this;
    }

    /** Returns the definition. */
    public SensorOptions build() {
      return new SensorOptions(this);
    }
  }
}
