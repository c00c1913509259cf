package dev.weir.bench.load;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Pairs of the form {@code key=value}: the arguments of a process, and its answers. Values hold no
 * spaces in answers. Immutable.
 */
public final class KeyValues {
  private final Map<String, String> values;

  private KeyValues(Map<String, String> values) {
    this.values = values;
  }

  /** Returns no pairs. */
  public static KeyValues none() {
    return new KeyValues(Map.of());
  }

  /**
   * Parses the pairs of an argument list or an answer.
   *
   * @throws IllegalArgumentException if an argument has no '='
   */
  public static KeyValues parse(String... words) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("\"" + word + "\" (expected key=value)");
      }
      values.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return new KeyValues(values);
  }

  /** Returns these pairs and one more. */
  public KeyValues with(String key, Object value) {
    Map<String, String> more = new LinkedHashMap<>(values);
    more.put(key, String.valueOf(value));
    return new KeyValues(more);
  }

  /** Returns these pairs and those of another. */
  public KeyValues with(KeyValues others) {
    Map<String, String> more = new LinkedHashMap<>(values);
    more.putAll(others.values);
    return new KeyValues(more);
  }

  /**
   * The value of a word that must be there.
   *
   * @throws IllegalArgumentException if it is not
   */
  public String text(String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException(key + ": missing in \"" + this + "\"");
    }
    return value;
  }

  /** The number of a word that must be there. */
  public long number(String key) {
    return Long.parseLong(text(key));
  }

  /** The number of a word that must be there and fits. */
  public int count(String key) {
    return Math.toIntExact(number(key));
  }

  /** Returns the pairs as arguments of a command line. */
  public String[] words() {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toArray(String[]::new);
  }

  @Override
  public String toString() {
    return Arrays.stream(words()).collect(Collectors.joining(" "));
  }
}
