package dev.weir.bench.load;

/**
 * The division of publishers, sensors and subscriptions over many topics. Immutable.
 *
 * <p>The sensors of a topic are spread over ten lines. The order of readings is: a burst of so many
 * sensors of each topic in turn, then of the next ones, and from the first ones again. In every
 * four topics the first has two subscriptions (lines 0 to 6, and 3 to 9), the next two have one
 * (lines 0 to 6), and the fourth has none; so a reading matches none, one or two, and 0.7 on
 * average, as it does where one topic has one subscription (lines 0 to 6).
 *
 * @param topics number of topics: 1, or a multiple of 4
 * @param sensorsEach sensors of a topic: a multiple of the burst
 * @param burst readings of a topic in a row: a multiple of 10
 */
public record ManyTopicsShape(int topics, int sensorsEach, int burst) {
  private static final int LINES = 10;
  private static final int GROUP = 4;
  private static final int LINES_SELECTED = 7;

  public static ManyTopicsShape of(KeyValues settings) {
    return new ManyTopicsShape(
        settings.count("topics"), settings.count("sensors"), settings.count("burst"));
  }

  public static String topic(int topic) {
    return "plant" + topic;
  }

  public static String sensor(int sensor) {
    return "line" + sensor % LINES + "/sensor" + sensor;
  }

  /** Subscriptions of a topic. */
  public int subscriptions(int topic) {
    if (topics == 1) {
      return 1;
    }
    return switch (topic % GROUP) {
      case 0 -> 2;
      case 1, 2 -> 1;
      default -> 0;
    };
  }

  private static int firstLine(int subscription) {
    return subscription == 0 ? 0 : LINES - LINES_SELECTED;
  }

  public static String[] globs(int subscription) {
    String[] globs = new String[LINES_SELECTED];
    for (int i = 0; i < LINES_SELECTED; i++) {
      globs[i] = "line" + (firstLine(subscription) + i) + "/**";
    }
    return globs;
  }

  static boolean selects(int subscription, int sensor) {
    int line = sensor % LINES - firstLine(subscription);
    return line >= 0 && line < LINES_SELECTED;
  }

  /** Returns how many of the first {@code published} readings are of one sensor. */
  long readingsOf(int topic, int sensor, long published) {
    long round = (long) topics * sensorsEach;
    long place = ((long) (sensor / burst) * topics + topic) * burst + sensor % burst;
    return published / round + (place < published % round ? 1 : 0);
  }

  /** Returns how many of the first {@code published} readings a subscription selects. */
  public long matching(int topic, int subscription, long published) {
    long matching = 0;
    for (int sensor = 0; sensor < sensorsEach; sensor++) {
      if (selects(subscription, sensor)) {
        matching += readingsOf(topic, sensor, published);
      }
    }
    return matching;
  }
}
