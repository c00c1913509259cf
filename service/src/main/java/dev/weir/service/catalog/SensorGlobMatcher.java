package dev.weir.service.catalog;

import dev.weir.common.OwnedBy;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Matches names with {@link SensorGlobAutomaton}. It remembers each set of places that it meets as
 * a state, and where a byte leads from there, up to {@value #TABLE_BYTES_MAX} bytes; when these are
 * full it begins anew, as RE2 does (R. Cox, Regular Expression Matching in the Wild, 2010). Where
 * that does not help, because new sets appear all the time, it remembers none.
 */
@OwnedBy("its maker")
final class SensorGlobMatcher {
  static final int TABLE_BYTES_MAX = 512 << 10;

  /** Bytes of a state besides its places and ways on. */
  private static final int STATE_BYTES = 120;

  private static final int STATES_LEAST = 16;

  /** A table is useful if each of its states was used so often. */
  private static final int USES_LEAST = 8;

  private static final int UNKNOWN = -1;
  private static final int NONE = 0; // the state without places

  private static final byte MATCHES_HERE = 1;
  private static final byte MATCHES_FROM_HERE = 2;

  private final SensorGlobAutomaton globs;
  private final int classes;
  private final int statesMax;
  private final Map<LongBuffer, Integer> numbers = new HashMap<>();
  private long[][] places = new long[STATES_LEAST][];
  private byte[] verdicts = new byte[STATES_LEAST];
  private int[] ways;
  private int states;
  private int first;
  private long uses;
  private long work;
  private boolean remembers = true;

  SensorGlobMatcher(SensorGlobAutomaton globs) {
    this.globs = globs;
    classes = globs.classes();
    int stateBytes = STATE_BYTES + globs.words() * Long.BYTES + classes * Integer.BYTES;
    statesMax = Math.max(STATES_LEAST, TABLE_BYTES_MAX / stateBytes);
    ways = new int[STATES_LEAST * classes];
    forget();
  }

  /** Returns the cost of all matching so far, in looks into a table, about. */
  long work() {
    return work;
  }

  /** Heap that its states take, about. */
  long bytes() {
    return places.length * (STATE_BYTES + globs.words() * (long) Long.BYTES)
        + ways.length * (long) Integer.BYTES;
  }

  /** Returns whether one of the globs matches a name. */
  boolean matches(byte[] name, int offset, int length) {
    if (!remembers) {
      work += (long) length * globs.words();
      return globs.matches(globs.beginning().clone(), name, offset, offset + length);
    }
    work += length;
    int state = first;
    for (int i = offset; i < offset + length; i++) {
      int byteClass = globs.classOf(name[i]);
      int next = ways[state * classes + byteClass];
      if (next == UNKNOWN) {
        work += globs.words();
        long[] led = places[state].clone();
        boolean any = globs.advance(led, byteClass);
        if (any && states == statesMax) {
          if (uses < (long) USES_LEAST * statesMax) {
            stopRemembering();
            return globs.matches(led, name, i + 1, offset + length);
          }
          forget();
          state = UNKNOWN;
        }
        next = any ? number(led) : NONE;
        if (state != UNKNOWN) {
          ways[state * classes + byteClass] = next;
        }
      }
      state = next;
      uses++;
      if (state == NONE) {
        return false;
      }
      if (verdicts[state] >= MATCHES_FROM_HERE) {
        return true;
      }
    }
    return (verdicts[state] & MATCHES_HERE) != 0;
  }

  private void stopRemembering() {
    remembers = false;
    numbers.clear();
    places = new long[0][];
    verdicts = new byte[0];
    ways = new int[0];
  }

  private void forget() {
    numbers.clear();
    Arrays.fill(ways, UNKNOWN);
    states = 0;
    uses = 0;
    number(new long[globs.words()]);
    first = number(globs.beginning());
  }

  /** The number of a set of places, which becomes a state. */
  private int number(long[] set) {
    Integer known = numbers.putIfAbsent(LongBuffer.wrap(set), states);
    if (known != null) {
      return known;
    }
    if (states == places.length) {
      int room = Math.min(statesMax, 2 * states);
      places = Arrays.copyOf(places, room);
      verdicts = Arrays.copyOf(verdicts, room);
      int filled = ways.length;
      ways = Arrays.copyOf(ways, room * classes);
      Arrays.fill(ways, filled, ways.length, UNKNOWN);
    }
    places[states] = set;
    verdicts[states] = 0;
    if (globs.matchesAt(set)) {
      verdicts[states] = globs.matchesFrom(set) ? MATCHES_FROM_HERE | MATCHES_HERE : MATCHES_HERE;
    }
    return states++;
  }
}
