package dev.weir.it.scale;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a server, or with what it has. Thread-safe; keeps the first ones. */
final class Findings {
  private static final int KEPT_MAX = 50;

  private final List<String> first = new ArrayList<>(); // guarded by this

  @FormatMethod
  synchronized void add(@FormatString String what, Object... details) {
    if (first.size() < KEPT_MAX) {
      first.add(String.format(what, details));
    }
  }

  /** Adds a finding unless something holds. */
  @FormatMethod
  void unless(boolean holds, @FormatString String what, Object... details) {
    if (!holds) {
      add(what, details);
    }
  }

  synchronized List<String> list() {
    return List.copyOf(first);
  }
}
