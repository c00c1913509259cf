package dev.weir.service.partition;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicStore;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.tail.Tail;
import dev.weir.service.tail.TailBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/**
 * The topics that are being served. Thread-safe for looking up; creating and closing block under
 * one lock, and belong on the control pool.
 */
public final class Topics {
  private final LogEngine engine;
  private final Limits limits;
  private final IntFunction<Partition.Setting> settings;
  private final RandomGenerator random;
  private final TailBudget budget;
  private final TopicStore store;
  private final Map<String, Topic> served = new ConcurrentSkipListMap<>();
  private int opened;
  private boolean closed;

  private Topics(
      LogEngine engine,
      Limits limits,
      IntFunction<Partition.Setting> settings,
      RandomGenerator random,
      TailBudget budget,
      TopicStore store) {
    this.engine = engine;
    this.limits = limits;
    this.settings = settings;
    this.random = random;
    this.budget = budget;
    this.store = store;
  }

  /**
   * Claims the system partition and every partition of every topic. Blocks on disk.
   *
   * @param settings gives the setting of the n-th partition opened
   * @param random makes log ids
   */
  public static Topics open(
      LogEngine engine,
      Limits limits,
      IntFunction<Partition.Setting> settings,
      RandomGenerator random,
      TailBudget budget)
      throws IOException {
    TopicStore store =
        TopicStore.open(engine.claim(PartitionId.SYSTEM), settings.apply(0).epochNanos());
    Topics topics = new Topics(engine, limits, settings, random, budget, store);
    for (TopicInfo info : store.all()) {
      topics.serve(info);
    }
    return topics;
  }

  /** The topic of a name, or null. Any thread. */
  public Topic find(String name) {
    return served.get(name);
  }

  /** Up to {@code most} topics with names behind {@code after}, by name. Any thread. */
  public List<Topic> page(String after, int most) {
    List<Topic> page = new ArrayList<>();
    for (Topic topic : served.values()) {
      if (topic.info().name().compareTo(after) > 0 && page.size() < most) {
        page.add(topic);
      }
    }
    return page;
  }

  /** All topics by name. Any thread. */
  public Iterable<Topic> all() {
    return served.values();
  }

  /**
   * Creates a topic, or finds the one that is the same. Blocks for the commit.
   *
   * @throws FaultException TOPIC_EXISTS with other settings, LIMIT_REACHED, or a failed store
   */
  public synchronized Topic create(
      String name, int partitionCount, Map<String, String> labels, String requestId) {
    long now = settings.apply(0).epochNanos().getAsLong();
    var wanted = new TopicInfo(name, random.nextLong(), partitionCount, labels, now, requestId);
    Topic existing = served.get(name);
    if (existing != null) {
      boolean same =
          existing.info().sameSettings(wanted)
              || !requestId.isEmpty() && requestId.equals(existing.info().requestId());
      if (same) {
        return existing;
      }
      throw Fault.of(
              ErrorCode.TOPIC_EXISTS, "topic " + name + " exists with other settings; see GetTopic")
          .exception();
    }
    if (closed) {
      throw Fault.of(ErrorCode.SHUTTING_DOWN, "the server is stopping; reconnect").exception();
    }
    if (served.size() >= limits.getInt(Limit.TOPICS_MAX)) {
      throw Fault.of(ErrorCode.LIMIT_REACHED, "the server has its most topics (topics_max)")
          .exception();
    }
    try {
      TopicInfo stored = store.find(name); // there, but not served, where opening it failed
      if (stored == null) {
        store.create(wanted);
      }
      return serve(stored == null ? wanted : stored);
    } catch (IOException failed) {
      throw Fault.of(ErrorCode.STORE_FAILED, "topic " + name + " cannot be opened: " + failed)
          .exception();
    }
  }

  private Topic serve(TopicInfo info) throws IOException {
    var sensors =
        new SensorCatalog(info.partitionCount(), limits.getInt(Limit.SENSORS_PER_TOPIC_MAX));
    List<PartitionLog> logs = new ArrayList<>();
    List<Partition> partitions = new ArrayList<>();
    try {
      for (int p = 0; p < info.partitionCount(); p++) {
        PartitionLog log = engine.claim(info.partition(p));
        logs.add(log);
        var head = new Position(log.epoch(), log.endOffset(), log.endReadings(), 0);
        var tail = new Tail(head, limits.getInt(Limit.TAIL_RECORDS_MAX), budget);
        partitions.add(Partition.open(info, p, log, tail, sensors, settings.apply(opened++)));
      }
    } catch (IOException | RuntimeException failed) {
      for (PartitionLog log : logs) {
        log.close(); // so that they can be claimed again
      }
      throw failed;
    }
    Topic topic = new Topic(info, sensors, partitions);
    served.put(info.name(), topic);
    return topic;
  }

  /**
   * Finishes what was taken, writes checkpoints and closes every partition. Blocks.
   *
   * @throws IOException if a log could not be closed well; all others are
   */
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    for (Topic topic : served.values()) {
      topic.partitions().forEach(partition -> closing.add(partition.close()));
    }
    try {
      CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException failed) {
      throw new IOException("a partition could not be closed", failed.getCause());
    } finally {
      store.close();
    }
  }
}
