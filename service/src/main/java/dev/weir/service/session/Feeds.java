package dev.weir.service.session;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.v1.StallReason;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The feeds of all sessions, for those who watch. Thread-safe; bounded by the sessions. */
public final class Feeds {
  private final Set<Feed> active = ConcurrentHashMap.newKeySet();

  void add(Feed feed) {
    active.add(feed);
  }

  void remove(Feed feed) {
    active.remove(feed);
  }

  /** How many readings the slowest feed of each topic is behind. Any thread. */
  public Map<String, Long> lagReadingsByTopic() {
    Map<String, Long> lags = new HashMap<>();
    for (Feed feed : active) {
      lags.merge(feed.topic().info().name(), lag(feed), Math::max);
    }
    return lags;
  }

  /** How many feeds are not moving, by the reason in lower case. Any thread. */
  public Map<String, Long> stalls() {
    Map<String, Long> stalls = new HashMap<>();
    for (Feed feed : active) {
      StallReason reason = feed.stall();
      if (reason != StallReason.STALL_REASON_UNSPECIFIED) {
        String name = reason.name().substring("STALL_REASON_".length());
        stalls.merge(name.toLowerCase(Locale.ROOT), 1L, Long::sum);
      }
    }
    return stalls;
  }

  /** Readings stored behind a feed's position. */
  static long lag(Feed feed) {
    Cursor cursor = feed.cursor(); // before the heads, so that no lag is negative
    List<Position> heads = feed.topic().heads();
    long lag = 0;
    for (int p = 0; p < heads.size(); p++) {
      lag += heads.get(p).readingsBefore() - cursor.position(p).readingsSeen();
    }
    return lag;
  }
}
