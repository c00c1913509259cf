package dev.weir.it.squeeze;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A way of abusing a server; ALL is all the others at once. */
enum Abuse {
  /** 300 readers of the whole log, fast, slow and stopped. */
  CATCH_UP,
  /** 20,000 sessions in which nothing happens. */
  IDLE,
  /** Answers of every method that nobody reads. */
  UNREAD,
  /** Messages with as many entries as fit, most of them empty. */
  ENTRIES,
  /** Selectors of 100 globs that match nothing, cancelled and not. */
  GLOBS,
  /** 1,000 sessions that add and remove subscriptions. */
  CHURN,
  /** 5,000 connections and calls that never finish what they begin. */
  SLOW,
  /** Snapshots that are never read to their end while all values change. */
  SNAPSHOTS,
  /** All of them. */
  ALL;

  /** Returns its name on a command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Abuse of(String word) {
    return Arrays.stream(values())
        .filter(abuse -> abuse.word().equals(word.strip()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "abuse: "
                        + word
                        + " (expected "
                        + String.join(", ", Arrays.stream(values()).map(Abuse::word).toList())
                        + ")"));
  }

  /** One after the other, and at last all at once. */
  static List<Abuse> inOrder() {
    return List.of(values());
  }

  /** Returns the abuses that it does at once. */
  List<Abuse> parts() {
    return this == ALL
        ? Arrays.stream(values()).filter(abuse -> abuse != ALL).toList()
        : List.of(this);
  }
}
