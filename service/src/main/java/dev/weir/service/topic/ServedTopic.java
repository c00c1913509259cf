package dev.weir.service.topic;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.CoalescingRunner;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.LogRange;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import dev.weir.v1.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A topic that is being served: its sensors and its partitions. Thread-safe. Two topics are the
 * same only if they are one object: what is created under a deleted topic's name is another one.
 */
public final class ServedTopic {
  private static final Logger logger = LoggerFactory.getLogger(ServedTopic.class);

  /** Checks of retention until a checkpoint that did not help is asked for again. */
  private static final int CHECKS_PER_REPEAT = 30;

  private final SensorCatalog sensors;
  private final SelectedSensors allSensors;
  private final List<Partition> partitions;
  private final Limits limits;
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet(); // identities
  private final long[] askedEnds; // of who retains, like the next
  private final int[] checksSince;
  private final CoalescingRunner retaining = new CoalescingRunner();
  private volatile TopicInfo info;
  private volatile boolean deleted;

  ServedTopic(TopicInfo info, SensorCatalog sensors, List<Partition> partitions, Limits limits) {
    this.info = info;
    this.sensors = sensors;
    this.allSensors = new SelectedSensors(sensors, Selector.newBuilder().setAll(true).build());
    this.partitions = List.copyOf(partitions);
    this.limits = limits;
    this.askedEnds = new long[partitions.size()];
    this.checksSince = new int[partitions.size()];
    Arrays.fill(askedEnds, -1);
  }

  /**
   * Returns its name and settings now. Its name, log id, partition count and durability never
   * change.
   */
  public TopicInfo info() {
    return info;
  }

  /** Its catalogue. */
  public SensorCatalog sensors() {
    return sensors;
  }

  /** All of them, for every subscription that selects no fewer. */
  public SelectedSensors allSensors() {
    return allSensors;
  }

  /** Returns whether all its partitions can write checkpoints, which retention needs. */
  boolean checkpointed() {
    return partitions.stream().allMatch(Partition::checkpointed);
  }

  /** Its partitions, in order. */
  public List<Partition> partitions() {
    return partitions;
  }

  /** Returns whether it was deleted: it takes nothing more, and its log goes away. */
  public boolean deleted() {
    return deleted;
  }

  /**
   * Has a task run once when the topic is deleted, at once where it is already. Bounded by those
   * who use topics: sessions and subscriptions.
   *
   * @param listener runs on the deleting thread or the caller's; must not block
   * @return takes the listener back
   */
  public Runnable onDeleted(Runnable listener) {
    Runnable once = new Once(listener);
    listeners.add(once);
    if (deleted) {
      notice(once);
    }
    return () -> listeners.remove(once);
  }

  /** Gives each registration an identity of its own. */
  private static final class Once implements Runnable {
    private final Runnable listener;

    Once(Runnable listener) {
      this.listener = listener;
    }

    @Override
    public void run() {
      listener.run();
    }
  }

  private void notice(Runnable once) {
    if (listeners.remove(once)) {
      try {
        once.run();
      } catch (RuntimeException failed) { // must not keep the others, nor the deletion
        logger.warn(
            "A session could not be told that topic {} was deleted. This is a defect; report it with"
                + " the stack.",
            info.name(),
            failed);
      }
    }
  }

  void update(TopicInfo newInfo) {
    sensors.hold(newInfo.settings().labelBytes() - info.settings().labelBytes());
    info = newInfo;
  }

  /**
   * Has retention run, by one thread at a time: where another is at it, that one does it once more.
   * Any thread; blocks on disk.
   */
  void retain(Runnable retention) {
    retaining.run(retention);
  }

  /** Gives back what it holds in memory, once it is deleted and its partitions are closed. */
  void release() {
    partitions.forEach(partition -> partition.tail().close());
    sensors.close();
  }

  /** Tells everybody that it is deleted. */
  void delete() {
    deleted = true;
    listeners.forEach(this::notice);
  }

  /**
   * Returns why a partition did not take a request. Any thread.
   *
   * @param retryDelay told where a retry helps
   */
  public Fault refusal(int partition, Duration retryDelay) {
    boolean closing = partitions.get(partition).closing(); // first: a deletion is known before
    if (deleted) {
      return TopicRegistry.notFound(info.name());
    }
    Fault why =
        closing
            ? Fault.of(ErrorCode.SHUTTING_DOWN, "The server is stopping. Reconnect.")
            : Fault.of(
                ErrorCode.OVERLOADED,
                String.format(
                    "As many requests wait for the writer of partition %d of topic %s as %s"
                        + " allows. Retry after the delay; if this stays, the operator checks"
                        + " whether the disk is slow, or raises the limit.",
                    partition, info.name(), limits.told(Limit.PARTITION_QUEUE_REQUESTS)));
    return why.retryAfter(retryDelay);
  }

  /**
   * Asks a partition for the checkpoint that retention waits for, where it would hold more than the
   * one asked for last; now and then also where it would not, as that one may have failed.
   */
  void requestCheckpoint(int partition) {
    long end = partitions.get(partition).log().endOffset();
    boolean moved = end != askedEnds[partition];
    if (moved || ++checksSince[partition] >= CHECKS_PER_REPEAT) {
      askedEnds[partition] = end;
      checksSince[partition] = moved ? CHECKS_PER_REPEAT - 1 : 0; // retention needs two
      partitions.get(partition).requestCheckpoint();
    }
  }

  /** The committed end of every partition. Positions of a later call are never before these. */
  public List<Position> heads() {
    List<Position> heads = new ArrayList<>(partitions.size());
    for (Partition partition : partitions) {
      heads.add(partition.tail().head());
    }
    return heads;
  }

  /** The committed end as a cursor. */
  public Cursor headCursor() {
    return Cursor.of(info.logId(), heads());
  }

  /** Returns the range of a partition's log now. */
  public LogRange range(int partition) {
    Partition asked = partitions.get(partition);
    Position head = asked.tail().head(); // before the log: never behind it
    LogRange stored = asked.log().range();
    boolean emptied = head.offset() < stored.startOffset();
    return new LogRange(
        stored.epochs(),
        stored.currentEpoch(),
        stored.startOffset(),
        stored.startReadings(),
        emptied ? stored.startOffset() : head.offset(),
        emptied ? stored.startReadings() : head.readingsBefore(),
        info.memory());
  }

  @Override
  public String toString() {
    return "Topic[" + info.name() + "]";
  }
}
