package dev.weir.service.topic;

import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.catalog.SystemLog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.catalog.TopicStore;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens, creates, changes, deletes and closes topics. Thread-safe: each of these blocks under one
 * lock, and belongs on a thread of its own. Closing waits under that lock for the background
 * threads, which therefore never wait for it.
 */
public final class TopicLifecycle {
  private static final Logger logger = LoggerFactory.getLogger(TopicLifecycle.class);

  /**
   * The engines that store logs.
   *
   * @param synced of SYNCED topics and of the system partition
   * @param buffered of BUFFERED topics
   * @param memory of MEMORY topics
   */
  public record Engines(LogEngine synced, LogEngine buffered, LogEngine memory) {
    LogEngine of(TopicInfo info) {
      return switch (info.durability()) {
        case DURABILITY_MEMORY -> memory;
        case DURABILITY_BUFFERED -> buffered;
        default -> synced;
      };
    }
  }

  private final Limits limits;
  private final RandomGenerator random;
  private final SystemLog system;
  private final TopicStore store;
  private final TopicCleaner cleanup;
  private final Lock changing = new ReentrantLock();
  private final TopicOpener opener;
  private final Executor background;
  private final ParallelTasks sideBySide;
  private final LongSupplier epochNanos;
  private final Meters meters;
  private final TopicRegistry registry;
  private final PendingLogDeletions deletions;
  private boolean closed; // guarded by changing

  private TopicLifecycle(
      Engines engines,
      Limits limits,
      IntFunction<PartitionContext> settings,
      RandomGenerator random,
      TailBudget budget,
      SystemLog system,
      ParallelTasks sideBySide) {
    this.sideBySide = sideBySide;
    this.limits = limits;
    this.random = random;
    this.system = system;
    this.store = system.topics();
    this.registry = new TopicRegistry(system);
    this.background = settings.apply(0).background();
    this.epochNanos = settings.apply(0).epochNanos();
    this.meters = settings.apply(0).meters();
    this.cleanup = new TopicCleaner(engines, store, limits);
    this.deletions = new PendingLogDeletions(cleanup, background);
    this.opener = new TopicOpener(engines, limits, settings, budget, cleanup, random);
  }

  /**
   * Claims the system partition and every partition of every topic, and finishes deletions. A topic
   * that cannot be opened is refused, and keeps no other from being served. Blocks on disk. This
   * one opens them one after the other.
   *
   * @param settings gives the setting of the n-th partition opened
   * @param random makes log ids
   * @param budget of the tails of SYNCED topics
   * @param systemThread runs the system partition's tasks one at a time, in order
   */
  public static TopicLifecycle open(
      Engines engines,
      Limits limits,
      IntFunction<PartitionContext> settings,
      RandomGenerator random,
      TailBudget budget,
      Executor systemThread)
      throws IOException {
    return open(engines, limits, settings, random, budget, systemThread, ParallelTasks.oneByOne());
  }

  /**
   * The same with topics opened, and partitions of new topics made, side by side.
   *
   * @param settings thread-safe, as random is
   * @param sideBySide opens the topics, and makes partitions
   */
  public static TopicLifecycle open(
      Engines engines,
      Limits limits,
      IntFunction<PartitionContext> settings,
      RandomGenerator random,
      TailBudget budget,
      Executor systemThread,
      ParallelTasks sideBySide)
      throws IOException {
    var setting =
        new SystemLog.Setting(
            limits,
            systemThread,
            settings.apply(0).epochNanos(),
            settings.apply(0).catalogBudget());
    SystemLog system = SystemLog.open(engines.synced().claim(PartitionId.SYSTEM, true), setting);
    TopicLifecycle topics =
        new TopicLifecycle(engines, limits, settings, random, budget, system, sideBySide);
    topics.store.deleted().forEach(topics.cleanup::purge);
    topics.cleanup.sweep();
    List<Runnable> tasks = new ArrayList<>();
    topics.store.all().forEach(info -> tasks.add(() -> topics.serveAtStart(info)));
    sideBySide.run(tasks);
    topics.opener.tellExcess();
    return topics;
  }

