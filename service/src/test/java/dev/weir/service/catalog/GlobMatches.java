package dev.weir.service.catalog;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Matches single names, for tests. */
final class GlobMatches {
  private GlobMatches() {}

  /** Returns whether a glob matches a name. */
  static boolean matches(String glob, String name) {
    return matches(List.of(glob), name);
  }

  /** Returns whether one of some globs does; the two ways to find out must agree. */
  static boolean matches(List<String> globs, String name) {
    var compiled = new SensorGlobAutomaton(globs);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    boolean found = new SensorGlobMatcher(compiled).matches(bytes, 0, bytes.length);
    if (compiled.matches(compiled.beginning().clone(), bytes, 0, bytes.length) != found) {
      throw new AssertionError(globs + " and " + name + ": two ways, two answers");
    }
    return found;
  }
}
