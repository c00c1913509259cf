package dev.weir.service.wire.names;

import java.util.Optional;

/** The rule of topic names. */
public final class TopicNameRule {
  /** Most characters of a topic name. */
  public static final int CHARS_MAX = 200;

  private TopicNameRule() {}

  /** Returns what is wrong with the name of a topic that is to be made; empty where nothing is. */
  public static Optional<String> check(String name) {
    return name.equals(".") || name.equals("..")
        ? Optional.of("must not be \".\" or \"..\"; use another name")
        : checkForm(name);
  }

  /**
   * Returns what is wrong with the name of a topic that may be there, which an older server may
   * have made; empty where nothing is.
   */
  public static Optional<String> checkForm(String name) {
    if (name.isEmpty()) {
      return Optional.of("must not be empty");
    }
    if (name.length() > CHARS_MAX) {
      return Optional.of("has more than " + CHARS_MAX + " characters");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean allowed =
          c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
      if (!allowed) {
        return Optional.of(
            String.format(
                "character %d (U+%04X) is not allowed; use a-z, 0-9, '.', '_' and '-'",
                i + 1, (int) c));
      }
    }
    return Optional.empty();
  }
}
