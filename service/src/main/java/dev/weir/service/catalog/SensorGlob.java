package dev.weir.service.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pattern for sensor names: {@code *} stands for any characters within one segment, {@code **},
 * alone in its segment, for any number of segments, none included. Immutable. A match follows all
 * ways through the pattern at once, one bit for each place in it, so that it never takes more than
 * a name's characters times a glob's 64s of characters.
 */
public final class SensorGlob {
  /** Most bytes of a glob in UTF-8; those of a name, so what is longer matches no name. */
  public static final int BYTES_MAX = 512;

  private static final String ANY_SEGMENTS = "**";
  private static final int ASCII = 128;

  private final int words;

  /** Places from which an ASCII character leads to the next one, by character. */
  private final long[][] asciiSteps = new long[ASCII][];

  private final Map<Character, long[]> otherSteps = new HashMap<>();

  /** Places of {@code *}: all but a slash leads back to them, and nothing to the next one. */
  private final long[] stars;

  /** Places of {@code **}: everything leads back to them, and also to the next one behind a '/'. */
  private final long[] deeps;

  private final long[] nowhere;
  private final long[] beginning;
  private final long[] ends;

  /** A glob that passed {@link #check}. */
  public SensorGlob(String glob) {
    words = (glob.length() + 2 + Long.SIZE) / Long.SIZE;
    stars = new long[words];
    deeps = new long[words];
    nowhere = new long[words];
    Arrays.fill(asciiSteps, nowhere);
    beginning = new long[words];
    ends = new long[words];
    List<String> segments = List.of(glob.split("/", -1));
    int place = 0;
    for (int i = 0; i < segments.size(); i++) {
      boolean last = i + 1 == segments.size();
      if (!segments.get(i).equals(ANY_SEGMENTS)) {
        place = addSegment(segments.get(i), place, last || onlyAnyFrom(segments, i + 1));
      } else if (onlyAnyFrom(segments, i)) {
        addRest(place, i > 0);
        break;
      } else if (i == 0 || !segments.get(i - 1).equals(ANY_SEGMENTS)) {
        set(deeps, place++);
      }
    }
    if (!onlyAnyFrom(segments, segments.size() - 1)) {
      set(ends, place);
    }
    beginning[0] = 1;
    settle(beginning, true);
  }

  private static boolean onlyAnyFrom(List<String> segments, int from) {
    return segments.subList(from, segments.size()).stream().allMatch(ANY_SEGMENTS::equals);
  }

  private int addSegment(String segment, int from, boolean last) {
    int place = from;
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      set(c == '*' ? stars : step(c), place++);
    }
    if (!last) {
      set(step('/'), place++);
    }
    return place;
  }

  /** A {@code **} at the end: there is nothing more, or a slash and anything. */
  private void addRest(int place, boolean behindSegments) {
    set(ends, place);
    if (behindSegments) {
      set(step('/'), place);
      set(ends, place + 1);
    }
    set(deeps, behindSegments ? place + 1 : place);
  }

  private long[] step(char c) {
    if (c >= ASCII) {
      return otherSteps.computeIfAbsent(c, key -> new long[words]);
    }
    if (asciiSteps[c] == nowhere) {
      asciiSteps[c] = new long[words];
    }
    return asciiSteps[c];
  }

  private static void set(long[] places, int place) {
    places[place / Long.SIZE] |= 1L << place;
  }

  /** What is wrong with a glob, such as that no name can match it; empty where nothing is. */
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
        ? Optional.of("has " + bytes + " bytes of UTF-8, at most " + BYTES_MAX + " are allowed")
        : Optional.empty();
  }

  /** Whether a name matches. */
  public boolean matches(String name) {
    long[] places = beginning.clone();
    boolean anywhere = true;
    for (int i = 0; i < name.length() && anywhere; i++) {
      char c = name.charAt(i);
      long[] step = c < ASCII ? asciiSteps[c] : otherSteps.getOrDefault(c, nowhere);
      long carry = 0;
      for (int w = 0; w < words; w++) {
        long onward = places[w] & step[w];
        long staying = places[w] & (c == '/' ? deeps[w] : deeps[w] | stars[w]);
        places[w] = staying | onward << 1 | carry;
        carry = onward >>> Long.SIZE - 1;
      }
      anywhere = settle(places, c == '/');
    }
    for (int w = 0; w < words; w++) {
      if ((places[w] & ends[w]) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Adds the places to which nothing leads on; false if there are no places at all. */
  private boolean settle(long[] places, boolean segmentBegins) {
    long deepCarry = 0;
    long starCarry = 0;
    long any = 0;
    for (int w = 0; w < words; w++) {
      long deep = segmentBegins ? places[w] & deeps[w] : 0;
      places[w] |= deep << 1 | deepCarry;
      deepCarry = deep >>> Long.SIZE - 1;
      long star = places[w] & stars[w];
      places[w] |= star << 1 | starCarry;
      starCarry = star >>> Long.SIZE - 1;
      any |= places[w];
    }
    return any != 0;
  }
}
