package dev.weir.service.topic;

import dev.weir.common.file.DiskFullException;
import dev.weir.common.file.TooManyFilesException;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.TopicInfo;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.partition.PartitionOpener;
import dev.weir.service.tail.PartitionTail;
import dev.weir.service.tail.TailBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims the logs of topics and opens partitions on them. Thread-safe: a start opens many topics at
 * once; the partitions of one topic share its catalogue, and are opened one after the other.
 */
final class TopicOpener {
  private static final Logger logger = LoggerFactory.getLogger(TopicOpener.class);

  /** Checkpoints that are read at once have this part of the catalogue's budget at most. */
  private static final int RESTORE_PART = 4;

  private final TopicLifecycle.Engines engines;
  private final Limits limits;
  private final IntFunction<PartitionContext> settings;
  private final TailBudget budget;
  private final TopicCleaner cleanup;
  private final LongSupplier epochNanos;
  private final Budget catalogBudget;
  private final RandomGenerator random;
  private final RestoreMemory restoring;
  private final AtomicReference<OpeningStats> openings = new AtomicReference<>(OpeningStats.NONE);
  private final AtomicInteger opened = new AtomicInteger();

  TopicOpener(
      TopicLifecycle.Engines engines,
      Limits limits,
      IntFunction<PartitionContext> settings,
      TailBudget budget,
      TopicCleaner cleanup,
      RandomGenerator random) {
    this.engines = engines;
    this.limits = limits;
    this.settings = settings;
    this.budget = budget;
    this.cleanup = cleanup;
    this.epochNanos = settings.apply(0).epochNanos();
    this.catalogBudget = settings.apply(0).catalogBudget();
    this.random = random;
    this.restoring = new RestoreMemory(catalogBudget.max() / RESTORE_PART);
  }

  /** Returns the time and records that opening all partitions took so far. */
  OpeningStats openings() {
    return openings.get();
  }

  /** Claims the logs of all partitions of a topic that was made, or none. Blocks on disk. */
  List<PartitionLog> claim(TopicInfo info) throws IOException {
    return claim(info, false, ParallelTasks.oneByOne());
  }

  /**
   * Makes the logs of all partitions of a new topic, durably, or throws; then some may be made, and
   * none is claimed. Blocks on disk.
   */
  List<PartitionLog> make(TopicInfo info, ParallelTasks making) throws IOException {
    return claim(info, true, making);
  }

  private List<PartitionLog> claim(TopicInfo info, boolean mayMake, ParallelTasks claiming)
      throws IOException {
    long start = epochNanos.getAsLong();
    var logs = new AtomicReferenceArray<PartitionLog>(info.partitionCount());
    List<Runnable> claims = new ArrayList<>();
    for (int p = 0; p < info.partitionCount(); p++) {
      int partition = p;
      claims.add(() -> logs.set(partition, claim(info, partition, mayMake)));
    }
    try {
      claiming.run(claims);
    } catch (UncheckedIOException failed) {
      close(claimed(logs));
      throw failed.getCause();
    } catch (RuntimeException defect) {
      close(claimed(logs));
      throw defect;
    }
    long took = epochNanos.getAsLong() - start;
    openings.updateAndGet(before -> before.claimed(took));
    return claimed(logs);
  }

