package dev.weir.service.app;

import dev.weir.common.file.DataFiles;
import dev.weir.service.admission.Admission;
import dev.weir.service.admission.Budgets;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.fault.InjectedFaults;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.log.memory.MemoryEngine;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.log.segment.file.DirectoryInUseException;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.partition.ReadMemory;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.FeedRegistry;
import dev.weir.service.session.SelectionCache;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionRegistry;
import dev.weir.service.session.SessionWatchdog;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.topic.OpeningStats;
import dev.weir.service.topic.TopicLifecycle;
import dev.weir.service.view.ViewRegistry;
import dev.weir.v1.Storage;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service without any transport: the log engine, the topics and what sessions share.
 * Thread-safe.
 */
final class WeirService {
  private static final Logger logger = LoggerFactory.getLogger(WeirService.class);

  /** Compiled selectors that nobody uses live once to twice as long. */
  private static final long SWEEP_SECONDS = 2;

  /** One, and one more for when that one hangs in the disk of a topic. */
  private static final int RETENTIONS_MAX = 2;

  private final ServerConfig config;
  private final ProcessTerminator end;
  private final ThreadPools pools;
  private final OpenTelemetrySetup telemetry;
  private final InjectedFaults faults;
  private final ServerClock clock = new ServerClock();
  private final SegmentEngine engine;
  private final TopicLifecycle topics;
  private final ServerContext context;
  private final DiskWatchdog diskWatch;

