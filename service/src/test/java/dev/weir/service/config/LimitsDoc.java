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

      To change a limit, write it under `limits:` in the file given with `--config` and restart the
      server; `GetServerInfo` tells the values in force. A configuration file turns development mode
      off: topics are then made with `bin/weir topics create` or CreateTopic, and reflection is off
      unless the file says `reflection: true`. A name that is unknown or a value out of bounds stops
      the start, with the file's line. Where a budget of the heap is set, raise `-Xmx` with it.

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
