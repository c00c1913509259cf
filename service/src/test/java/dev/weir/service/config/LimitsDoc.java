package dev.weir.service.config;

import java.util.Locale;

/** Writes docs/limits.md from {@link Limit}. Stateless. */
final class LimitsDoc {
  private static final String HEAD =
      """
      # Limits

      Every bound of the server: what it is, and what happens there. Generated from
      `dev.weir.service.config.Limit`; do not edit. The Java client has bounds of its own:
      [limits-client.md](limits-client.md).

      A limit is set in the configuration file, and only there; `GetServerInfo` tells the values in
      force. A name that is unknown or a value out of bounds stops the start, with the file's line.

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
              limit.description()));
    }
    return text.toString();
  }
}
