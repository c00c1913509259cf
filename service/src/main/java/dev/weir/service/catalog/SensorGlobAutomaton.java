package dev.weir.service.catalog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Several globs as one automaton over the bytes of names in UTF-8. A match follows all ways through
 * all patterns at once, one bit for each place in one of them, so it takes time in proportion to
 * the name's bytes, however often a pattern could begin anew. {@link SensorGlobMatcher} remembers
 * the sets of places that it has met, so that most names take one look into a table for each byte.
 * Immutable.
 */
final class SensorGlobAutomaton {
  private static final int BYTES = 256;

  /** The bytes that this takes besides its places, about. */
  private static final int BASE_BYTES = 1_500;

  private final int words;
  private final int[] classOf = new int[BYTES];

  /** Places from which a byte leads to the next one, by the byte's class; class 0: from none. */
  private final long[][] steps;

  /** Places of {@code *}: all but a slash leads back to them, and nothing to the next one. */
  private final long[] stars;

  /** Places of {@code **}: everything leads back to them, and also to the next one behind a '/'. */
  private final long[] deeps;

  private final long[] beginning;
  private final long[] ends;
  private final int slash;

  /** Globs that passed {@link SensorGlobSyntax#check}. */
  SensorGlobAutomaton(Collection<String> globs) {
    List<byte[]> texts = new ArrayList<>();
    int places = 0;
    for (String glob : globs) {
      byte[] text = glob.getBytes(StandardCharsets.UTF_8);
      texts.add(text);
      places += text.length + 3;
    }
    words = Math.max(1, (places + Long.SIZE - 1) / Long.SIZE);
    int classes = 1;
    classOf['/'] = classes++;
    for (byte[] text : texts) {
      for (byte b : text) {
        if (b != '*' && classOf[b & 0xff] == 0) {
          classOf[b & 0xff] = classes++;
        }
      }
    }
    slash = classOf['/'];
    steps = new long[classes][words];
    stars = new long[words];
    deeps = new long[words];
    beginning = new long[words];
    ends = new long[words];
    int place = 0;
    for (String glob : globs) {
      set(beginning, place);
      place = add(List.of(glob.split("/", -1)), place) + 2; // the last place leads to one behind it
    }
    settle(beginning, true);
  }

  /** Adds the places of a glob. Returns its last one. */
  private int add(List<String> segments, int from) {
    int place = from;
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      if (!segment.equals(SensorGlobSyntax.ANY_SEGMENTS)) {
        boolean last = i + 1 == segments.size() || onlyAnyFrom(segments, i + 1);
        place = addSegment(segment.getBytes(StandardCharsets.UTF_8), place, last);
      } else if (onlyAnyFrom(segments, i)) {
        return addRest(place, i > 0);
      } else if (i == 0 || !segments.get(i - 1).equals(SensorGlobSyntax.ANY_SEGMENTS)) {
        set(deeps, place++);
      }
    }
    set(ends, place);
    return place;
  }

  private static boolean onlyAnyFrom(List<String> segments, int from) {
    return segments.subList(from, segments.size()).stream()
        .allMatch(SensorGlobSyntax.ANY_SEGMENTS::equals);
  }

  private int addSegment(byte[] segment, int from, boolean last) {
    int place = from;
    for (byte b : segment) {
      set(b == '*' ? stars : steps[classOf[b & 0xff]], place++);
    }
    if (!last) {
      set(steps[slash], place++);
    }
    return place;
  }

  /** A {@code **} at the end: there is nothing more, or a slash and anything. */
  private int addRest(int place, boolean behindSegments) {
    set(ends, place);
    int rest = place;
    if (behindSegments) {
      set(steps[slash], place);
      set(ends, ++rest);
    }
    set(deeps, rest);
    return rest;
  }

  private static void set(long[] places, int place) {
    places[place / Long.SIZE] |= 1L << place;
  }

  /** Number of 64s of places. */
  int words() {
    return words;
  }

  /** Number of classes of bytes. */
  int classes() {
    return steps.length;
  }

  /** The class of a byte, from 0. */
  int classOf(byte b) {
    return classOf[b & 0xff];
  }

  /** Heap that it takes, about. */
  long bytes() {
    return BASE_BYTES + (steps.length + 4L) * (words * 8L + 24);
  }

  /** Heap that globs take at most, before they are compiled. */
  static long bytesMax(Collection<String> globs) {
    long text = globs.stream().mapToLong(glob -> 3L * glob.length() + 3).sum();
    return BASE_BYTES + (Math.min(BYTES, text) + 5) * (text / Byte.SIZE + 32);
  }

  /** The places at which a name begins. The caller must not change them. */
  long[] beginning() {
    return beginning;
  }

  /**
   * Replaces places by those to which a byte leads.
   *
   * @return false if these are none
   */
  boolean advance(long[] places, int byteClass) {
    long[] step = steps[byteClass];
    boolean isSlash = byteClass == slash;
    long carry = 0;
    for (int w = 0; w < words; w++) {
      long onward = places[w] & step[w];
      long staying = places[w] & (isSlash ? deeps[w] : deeps[w] | stars[w]);
      places[w] = staying | onward << 1 | carry;
      carry = onward >>> Long.SIZE - 1;
    }
    return settle(places, isSlash);
  }

  /** Returns whether a name that ends at these places matches. */
  boolean matchesAt(long[] places) {
    for (int w = 0; w < words; w++) {
      if ((places[w] & ends[w]) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a name matches that has led to these places, whatever follows. */
  boolean matchesFrom(long[] places) {
    for (int w = 0; w < words; w++) {
      if ((places[w] & ends[w] & deeps[w]) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether the rest of a name that has led to places matches; changes the places. */
  boolean matches(long[] places, byte[] name, int from, int end) {
    for (int i = from; i < end; i++) {
      if (!advance(places, classOf(name[i]))) {
        return false;
      }
    }
    return matchesAt(places);
  }

  /** Adds the places to which nothing leads on; false if there are no places at all. */
  private boolean settle(long[] places, boolean segmentBegins) {
    long deepCarry = 0;
    long starCarry = 0;
    long any = 0;
    for (int w = 0; w < words; w++) {
      long deep = segmentBegins ? places[w] & deeps[w] & ~ends[w] : 0;
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
