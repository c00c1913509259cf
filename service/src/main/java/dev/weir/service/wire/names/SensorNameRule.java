package dev.weir.service.wire.names;

import java.util.Optional;

/** The rule of sensor names; part of the durable format. */
public final class SensorNameRule {
  /** Most bytes of a name in UTF-8. */
  public static final int BYTES_MAX = 512;

  private SensorNameRule() {}

  /** Returns what is wrong with a name; empty where nothing is. */
  public static Optional<String> check(String name) {
    if (name.isEmpty()) {
      return Optional.of("must not be empty");
    }
    int bytes = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '*' || c == '+' || c == '#') {
        return Optional.of("must not contain '" + c + "' (character " + (i + 1) + ")");
      }
      if (Character.isISOControl(c)) {
        return Optional.of(
            String.format("character %d is the control character U+%04X", i + 1, (int) c));
      }
      if (!Character.isSurrogate(c)) {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < name.length()
          && Character.isLowSurrogate(name.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        return Optional.of("character " + (i + 1) + " is an unpaired surrogate");
      }
    }
    return bytes > BYTES_MAX
        ? Optional.of("has " + bytes + " bytes of UTF-8, more than " + BYTES_MAX)
        : Optional.empty();
  }
}
