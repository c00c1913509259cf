package dev.weir.service.session;

import dev.weir.v1.StallReason;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The feeds of all sessions, for those who watch. Thread-safe; bounded by the sessions. */
public final class FeedRegistry {
  private final Set<FeedStatus> active = ConcurrentHashMap.newKeySet();

  public void add(FeedStatus feed) {
    active.add(feed);
  }

  public void remove(FeedStatus feed) {
    active.remove(feed);
  }

  /** Returns how many readings the slowest feed of each topic is behind. Any thread. */
  public Map<String, Long> lagReadingsByTopic() {
    Map<String, Long> lags = new HashMap<>();
    for (FeedStatus feed : active) {
      lags.merge(feed.topicName(), feed.lagReadings(), Math::max);
    }
    return lags;
  }

  /** Returns how many feeds are not moving, by the reason in lower case. Any thread. */
  public Map<String, Long> stalls() {
    Map<String, Long> stalls = new HashMap<>();
    for (FeedStatus feed : active) {
      StallReason reason = feed.stall();
      if (reason != StallReason.STALL_REASON_UNSPECIFIED) {
        String name = reason.name().substring("STALL_REASON_".length());
        stalls.merge(name.toLowerCase(Locale.ROOT), 1L, Long::sum);
      }
    }
    return stalls;
  }
}