  private void serveAtStart(TopicInfo info) {
    try {
      serve(info, opener.claim(info));
    } catch (IOException failed) {
      logger.error(
          "Topic {} cannot be opened and is refused. Other topics are served.",
          info.name(),
          failed);
      registry.refuse(info.name(), unopened(info, failed));
    }
  }

  private Fault unopened(TopicInfo info, IOException failed) {
    String todo =
        failed instanceof DiskFullException
            ? "It is opened when space is freed."
            : failed instanceof TooManyFilesException
                ? "It is opened when there are files left."
                : "When that is mended, CreateTopic with the same settings or a restart opens it.";
    return opener.notOpened(info, failed, todo);
  }

  /** The topics that are being served. Any thread. */
  public TopicRegistry registry() {
    return registry;
  }

  /** Most bytes of each partition of a topic. */
  public long bytesMax(TopicSettings of) {
    return cleanup.bytesMax(of);
  }

  /** A synced topic with the server's default retention; see the other. */
  public ServedTopic create(
      String name, int partitionCount, Map<String, String> labels, String requestId) {
    return create(name, TopicSettings.synced(partitionCount, labels), requestId);
  }

  /**
   * Creates a topic, or finds the one that is the same. Blocks for the commit.
   *
   * @throws FaultException TOPIC_EXISTS with other settings, LIMIT_REACHED, DATA_LOSS where it
   *     cannot be opened, or a failed store
   */
  public ServedTopic create(String name, TopicSettings wanted, String requestId) {
    changing.lock();
    try {
      ServedTopic existing = registry.find(name);
      TopicInfo info = store.find(name); // perhaps not served: opening it may have failed
      boolean same =
          info == null
              || same(info.settings(), wanted)
              || !requestId.isEmpty() && requestId.equals(info.requestId());
      if (!same) {
        throw Fault.of(
                ErrorCode.TOPIC_EXISTS,
                "Topic " + name + " exists with other settings. GetTopic shows them.")
            .exception();
      }
      if (existing != null) {
        return existing;
      }
      refuseWhenClosed();
      if (registry.size() >= limits.getInt(Limit.TOPICS_MAX)) {
        throw Fault.of(
                ErrorCode.LIMIT_REACHED,
                "The server has as many topics as "
                    + limits.told(Limit.TOPICS_MAX)
                    + " allows. Delete one, or ask the operator to raise the limit.")
            .exception();
      }
      if (info != null) {
        return serveOrRefuse(info, () -> opener.claim(info));
      }
      opener.refuseWhenFull(wanted);
      long now = epochNanos.getAsLong();
      TopicInfo made = TopicInfo.created(name, random.nextLong(), wanted, now, requestId);
      List<PartitionLog> logs = make(made);
      return serveOrRefuse(made, () -> logs);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Makes a topic's partitions durable and then stores the topic: one that is stored and has not
   * all its partitions has lost them. A crash in between leaves empty ones that no topic has.
   */
  private List<PartitionLog> make(TopicInfo info) {
    boolean stoppedBefore = system.poisoned();
    List<PartitionLog> logs = List.of();
    try {
      logs = opener.make(info, sideBySide);
      store.store(info);
      return logs;
    } catch (IOException failed) {
      cleanup.unmake(info);
      throw opener.notCreated(info, failed).exception();
    } catch (FaultException failed) {
      TopicOpener.close(logs);
      if (stoppedBefore || failed.fault().code() != ErrorCode.PARTITION_UNAVAILABLE) {
        cleanup.unmake(info); // else it may be stored, and served after a restart
      }
      throw failed;
    }
  }

  /** A default may be left out or written out. */
  private boolean same(TopicSettings one, TopicSettings other) {
    return one.withMaxBytes(bytesMax(one)).equals(other.withMaxBytes(bytesMax(other)));
  }

  private void refuseWhenClosed() {
    if (closed) {
      throw Fault.of(ErrorCode.SHUTTING_DOWN, "The server is stopping. Reconnect.").exception();
    }
  }

  /** Gives a topic's claimed logs; blocks on disk. */
  private interface Claim {
    List<PartitionLog> logs() throws IOException;
  }

  private ServedTopic serve(TopicInfo info, List<PartitionLog> logs) throws IOException {
    ServedTopic topic = opener.open(info, logs);
    meters.topicServed(info.name());
    registry.serve(topic);
    return topic;
  }

  private ServedTopic serveOrRefuse(TopicInfo info, Claim claim) {
    try {
      return serve(info, claim.logs());
    } catch (IOException failed) {
      Fault why = unopened(info, failed);
      registry.refuse(info.name(), why);
      throw why.exception();
    }
  }

  /**
   * Changes a topic's labels or retention; what is no longer kept goes at once. Blocks for the
   * commit.
   *
   * @param change gives the new settings; what is fixed must stay
   * @throws FaultException TOPIC_NOT_FOUND, LIMIT_REACHED, or a failed store
   */
  public ServedTopic update(String name, UnaryOperator<TopicSettings> change) {
    changing.lock();
    try {
      refuseWhenClosed();
      ServedTopic topic = registry.find(name);
      if (topic == null) {
        throw registry.refusal(name).exception();
      }
      TopicInfo before = topic.info();
      TopicSettings after = change.apply(before.settings());
      if (!after.equals(before.settings())) {
        opener.refuseWhenFull(before.settings(), after);
        TopicInfo info = before.updated(after, epochNanos.getAsLong());
        store.store(info);
        topic.update(info);
        background.execute(() -> cleanup.retain(topic));
      }
      return topic;
    } finally {
      changing.unlock();
    }
  }

  /**
   * Deletes a topic with everything in it. Blocks for the commit; its log goes later, when its
   * partitions have finished what they took, at the latest with the next start.
   *
   * @throws FaultException TOPIC_NOT_FOUND, or a failed store
   */
  public void delete(String name) {
    changing.lock();
    try {
      refuseWhenClosed();
      TopicInfo info = store.find(name);
      if (info == null) {
        throw TopicRegistry.notFound(name).exception();
      }
      store.delete(info);
      ServedTopic topic = registry.remove(name);
      if (topic == null) { // opening it had failed
        deletions.begin(info);
        return;
      }
      try {
        meters.topicDeleted(name);
        topic.delete();
      } finally { // whatever those threw who were told
        deletions.begin(topic, info, closing(topic.partitions()));
      }
    } finally {
      changing.unlock();
    }
  }

  /** Returns the time and records that opening all partitions took so far. */
  public OpeningStats openings() {
    return opener.openings();
  }

  /**
   * Deletes what retention lets go, in every topic, and opens those that could not be opened for
   * want of room or files, once there are some and nobody changes topics. Goes round topics at
   * which somebody else is: two at once go on where one hangs in the disk. For background threads;
   * blocks on disk.
   */
  public void retain() {
    registry.all().forEach(cleanup::retain);
    registry
        .unopened()
        .forEach(
            (name, why) -> {
              boolean full = why.code() == ErrorCode.DISK_FULL;
              if (full && system.hasRoom() || why.code() == ErrorCode.OVERLOADED) {
                openAgain(name);
              }
            });
  }

  private void openAgain(String name) {
    if (!changing.tryLock()) {
      return; // the next check tries again
    }
    try {
      TopicInfo info = store.find(name);
      if (closed || info == null || !registry.cannotOpen(name)) {
        return; // deleted meanwhile, or opened
      }
      try {
        serve(info, opener.claim(info));
        logger.info("Topic {} is served, because there is room for it again.", name);
      } catch (IOException failed) {
        registry.refuse(name, unopened(info, failed));
      }
    } finally {
      changing.unlock();
    }
  }

  /**
   * Finishes what was taken, writes checkpoints of what is on disk and closes every partition.
   * Blocks.
   *
   * @throws IOException if a log could not be closed well; all others are
   */
  public void close() throws IOException {
    changing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      List<Partition> partitions = new ArrayList<>();
      registry.all().forEach(topic -> partitions.addAll(topic.partitions()));
      CompletableFuture<Void> closing = closing(partitions);
      try {
        deletions.ended().join();
        closing.join();
      } catch (CompletionException failed) {
        throw new IOException("a partition could not be closed", failed.getCause());
      } finally {
        system.close();
      }
    } finally {
      changing.unlock();
    }
  }

  private static CompletableFuture<Void> closing(List<Partition> partitions) {
    return CompletableFuture.allOf(
        partitions.stream().map(Partition::close).toArray(CompletableFuture[]::new));
  }
}
