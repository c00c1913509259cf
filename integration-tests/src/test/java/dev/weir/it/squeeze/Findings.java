package dev.weir.it.squeeze;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a server, or with what it delivered. Thread-safe; keeps the first ones. */
final class Findings {
  private static final int KEPT_MAX = 100;
  private static final int CHARS_MAX = 500;

  private final List<String> first = new ArrayList<>(); // guarded by this
  private long count; // guarded by this

  @FormatMethod
  synchronized void add(@FormatString String what, Object... details) {
    count++;
    if (first.size() < KEPT_MAX) {
      String text = String.format(what, details);
      first.add(text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX) + "…");
    }
  }

  /** Adds a finding unless something holds. */
  @FormatMethod
  void unless(boolean holds, @FormatString String what, Object... details) {
    if (!holds) {
      add(what, details);
    }
  }

  synchronized long count() {
    return count;
  }

  synchronized List<String> list() {
    return List.copyOf(first);
  }
}
