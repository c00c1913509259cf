package dev.weir.service.catalog;

import dev.weir.v1.Selector;
import java.util.List;
import java.util.Map;

/** Selectors as their definition reads: a matcher that tries everything. Stateless. */
public final class SelectorModel {
  private SelectorModel() {}

  /** Returns whether a selector selects a sensor. */
  public static boolean selects(Selector selector, String name, Map<String, String> labels) {
    boolean named = selector.getNamesCount() + selector.getGlobsCount() == 0;
    named |= selector.getNamesList().contains(name);
    for (String glob : selector.getGlobsList()) {
      named |= matches(glob, name);
    }
    for (Map.Entry<String, String> label : selector.getLabelsMap().entrySet()) {
      named &= label.getValue().equals(labels.get(label.getKey()));
    }
    return named;
  }

  /** Returns whether a glob matches a name. */
  public static boolean matches(String glob, String name) {
    return segmentsMatch(List.of(glob.split("/", -1)), List.of(name.split("/", -1)));
  }

  private static boolean segmentsMatch(List<String> glob, List<String> name) {
    if (glob.isEmpty()) {
      return name.isEmpty();
    }
    List<String> rest = glob.subList(1, glob.size());
    if (glob.get(0).equals("**")) {
      for (int skipped = 0; skipped <= name.size(); skipped++) {
        if (segmentsMatch(rest, name.subList(skipped, name.size()))) {
          return true;
        }
      }
      return false;
    }
    return !name.isEmpty()
        && charactersMatch(glob.get(0), name.get(0))
        && segmentsMatch(rest, name.subList(1, name.size()));
  }

  private static boolean charactersMatch(String glob, String segment) {
    if (glob.isEmpty()) {
      return segment.isEmpty();
    }
    if (glob.charAt(0) == '*') {
      return charactersMatch(glob.substring(1), segment)
          || !segment.isEmpty() && charactersMatch(glob, segment.substring(1));
    }
    return !segment.isEmpty()
        && glob.charAt(0) == segment.charAt(0)
        && charactersMatch(glob.substring(1), segment.substring(1));
  }
}
