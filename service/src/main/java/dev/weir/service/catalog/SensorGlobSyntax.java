package dev.weir.service.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The syntax of patterns for sensor names: {@code *} stands for any characters within one segment,
 * {@code **}, alone in its segment, for any number of segments, none included. Stateless; {@link
 * SensorGlobAutomaton} matches.
 */
public final class SensorGlobSyntax {
  /** Most bytes of a glob in UTF-8; those of a name, so what is longer matches no name. */
  public static final int BYTES_MAX = 512;

  static final String ANY_SEGMENTS = "**";

  private SensorGlobSyntax() {}

  /**
   * Returns what is wrong with a glob, such as that no name can match it; empty where nothing is.
   */
  public static Optional<String> check(String glob) {
    if (glob.isEmpty()) {
      return Optional.of("must not be empty");
    }
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (c == '+' || c == '#') {
        return Optional.of(
            "can match no name, which never contains '" + c + "' (character " + (i + 1) + ")");
      }
      if (Character.isISOControl(c)) {
        return Optional.of(
            String.format("character %d is the control character U+%04X", i + 1, (int) c));
      }
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(glob)) {
      return Optional.of("contains an unpaired surrogate");
    }
    for (String segment : glob.split("/", -1)) {
      if (segment.contains(ANY_SEGMENTS) && !segment.equals(ANY_SEGMENTS)) {
        return Optional.of(
            "has '**' beside other characters in '" + segment + "'; it must be alone between '/'");
      }
    }
    int bytes = glob.getBytes(StandardCharsets.UTF_8).length;
    return bytes > BYTES_MAX
        ? Optional.of("has " + bytes + " bytes of UTF-8, more than " + BYTES_MAX)
        : Optional.empty();
  }

  /** Returns the text that every matching name begins with; perhaps empty. */
  static String prefix(String glob) {
    int star = glob.indexOf('*');
    if (star < 0) {
      return glob;
    }
    boolean segments = glob.startsWith(ANY_SEGMENTS, star);
    return glob.substring(0, segments && star > 0 ? star - 1 : star); // a/** matches a
  }
}
