package dev.weir.faultinjection;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Something a server does for its promises, and can be made to go without. */
public enum Protection {
  /** Files and directories are synced. Off: a sync returns at once. */
  SYNC,
  /** A batch that is stored is not stored again. Off: it is. */
  DUPLICATE_CHECK,
  /**
   * Records read from the log are compared with their checksum. Off: they are taken as they are.
   */
  CHECKSUM_CHECK,
  /** A producer with an older epoch than the present one is refused. Off: it may publish. */
  EPOCH_CHECK,
  /**
   * Who catches up reads through blocks that all share, within a budget. Off: each reader keeps a
   * buffer of its own in every partition.
   */
  BLOCKS,
  /** Answers that are not read are bounded, and end their call in time. Off: they are kept. */
  ANSWERS,
  /** Topics and sensors are refused beyond their budget. Off: they are taken. */
  CATALOG;

  /** Returns the word that switches it off on a command line, such as {@code no-sync}. */
  public String word() {
    return "no-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The protection that a word switches off. */
  public static Optional<Protection> ofWord(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
  }
}
