package dev.weir.service.core.mode;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random readings against the definition of each mode, which is asked anew for every reading from
 * all that came before it.
 */
class ModeStatePropertiesTest {
  /** A reading or, with no time, a seed; a value is a Double, Long, Boolean or byte[]. */
  private record Event(int slot, Long time, Object value, boolean sent) {}

  @Property
  void onChange_sendsWhatDiffersFromTheLastSent(@ForAll long seed) {
    var random = new Random(seed);
    double[] bands = {0, 0, 1, 2.5, 1e-300, 0x1p62, 0x1p63, 1.5e19, 0x1p64, Double.MAX_VALUE};
    double band = bands[random.nextInt(bands.length)];
    long silence = random.nextBoolean() ? 0 : 1 + random.nextInt(20);
    check(
        random,
        new Mode.OnChange(band, silence),
        (past, event) -> {
          int last = past.size() - 1;
          while (last >= 0 && past.get(last).time() != null && !past.get(last).sent()) {
            last--;
          }
          if (last < 0) {
            return true;
          }
          Event lastSent = past.get(last);
          Long since = lastSent.time();
          if (since == null && last + 1 < past.size()) {
            since = past.get(last + 1).time();
          }
          boolean silent = silence > 0 && since != null && event.time() - since >= silence;
          return silent || differ(lastSent.value(), event.value(), band);
        });
  }

  @Property
  void sample_sendsTheFirstOfEachInterval(@ForAll long seed) {
    var random = new Random(seed);
    long interval = 1L + random.nextInt(10);
    check(
        random,
        new Mode.Sample(interval),
        (past, event) -> {
          int from = past.size();
          while (from > 0 && past.get(from - 1).time() != null) {
            from--;
          }
          return past.subList(from, past.size()).stream()
              .noneMatch(
                  before ->
                      Math.floorDiv(before.time(), interval)
                          == Math.floorDiv(event.time(), interval));
        });
  }

  @Property
  void threshold_sendsWhatCrossesTheLimit(@ForAll long seed) {
    var random = new Random(seed);
    double[] limits = {0, 0.5, -1, 3, 0x1p53, -0x1p63, 0x1p63, 1e300, -1e300};
    double limit = limits[random.nextInt(limits.length)];
    double hysteresis = random.nextBoolean() ? 0 : random.nextInt(4) * 0.5;
    ThresholdDirection direction = List.of(ThresholdDirection.values()).get(random.nextInt(3));
    check(
        random,
        new Mode.Threshold(limit, direction, hysteresis),
        (past, event) -> {
          if (past.isEmpty()) {
            return true;
          }
          int from = past.size() - 1;
          while (from > 0 && past.get(from).time() != null) {
            from--;
          }
          // mirrored, falling is rising
          double sign = direction == ThresholdDirection.FALLING ? -1 : 1;
          Boolean over = null;
          for (Event before : past.subList(from, past.size())) {
            over = side(over, before.value(), sign, limit, hysteresis);
          }
          Boolean now = side(over, event.value(), sign, limit, hysteresis);
          return !Objects.equals(now, over)
              && (over == null || now || direction == ThresholdDirection.BOTH);
        });
  }

  private static Boolean side(
      Boolean before, Object value, double sign, double limit, double hysteresis) {
    if (value instanceof byte[] || value.equals(Double.NaN)) {
      return before;
    }
    int overLimit = compare(value, sign, sign * limit);
    int overBack = compare(value, sign, sign * limit - hysteresis);
    if (before == null || !before) {
      return overLimit > 0;
    }
    return overBack >= 0;
  }

  private static int compare(Object value, double sign, double edge) {
    if (value instanceof Double number) {
      return Double.compare(number * sign + 0.0, edge + 0.0);
    }
    BigDecimal exact = exact(value instanceof Boolean bool ? (Object) (bool ? 1L : 0L) : value);
    return exact.multiply(BigDecimal.valueOf(sign)).compareTo(new BigDecimal(edge));
  }

  private static boolean differ(Object a, Object b, double band) {
    if (a instanceof byte[] bytes) {
      return !Arrays.equals(bytes, (byte[]) b);
    } else if (a instanceof Boolean || a.equals(b)) {
      return !a.equals(b);
    } else if (a instanceof Double number && b instanceof Double other) {
      boolean ordinary = Double.isFinite(number) && Double.isFinite(other);
      return !ordinary || Math.abs(number - other) > band;
    }
    return exact(a).subtract(exact(b)).abs().compareTo(new BigDecimal(band)) > 0;
  }

  private static BigDecimal exact(Object value) {
    return new BigDecimal(value.toString());
  }

  private interface Oracle {
    boolean sends(List<Event> pastOfTheSlot, Event event);
  }

  private static void check(Random random, Mode mode, Oracle oracle) {
    var state = new ModeState(mode);
    int slots = 1 + random.nextInt(6);
    int stride = 1 + random.nextInt(5_000);
    List<List<Event>> past = new ArrayList<>();
    for (int slot = 0; slot < slots; slot++) {
      past.add(new ArrayList<>());
    }
    long time = random.nextInt(3) == 0 ? -10 : 1_700_000_000_000_000_000L;
    for (int i = 0; i < 200; i++) {
      time += random.nextInt(4);
      int slot = random.nextInt(slots);
      Object value = value(slot, random);
      if (random.nextInt(20) == 0) {
        offer(state, slot * stride, null, value);
        past.get(slot).add(new Event(slot, null, value, true));
      } else {
        Event event = new Event(slot, time, value, false);
        boolean expected = oracle.sends(past.get(slot), event);
        assertThat(offer(state, slot * stride, time, value))
            .as("%s of %s behind %s", mode, event, past.get(slot))
            .isEqualTo(expected);
        past.get(slot).add(new Event(slot, time, value, expected));
      }
    }
  }

  private static boolean offer(ModeState state, int slot, Long time, Object value) {
    if (value instanceof Double number) {
      if (time != null) {
        return state.takesDouble(slot, time, number);
      }
      state.seedDouble(slot, number);
    } else if (value instanceof Long number) {
      if (time != null) {
        return state.takesInteger(slot, time, number);
      }
      state.seedInteger(slot, number);
    } else if (value instanceof Boolean bool) {
      if (time != null) {
        return state.takesBoolean(slot, time, bool);
      }
      state.seedBoolean(slot, bool);
    } else if (value instanceof byte[] bytes) {
      if (time != null) {
        return state.takesBytes(slot, time, bytes, 0, bytes.length);
      }
      state.seedBytes(slot, bytes, 0, bytes.length);
    }
    return true;
  }

  /** Slots 0 and 4 are DOUBLE, 1 and 5 INTEGER, 2 BOOLEAN, 3 BLOB. */
  private static Object value(int slot, Random random) {
    return switch (slot % 4) {
      case 0 ->
          switch (random.nextInt(12)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> -Double.MAX_VALUE;
            case 3 -> Double.MIN_VALUE;
            default -> random.nextInt(13) * 0.5 - 3 + 0.0;
          };
      case 1 ->
          switch (random.nextInt(6)) {
            case 0 -> Long.MAX_VALUE - random.nextInt(3);
            case 1 -> Long.MIN_VALUE + random.nextInt(3);
            case 2 -> (1L << 53) + random.nextInt(5) - 2;
            default -> (long) random.nextInt(9) - 4;
          };
      case 2 -> random.nextBoolean();
      default -> {
        byte[] bytes = new byte[random.nextBoolean() ? random.nextInt(2) : 14 + random.nextInt(4)];
        if (bytes.length > 0) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(2);
        }
        yield bytes;
      }
    };
  }
}
