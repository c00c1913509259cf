package dev.weir.service.topic;

import dev.weir.service.catalog.CursorStore;
import dev.weir.service.catalog.SystemLog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The topics that are being served, and those that cannot be, with the reason. Thread-safe; {@link
 * TopicLifecycle} adds and removes topics, one at a time.
 */
public final class TopicRegistry {
  private final SystemLog system;
  private final Map<String, ServedTopic> served = new ConcurrentSkipListMap<>();
  private final Map<String, Fault> unopened = new ConcurrentHashMap<>(); // and why

  TopicRegistry(SystemLog system) {
    this.system = system;
  }

  /** Returns whether every topic could be opened. */
  public boolean allOpened() {
    return unopened.isEmpty();
  }

  /** Returns why {@link #find} has no topic of a name: there is none, or it cannot be opened. */
  public Fault refusal(String name) {
    Fault why = unopened.get(name);
    return why == null ? notFound(name) : why;
  }

  /** Returns whether there is a topic of a name that could not be opened. */
  public boolean cannotOpen(String name) {
    return unopened.containsKey(name);
  }

  /** The topic of a name, or null. */
  public ServedTopic find(String name) {
    return served.get(name);
  }

  /**
   * Up to {@code most} topics with names behind {@code after}, by name; also those that cannot be
   * opened.
   */
  public List<TopicInfo> page(String after, int most) {
    return system.topics().page(after, most);
  }

  /** All topics by name. */
  public Iterable<ServedTopic> all() {
    return served.values();
  }

  /** The committed cursors of all topics. Thread-safe. */
  public CursorStore cursors() {
    return system.cursors();
  }

  /** Tells that there is no topic of a name. */
  public static Fault notFound(String name) {
    return Fault.of(
        ErrorCode.TOPIC_NOT_FOUND,
        "Topic " + name + " does not exist. Create it with CatalogService.CreateTopic.");
  }

  /** Partitions that store nothing until a restart, because a sync failed. */
  public int poisoned() {
    int poisoned = system.poisoned() ? 1 : 0;
    for (ServedTopic topic : served.values()) {
      for (Partition partition : topic.partitions()) {
        poisoned += partition.poisoned() ? 1 : 0;
      }
    }
    return poisoned;
  }

  /** Returns whether retention waits for a checkpoint in no partition. */
  public boolean allCheckpointed() {
    return served.values().stream().allMatch(ServedTopic::checkpointed);
  }

  // ---- what the lifecycle does

  /** Returns how many topics are served. */
  int size() {
    return served.size();
  }

  /** Topics that could not be opened by name, with the reason. */
  Map<String, Fault> unopened() {
    return unopened;
  }

  /** Serves a topic from now on. */
  void serve(ServedTopic topic) {
    served.put(topic.info().name(), topic);
    unopened.remove(topic.info().name());
  }

  /** Refuses a topic that could not be opened. */
  void refuse(String name, Fault why) {
    unopened.put(name, why);
  }

  /** Serves and refuses a topic no longer; returns the one that was served, or null. */
  ServedTopic remove(String name) {
    unopened.remove(name);
    return served.remove(name);
  }
}
