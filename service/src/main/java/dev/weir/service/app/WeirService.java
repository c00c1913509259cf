package dev.weir.service.app;

import dev.weir.common.file.DataFiles;
import dev.weir.service.admission.Admission;
import dev.weir.service.admission.Budgets;
import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.fault.ServerFaults;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogEngineEvent;
import dev.weir.service.log.LogEngineProviders;
import dev.weir.service.log.LogEngineSettings;
import dev.weir.service.log.LogEngines;
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
import dev.weir.v1.Durability;
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
 * The service without any transport: the log engines, the topics and what sessions share.
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
  private final ServerFaults faults;
  private final ServerClock clock = new ServerClock();
  private final LogEngines engines;
  private final TopicLifecycle topics;
  private final ServerContext context;
  private final DiskWatchdog diskWatch;

  /** Opens the log and every topic in it. Blocks on disk. */
  WeirService(
      ServerConfig config,
      DataFiles files,
      OpenTelemetrySetup telemetry,
      ServerFaults faults,
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
    engines = open(budgets, new WatchedFiles(faults.files(files)), random, standby);
    engines.background().forEach(this::repeat);
    pools
        .ticker()
        .scheduleWithFixedDelay(
            new ClockJumpWatch(clock::wallAheadNanos), 10, 10, TimeUnit.SECONDS);
    TailBudget tails = new TailBudget(budgets.tail());
    pools.ticker().scheduleWithFixedDelay(tails::settle, 1, 1, TimeUnit.SECONDS);
    long openingNanos = clock.getAsLong();
    topics = open(limits, partition -> partitionContext(budgets, partition), random, tails);
    tellOpenings(topics.openings(), clock.getAsLong() - openingNanos);
    context = context(budgets, tails, random);
    measure();
    schedule();
  }

  private PartitionContext partitionContext(Budgets budgets, int partition) {
    return new PartitionContext(
        config.limits(),
        pools.writer(partition),
        pools.view(partition),
        pools.background(),
        pools.timer(),
        clock,
        telemetry.meters(),
        budgets.catalog(),
        budgets.latest(),
        faults.sequenceRule());
  }

  /** Makes what sessions share. */
  private ServerContext context(Budgets budgets, TailBudget tails, SecureRandom random) {
    Limits limits = config.limits();
    Duration retryDelay = Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS));
    Fanout fanout = new Fanout();
    return new ServerContext(
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
        new FeedRegistry(),
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
  }

  /** Has the metrics ask for what is not counted as it happens. */
  private void measure() {
    telemetry.meters().lagFrom(context.feeds()::lagReadingsByTopic);
    telemetry.meters().stallsFrom(context.feeds()::stalls);
    telemetry
        .meters()
        .storageFrom(
            () -> engines.health().freeBytes(),
            () -> config.limits().get(Limit.DISK_RESERVE_BYTES),
            () -> (long) topics.registry().poisoned(),
            () -> diskWatch.answers() ? 0 : 1);
  }

  /** Begins what is done again and again once everything is made. */
  private void schedule() {
    long checkMillis = config.limits().get(Limit.RETENTION_CHECK_MS);
    Semaphore retaining = new Semaphore(RETENTIONS_MAX);
    pools
        .ticker()
        .scheduleWithFixedDelay(
            () -> retain(retaining), checkMillis, checkMillis, TimeUnit.MILLISECONDS);
    pools
        .ticker()
        .scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    pools
        .ticker()
        .scheduleWithFixedDelay(context.admission().snapshots()::settle, 1, 1, TimeUnit.SECONDS);
    SessionWatchdog watch = new SessionWatchdog(context);
    long watchMillis = watch.interval().toMillis();
    pools.ticker().scheduleWithFixedDelay(watch, watchMillis, watchMillis, TimeUnit.MILLISECONDS);
  }

  /** Lets go of selectors that nobody uses, and of clients that left and owe nothing. */
  private void sweep() {
    context.selections().sweep();
    context.admission().clients().sweep(clock.getAsLong());
  }

  /** Has a task of an engine run again and again. */
  private void repeat(LogEngine.BackgroundTask task) {
    long millis = task.period().toMillis();
    Runnable run = task.blocks() ? () -> pools.mark(task.task()) : task.task();
    pools.ticker().scheduleWithFixedDelay(run, millis, millis, TimeUnit.MILLISECONDS);
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
        engines.health().checkedBytes(),
        config.limits().get(Limit.SEGMENT_BYTES),
        TimeUnit.NANOSECONDS.toMillis(all.replayNanos()),
        all.records(),
        all.bytes(),
        config.limits().get(Limit.CHECKPOINT_INTERVAL_BYTES));
  }

  private LogEngines open(
      Budgets budgets, DataFiles files, SecureRandom random, StandbyWait standby)
      throws IOException {
    var settings =
        new LogEngineSettings(
            config.dataDir(),
            files,
            config.limits(),
            clock,
            random,
            timed(pools.sync()),
            WeirService::log,
            budgets.blocks(),
            budgets.files(),
            budgets.memoryLog(),
            true,
            true);
    try {
      LogEngineProviders providers = LogEngineProviders.load();
      while (true) {
        try {
          return LogEngines.open(providers, faults.engineSettings(settings));
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
      Limits limits, IntFunction<PartitionContext> settings, SecureRandom random, TailBudget tails)
      throws IOException {
    try {
      var byDurability =
          new TopicLifecycle.Engines(
              faults.engine(engines.of(Durability.DURABILITY_SYNCED)),
              faults.engine(engines.of(Durability.DURABILITY_BUFFERED)),
              engines.of(Durability.DURABILITY_MEMORY));
      return TopicLifecycle.open(
          byDurability, limits, settings, random, tails, pools.system(), pools::sideBySide);
    } catch (IOException | RuntimeException failed) {
      try (engines) {
        throw failed;
      } finally {
        release();
      }
    }
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

  private static void log(LogEngineEvent event) {
    switch (event.severity()) {
      case ERROR -> logger.error("{} {}: {}", event.kind(), event.partition(), event.text());
      case WARNING -> logger.warn("{} {}: {}", event.kind(), event.partition(), event.text());
      case INFO -> logger.info("{} {}: {}", event.kind(), event.partition(), event.text());
    }
  }

  /** Returns the state of the storage now. Any thread. */
  Storage storage() {
    LogEngine.Health health = engines.health();
    return Storage.newBuilder()
        .setFreeBytes(health.freeBytes())
        .setReserveBytes(config.limits().get(Limit.DISK_RESERVE_BYTES))
        .setDiskFull(health.full())
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
                !engines.health().full() && diskWatch.answers());
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

  /** Returns the terminator that ends the process when the service cannot go on. */
  ProcessTerminator end() {
    return end;
  }

  ThreadPools pools() {
    return pools;
  }

  LongSupplier clock() {
    return clock;
  }

  LogEngines engines() {
    return engines;
  }

  TopicLifecycle topics() {
    return topics;
  }

  ServerContext context() {
    return context;
  }

  /** Finishes what was taken and closes the log, whatever of it fails. Blocks. */
  void close() throws IOException {
    try (engines) {
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
