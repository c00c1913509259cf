package dev.weir.it.proof;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;

/** Collects what an audit finds to be wrong: the first ones, and how many. Thread-safe. */
public final class AuditFindings {
  private static final int KEPT_MAX = 50;
  private static final int CHARS_MAX = 500;

  private final List<String> first = new ArrayList<>(); // guarded by this
  private long count; // guarded by this

  /** Adds one. */
  @FormatMethod
  public synchronized void add(@FormatString String what, Object... details) {
    count++;
    if (first.size() < KEPT_MAX) {
      String text = String.format(what, details);
      first.add(text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX) + "…");
    }
  }

  /** Complains unless it holds. */
  @FormatMethod
  public void unless(boolean holds, @FormatString String what, Object... details) {
    if (!holds) {
      add(what, details);
    }
  }

  /** Counts the complaints. */
  public synchronized long count() {
    return count;
  }

  /** Returns whether there are none. */
  public synchronized boolean isEmpty() {
    return count == 0;
  }

  /** The first ones. */
  public synchronized List<String> list() {
    return List.copyOf(first);
  }

  @Override
  public synchronized String toString() {
    return count + " complaints, the first:\n  " + String.join("\n  ", first);
  }
}
