package dev.weir.service.config;

import java.util.Locale;

/**
 * Writes docs/limits.md from {@link Limit}: a table with the first sentences of each description,
 * and below it the rest of the long ones. Stateless.
 */
final class LimitsDoc {
  private static final int CELL_CHARACTERS_MAX = 200;
  private static final String MORE = " More below.";
  private static final String HEAD =
      """
      # Limits

      Every bound of the server: what it is, and what happens there. Generated from
      `dev.weir.service.config.Limit` and the texts in `limits.properties` beside it; do not edit. The
      Java client has bounds of its own: [limits-client.md](limits-client.md).

      To change a limit, write it under `limits:` in the file given with `--config` and restart the
      server; `GetServerInfo` tells the values in force, and with `describe_limits` these texts. A
      configuration file turns development mode off: topics are then made with `bin/weir topics
      create` or CreateTopic, and reflection is off unless the file says `reflection: true`. A name
      that is unknown or a value out of bounds stops the start, with the file's line. Where a budget of the heap is set, raise `-Xmx` with it.
      From 482 MiB on, the usable heap is `-Xmx` less 24 MiB. With a smaller `-Xmx` it is smaller, so
      that all budgets together leave 100 MiB to the collector, or half: 169 MiB of 256.

      ```yaml
      limits:
        publish_window_bytes: 16777216
      ```

      | name | unit | default | least | most | what it bounds, and what happens there |
      |---|---|--:|--:|--:|---|
      """;

  private LimitsDoc() {}

  static String text() {
    var text = new StringBuilder(HEAD);
    for (Limit limit : Limit.values()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %,d | %,d | %,d | %s |\n",
              limit.yamlName(),
              limit.unit(),
              limit.defaultValue(),
              limit.min(),
              limit.max(),
              cell(limit.description())));
    }
    text.append("\n## More about some limits\n\n");
    for (Limit limit : Limit.values()) {
      String rest = limit.description().substring(firstSentences(limit.description()).length());
      if (!rest.isEmpty()) {
        text.append(String.format("- `%s`:%s\n", limit.yamlName(), rest));
      }
    }
    return text.toString();
  }

  private static String cell(String description) {
    String first = firstSentences(description);
    return first.equals(description) ? first : first + MORE;
  }

  /** As many sentences as a cell has room for; at least one. */
  private static String firstSentences(String description) {
    if (description.length() <= CELL_CHARACTERS_MAX) {
      return description;
    }
    int end = description.lastIndexOf(". ", CELL_CHARACTERS_MAX - MORE.length() - 1);
    return end < 0 ? description : description.substring(0, end + 1);
  }
}