  /** Opens the log and every topic in it. Blocks on disk. */
  WeirService(
      ServerConfig config,
      DataFiles files,
      OpenTelemetrySetup telemetry,
      InjectedFaults faults,
      StandbyWait standby,
      ProcessTerminator end)
      throws IOException {
    this.config = config;
    this.telemetry = telemetry;
    this.faults = faults;
    this.end = end;
    Limits limits = config.limits();
    Budgets budgets = budgets(limits);
    telemetry.meters().budgetsFrom(budgets.all());
    pools = new ThreadPools(limits, end);
    diskWatch =
        new DiskWatchdog(
            pools::living, System::nanoTime, limits.get(Limit.WATCHDOG_WARN_MS), pools.words());
    SecureRandom random = new SecureRandom();
    engine = open(budgets, new WatchedFiles(faults.files(files)), random, standby);
    pools.ticker().scheduleAtFixedRate(() -> pools.mark(engine::tick), 1, 1, TimeUnit.SECONDS);
    pools
        .ticker()
        .scheduleWithFixedDelay(
            new ClockJumpWatch(clock::wallAheadNanos), 10, 10, TimeUnit.SECONDS);
    long syncMillis = limits.get(Limit.BUFFERED_SYNC_MS);
    pools
        .ticker()
        .scheduleWithFixedDelay(
            engine::syncBuffered, syncMillis, syncMillis, TimeUnit.MILLISECONDS);
    IntFunction<PartitionContext> settings =
        partition ->
            new PartitionContext(
                limits,
                pools.writer(partition),
                pools.view(partition),
                pools.background(),
                pools.timer(),
                clock,
                telemetry.meters(),
                budgets.catalog(),
                budgets.latest(),
                faults.sequenceRule());
    TailBudget tails = new TailBudget(budgets.tail());
    pools.ticker().scheduleWithFixedDelay(tails::settle, 1, 1, TimeUnit.SECONDS);
    long openingNanos = clock.getAsLong();
    topics = open(limits, settings, random, tails, budgets.memoryLog());
    tellOpenings(topics.openings(), clock.getAsLong() - openingNanos);
    long checkMillis = limits.get(Limit.RETENTION_CHECK_MS);
    Semaphore retaining = new Semaphore(RETENTIONS_MAX);
    pools
        .ticker()
        .scheduleWithFixedDelay(
            () -> retain(retaining), checkMillis, checkMillis, TimeUnit.MILLISECONDS);
    Duration retryDelay = Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS));
    Fanout fanout = new Fanout();
    FeedRegistry feeds = new FeedRegistry();
    telemetry.meters().lagFrom(feeds::lagReadingsByTopic);
    telemetry.meters().stallsFrom(feeds::stalls);
    telemetry
        .meters()
        .storageFrom(
            engine::freeBytes,
            () -> limits.get(Limit.DISK_RESERVE_BYTES),
            () -> (long) topics.registry().poisoned(),
            () -> diskWatch.answers() ? 0 : 1);
    context =
        new ServerContext(
            topics,
            limits,
            new ControlPool(
                pools.control(),
                retryDelay,
                "As many tasks wait as "
                    + limits.told(Limit.CONTROL_QUEUE_TASKS)
                    + " allows, or an eighth of them for this connection"),
            new ControlPool(
                pools.topics(),
                retryDelay,
                "As many changes of topics wait as "
                    + limits.told(Limit.SYSTEM_QUEUE_EVENTS)
                    + " allows"),
            new CatchUpPool(
                pools.catchUp(),
                pools.recent(),
                limits.getInt(Limit.CATCHUP_QUEUE_TASKS),
                retryDelay,
                new ReadMemory(budgets.blocks(), budgets.sessions())),
            fanout,
            feeds,
            telemetry.meters(),
            clock,
            random,
            config.developmentMode(),
            new SessionRegistry(limits.getInt(Limit.SESSIONS_MAX), retryDelay),
            new ViewRegistry(
                new ViewRegistry.Setting(
                    pools::view,
                    tails,
                    fanout,
                    limits.getInt(Limit.VIEW_RECORDS_MAX),
                    limits.getInt(Limit.VIEWS_MAX),
                    retryDelay,
                    budgets.sessions(),
                    (partition, partitions) ->
                        new LastValuesFold(
                            partition,
                            partitions,
                            limits.getInt(Limit.LATEST_VALUE_BYTES_MAX),
                            budgets.latest()))),
            new SelectionCache(budgets.sessions()),
            Admission.of(limits, budgets));
    pools
        .ticker()
        .scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    SessionWatchdog watch = new SessionWatchdog(context);
    long watchMillis = watch.interval().toMillis();
    pools.ticker().scheduleWithFixedDelay(watch, watchMillis, watchMillis, TimeUnit.MILLISECONDS);
  }

  /** Lets go of selectors that nobody uses, and of clients that left and owe nothing. */
  private void sweep() {
    context.selections().sweep();
    context.admission().clients().sweep(clock.getAsLong());
  }

  /** Has retention run, beside one that may hang; not at all where enough are at it. */
  private void retain(Semaphore retaining) {
    if (retaining.tryAcquire()) {
      pools
          .background()
          .execute(
              () -> {
                try {
                  topics.retain();
                } finally {
                  retaining.release();
                }
              });
    }
  }

  /** What a start had to read does not grow with the log; the operator sees that it did not. */
  private void tellOpenings(OpeningStats all, long nanos) {
    logger.info(
        "start: {} partitions opened in {} ms: recovery {} ms, {} bytes checked (at most"
            + " segment_bytes {} each); replay {} ms, {} records, {} bytes (at most"
            + " checkpoint_interval_bytes {} each, or the size of its checkpoint)",
        all.partitions(),
        TimeUnit.NANOSECONDS.toMillis(nanos),
        TimeUnit.NANOSECONDS.toMillis(all.recoveryNanos()),
        engine.checkedBytes(),
        config.limits().get(Limit.SEGMENT_BYTES),
        TimeUnit.NANOSECONDS.toMillis(all.replayNanos()),
        all.records(),
        all.bytes(),
        config.limits().get(Limit.CHECKPOINT_INTERVAL_BYTES));
  }

  private SegmentEngine open(
      Budgets budgets, DataFiles files, SecureRandom random, StandbyWait standby)
      throws IOException {
    Limits limits = config.limits();
    var setting =
        new SegmentEngine.Setting(
            clock,
            random,
            timed(pools.sync()),
            WeirService::log,
            budgets.blocks(),
            budgets.files());
    try {
      while (true) {
        try {
          return SegmentEngine.open(
              config.dataDir(),
              files,
              faults.options(
                  SegmentOptions.defaults()
                      .withSegmentBytes(limits.get(Limit.SEGMENT_BYTES))
                      .withReserveBytes(limits.get(Limit.DISK_RESERVE_BYTES))
                      .withUnsyncedBytesMax(limits.get(Limit.BUFFERED_UNSYNCED_BYTES_MAX))
                      .withActiveFilesMax(activeFilesMax(budgets.files()))),
              setting);
        } catch (DirectoryInUseException inUse) {
          if (!standby.await(config.dataDir())) {
            throw inUse;
          }
        }
      }
    } catch (IOException | RuntimeException failed) {
      release();
      throw failed;
    }
  }

  private TopicLifecycle open(
      Limits limits,
      IntFunction<PartitionContext> settings,
      SecureRandom random,
      TailBudget tails,
      Budget memoryLog)
      throws IOException {
    try {
      var memory =
          new MemoryEngine(engine::newEpoch, limits.get(Limit.MEMORY_TOPIC_BYTES), memoryLog);
      var engines =
          new TopicLifecycle.Engines(
              faults.engine(engine), faults.engine(engine.buffered()), memory);
      return TopicLifecycle.open(
          engines, limits, settings, random, tails, pools.system(), pools::sideBySide);
    } catch (IOException | RuntimeException failed) {
      try (engine) {
        throw failed;
      } finally {
        release();
      }
    }
  }

  /** An eighth of all files: connections and readers need the others. */
  private static int activeFilesMax(Budget files) {
    return (int) Math.max(8, Math.min(1 << 16, files.max() / 8));
  }

  private static Budgets budgets(Limits limits) {
    long heapBytes = Runtime.getRuntime().maxMemory();
    Budgets budgets =
        Budgets.of(
            limits, heapBytes, PlatformDependent.maxDirectMemory(), NettyListener.filesLeft());
    budgets.beyond(limits, heapBytes).ifPresent(why -> logger.warn("{}", why));
    return budgets;
  }

  private Executor timed(Executor sync) {
    return task ->
        sync.execute(
            () -> {
              long start = clock.getAsLong();
              task.run();
              telemetry.meters().synced(clock.getAsLong() - start);
            });
  }

  private static void log(SegmentEvent event) {
    if (event.severe()) {
      logger.error("{} {}: {}", event.kind(), event.partition(), event.text());
    } else if (event.kind() == SegmentEvent.Kind.DISK_FREED) {
      logger.info("{} {}: {}", event.kind(), event.partition(), event.text());
    } else {
      logger.warn("{} {}: {}", event.kind(), event.partition(), event.text());
    }
  }

  /** How the storage is now. Any thread. */
  Storage storage() {
    return Storage.newBuilder()
        .setFreeBytes(engine.freeBytes())
        .setReserveBytes(config.limits().get(Limit.DISK_RESERVE_BYTES))
        .setDiskFull(engine.diskFull())
        .setStoppedPartitions(topics.registry().poisoned())
        .setDiskHangs(!diskWatch.answers())
        .build();
  }

  /** Has it told how the storage is, at once and each second. */
  void watchStorage(HealthReporter health) {
    Runnable look =
        () ->
            health.storage(
                topics.registry().poisoned() == 0
                    && topics.registry().allOpened()
                    && topics.registry().allCheckpointed(),
                !engine.diskFull() && diskWatch.answers());
    look.run();
    pools.ticker().scheduleWithFixedDelay(look, 1, 1, TimeUnit.SECONDS);
  }

  /** Has threads watched that others depend on, and all file calls, until it is closed. */
  void watchThreads(HealthReporter health, List<EventExecutor> loops) {
    ThreadWatchdog watch =
        new ThreadWatchdog(
                new ThreadWatchdog.Setting(
                    config.limits(),
                    System::nanoTime,
                    new LockHolderFinder(pools::thread),
                    health::threads,
                    end,
                    pools.words()))
            .threads(pools.prompt())
            .loops(loops);
    Runnable look =
        () -> {
          watch.run();
          diskWatch.run();
        };
    pools
        .scheduled("weir-watch")
        .scheduleWithFixedDelay(
            look, watch.intervalMillis(), watch.intervalMillis(), TimeUnit.MILLISECONDS);
  }

  ServerConfig config() {
    return config;
  }

  /** What ends the process when the service cannot go on. */
  ProcessTerminator end() {
    return end;
  }

  ThreadPools pools() {
    return pools;
  }

  LongSupplier clock() {
    return clock;
  }

  SegmentEngine engine() {
    return engine;
  }

  TopicLifecycle topics() {
    return topics;
  }

  ServerContext context() {
    return context;
  }

  /** Finishes what was taken and closes the log, whatever of it fails. Blocks. */
  void close() throws IOException {
    try (engine) {
      topics.close();
    } finally {
      release();
    }
  }

  private void release() {
    pools.close();
    telemetry.close().run();
  }
}
