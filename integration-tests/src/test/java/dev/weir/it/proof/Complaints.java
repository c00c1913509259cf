package dev.weir.it.proof;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;

/** What an audit found to be wrong. Thread-safe; keeps the first ones and counts all. */
final class Complaints {
  private static final int KEPT_MAX = 20;

  private final List<String> first = new ArrayList<>(); // guarded by this
  private long count; // guarded by this

  @FormatMethod
  synchronized void add(@FormatString String what, Object... details) {
    count++;
    if (first.size() < KEPT_MAX) {
      first.add(String.format(what, details));
    }
  }

  /** Complains unless it holds. */
  @FormatMethod
  void unless(boolean holds, @FormatString String what, Object... details) {
    if (!holds) {
      add(what, details);
    }
  }

  synchronized boolean isEmpty() {
    return count == 0;
  }

  /** The first ones. */
  synchronized List<String> list() {
    return List.copyOf(first);
  }

  @Override
  public synchronized String toString() {
    return count + " complaints, the first:\n  " + String.join("\n  ", first);
  }
}
