package dev.weir.it.proof;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The location of a record, as the log reports it to operators. Immutable.
 *
 * @param path the file
 * @param from its first byte
 * @param to the first byte after it
 */
record RecordLocation(String path, int from, int to) {
  private static final Pattern WORDS = Pattern.compile("(.*) bytes (\\d+) to (\\d+)");

  static RecordLocation of(String words) {
    Matcher place = WORDS.matcher(words);
    if (!place.matches()) {
      throw new IllegalArgumentException("place: " + words + " (expected FILE bytes N to N)");
    }
    return new RecordLocation(
        place.group(1), Integer.parseInt(place.group(2)), Integer.parseInt(place.group(3)));
  }
}