  private PartitionLog claim(TopicInfo info, int partition, boolean mayMake) {
    try {
      return engines.of(info).claim(info.partition(partition), mayMake);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static List<PartitionLog> claimed(AtomicReferenceArray<PartitionLog> logs) {
    return IntStream.range(0, logs.length()).mapToObj(logs::get).filter(Objects::nonNull).toList();
  }

  /**
   * Refuses one more topic where there is no room for it.
   *
   * @throws dev.weir.service.core.fault.FaultException LIMIT_REACHED
   */
  void refuseWhenFull(TopicSettings wanted) {
    int partitions = wanted.partitionCount();
    refuseWhenFull(
        SensorCatalog.bytesOfTopic(partitions) + wanted.labelBytes(),
        "one more topic of " + partitions + " partitions");
  }

  /**
   * Refuses more labels where there is no room for them.
   *
   * @throws dev.weir.service.core.fault.FaultException LIMIT_REACHED
   */
  void refuseWhenFull(TopicSettings before, TopicSettings wanted) {
    long more = wanted.labelBytes() - before.labelBytes();
    if (more > 0) {
      refuseWhenFull(more, "more labels");
    }
  }

  private void refuseWhenFull(long bytes, String what) {
    if (catalogBudget.lacks(bytes)) {
      catalogBudget.refused();
      throw Fault.of(
              ErrorCode.LIMIT_REACHED,
              String.format(
                  "%s (%d) has no room for the %d bytes of %s. Delete topics, or ask the operator"
                      + " to raise the limit.",
                  catalogBudget.name(), catalogBudget.max(), bytes, what))
          .exception();
    }
  }

  /** Tells that more is there than the budget allows, as all of it is served. */
  void tellExcess() {
    if (catalogBudget.lacks(0)) {
      logger.warn(
          "Topics, sensors and producers take {} bytes, more than {} ({}). They are served, but new"
              + " ones are refused. Raise the limit, or delete topics.",
          catalogBudget.used(),
          catalogBudget.name(),
          catalogBudget.max());
    }
  }

  /** Closes logs, so that they can be claimed again. */
  static void close(List<PartitionLog> logs) {
    for (PartitionLog log : logs) {
      try {
        log.close();
      } catch (IOException | RuntimeException failed) {
        logger.warn("A partition that cannot be served could not be closed.", failed);
      }
    }
  }

  /** Opens a topic on its claimed logs, which are closed where that fails. Blocks on disk. */
  ServedTopic open(TopicInfo info, List<PartitionLog> logs) throws IOException {
    var sensors =
        new SensorCatalog(
            info.partitionCount(),
            limits.getInt(Limit.SENSORS_PER_TOPIC_MAX),
            random.nextLong(),
            catalogBudget);
    sensors.hold(info.settings().labelBytes());
    List<PartitionTail> tails = new ArrayList<>();
    List<Partition> partitions = new ArrayList<>();
    try {
      for (int p = 0; p < info.partitionCount(); p++) {
        long start = epochNanos.getAsLong();
        PartitionLog log = logs.get(p);
        if (info.memory()) {
          log.retain(cleanup.terms(info.settings(), start)); // it holds at every append
        }
        var head = new Position(log.epoch(), log.endOffset(), log.endReadings(), 0);
        // A tail of a topic in memory must not push out those of topics on disk; its log bounds it.
        TailBudget its =
            info.memory() ? new TailBudget(new Budget("tail_bytes", Long.MAX_VALUE)) : budget;
        var tail = new PartitionTail(head, limits.getInt(Limit.TAIL_RECORDS_MAX), its);
        tails.add(tail);
        Partition ready = open(info, p, log, tail, sensors);
        log.onDropped(ready::followRetention);
        partitions.add(ready);
        long took = epochNanos.getAsLong() - start;
        openings.updateAndGet(before -> before.with(ready, took));
      }
    } catch (IOException | RuntimeException failed) {
      partitions.forEach(partition -> partition.latest().close());
      tails.forEach(PartitionTail::close);
      sensors.close();
      close(logs);
      throw failed;
    }
    ProducerEpochFencing.level(partitions);
    return new ServedTopic(info, sensors, partitions, limits);
  }

  private Partition open(
      TopicInfo info, int partition, PartitionLog log, PartitionTail tail, SensorCatalog sensors)
      throws IOException {
    long checkpointBytes = log.checkpointBytes();
    restoring.enter(checkpointBytes);
    try {
      PartitionContext setting = settings.apply(opened.getAndIncrement());
      return PartitionOpener.open(info, partition, log, tail, sensors, setting);
    } finally {
      restoring.leave(checkpointBytes);
    }
  }

  /** Returns the fault for a topic that could not be opened. */
  Fault notOpened(TopicInfo info, IOException failed, String todo) {
    return cannot("opened", info, failed, ErrorCode.OVERLOADED, todo);
  }

  /** Returns the fault for a topic that could not be created. */
  Fault notCreated(TopicInfo info, IOException failed) {
    return cannot("created", info, failed, ErrorCode.LIMIT_REACHED, "CreateTopic may be repeated.");
  }

  private Fault cannot(
      String what, TopicInfo info, IOException failed, ErrorCode withoutFiles, String todo) {
    ErrorCode code =
        failed instanceof DataLossException
            ? ErrorCode.DATA_LOSS
            : failed instanceof DiskFullException
                ? ErrorCode.DISK_FULL
                : failed instanceof TooManyFilesException ? withoutFiles : ErrorCode.STORE_FAILED;
    String why = code == ErrorCode.STORE_FAILED ? failed.toString() : failed.getMessage();
    String text = "Topic " + info.name() + " cannot be " + what + ": " + why;
    Fault fault = Fault.of(code, text + (text.endsWith(".") ? " " : ". ") + todo);
    return code.retryable()
        ? fault.retryAfter(Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS)))
        : fault;
  }
}
