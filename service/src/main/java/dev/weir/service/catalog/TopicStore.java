package dev.weir.service.catalog;

import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The topics, as the events of the system partition say. Reading is thread-safe; the system thread
 * folds events in.
 */
public final class TopicStore {
  private final SystemLog log;
  private final NavigableMap<String, TopicInfo> topics = new ConcurrentSkipListMap<>();
  private final Map<Long, TopicInfo> byLog = new ConcurrentHashMap<>();
  private final Map<Long, TopicInfo> deleted = new ConcurrentHashMap<>();

  TopicStore(SystemLog log) {
    this.log = log;
  }

  /** The topic of a name, or null. Any thread. */
  public TopicInfo find(String name) {
    return topics.get(name);
  }

  /** All topics by name. Any thread. */
  public Collection<TopicInfo> all() {
    return topics.values();
  }

  /** Up to {@code most} topics with names behind {@code after}, by name. Any thread. */
  public List<TopicInfo> page(String after, int most) {
    return topics.tailMap(after, false).values().stream().limit(most).toList();
  }

  /** Topics that are deleted and whose logs may still be there. Any thread. */
  public List<TopicInfo> deleted() {
    return List.copyOf(deleted.values());
  }

  /**
   * Stores a topic as it is now; it is known when this returns. Blocks for the commit.
   *
   * @throws FaultException STORE_FAILED, OVERLOADED or PARTITION_UNAVAILABLE
   */
  public void store(TopicInfo topic) {
    append(new SystemEvent.TopicStored(topic));
  }

  /**
   * Stores that a topic is no more; it is unknown when this returns. Blocks for the commit.
   *
   * @throws FaultException STORE_FAILED, OVERLOADED or PARTITION_UNAVAILABLE
   */
  public void delete(TopicInfo topic) {
    append(new SystemEvent.TopicDeleted(topic.logId()));
  }

  /** Stores that a deleted topic's log is gone; if that fails, the next start finds out. */
  public void purged(TopicInfo topic) {
    log.append(new SystemEvent.TopicPurged(topic.logId()), failed -> {});
  }

  private void append(SystemEvent event) {
    var done = new CompletableFuture<Optional<Fault>>();
    log.append(event, done::complete);
    done.join()
        .ifPresent(
            fault -> {
              throw fault.exception();
            });
  }

  void apply(SystemEvent event) {
    if (event instanceof SystemEvent.TopicStored stored) {
      topics.put(stored.topic().name(), stored.topic());
      byLog.put(event.logId(), stored.topic());
    } else if (event instanceof SystemEvent.TopicDeleted) {
      TopicInfo topic = byLog.remove(event.logId());
      if (topic != null) {
        topics.remove(topic.name(), topic); // perhaps another log has the name now
        deleted.put(topic.logId(), topic);
      }
    } else if (event instanceof SystemEvent.TopicPurged) {
      deleted.remove(event.logId());
    }
  }

  /** The events that make this state. Those of the deleted come first: their names may be taken. */
  void write(SystemEventCodec.Sink state) throws IOException {
    for (TopicInfo topic : deleted.values()) {
      state.add(new SystemEvent.TopicStored(topic));
      state.add(new SystemEvent.TopicDeleted(topic.logId()));
    }
    for (TopicInfo topic : topics.values()) {
      state.add(new SystemEvent.TopicStored(topic));
    }
  }
}
