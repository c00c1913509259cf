package dev.weir.service.topic;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.memory.MemoryEngine;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.partition.FakeEngine;
import dev.weir.service.partition.FakeLog;
import dev.weir.service.partition.ManualExecutor;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Random;

/** The topics of a process that runs when the test says so. Owned by one test. */
public final class TestTopics {
  public static final long START_NANOS = 1_700_000_000_000_000_000L;

  private static final long LATEST_BYTES = 1 << 24;

  public final FakeEngine engine;
  public final ManualExecutor writer = new ManualExecutor();
  public final ManualExecutor views = new ManualExecutor();
  public final ManualExecutor background = new ManualExecutor();

  /** What waits for a timer; each is due when the test says so. */
  public final ManualExecutor timers = new ManualExecutor();

  /** Hears what is counted, from the next start on. */
  public Meters meters = Meters.NONE;

  private final LogEngine real;
  private MemoryEngine memory;
  private final Limits limits;
  private final long tailBytes;
  private final Random random;
  private TopicLifecycle topics;
  private TailBudget tails;
  private Budget catalogBudget;
  private Budget memoryBudget;
  private long nowNanos = START_NANOS;
  private long starts;

  /** Topics over a fake engine. */
  public TestTopics(Limits limits, long tailBytes) {
    this(null, new FakeEngine(), limits, tailBytes, new Random(7));
  }

  /** Topics over another engine, and no fake one. */
  public TestTopics(LogEngine real, Limits limits) {
    this(real, limits, new Random(7));
  }

  /** The same with log ids that another start on the same files does not give again. */
  TestTopics(LogEngine real, Limits limits, Random random) {
    this(real, null, limits, 1 << 24, random);
  }

  private TestTopics(
      LogEngine real, FakeEngine fake, Limits limits, long tailBytes, Random random) {
    this.real = real == null ? fake : real;
    this.engine = fake;
    this.limits = limits;
    this.tailBytes = tailBytes;
    this.random = random;
    open();
  }

  private void open() {
    long start = ++starts << 16;
    long catalogBytes = limits.get(Limit.CATALOG_BUDGET_BYTES);
    catalogBudget =
        new Budget("catalog_budget_bytes", catalogBytes > 0 ? catalogBytes : Long.MAX_VALUE);
    tails = new TailBudget(new Budget("tail_bytes", tailBytes));
    long together = limits.get(Limit.MEMORY_LOG_BYTES);
    memoryBudget = new Budget("memory_log_bytes", together > 0 ? together : Long.MAX_VALUE);
    memory = new MemoryEngine(id -> start, limits.get(Limit.MEMORY_TOPIC_BYTES), memoryBudget);
    try {
      topics =
          TopicLifecycle.open(
              new TopicLifecycle.Engines(
                  real,
                  real instanceof SegmentEngine segments ? segments.buffered() : real,
                  memory),
              limits,
              n -> setting(),
              random,
              tails,
              Runnable::run);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private Runnable later(long delayNanos, Runnable task) {
    timers.execute(task);
    return () -> {};
  }

  private PartitionContext setting() {
    return new PartitionContext(
        limits,
        writer,
        views,
        background,
        this::later,
        this::nowNanos,
        meters,
        catalogBudget,
        new Budget("latest_bytes_max", LATEST_BYTES),
        SequenceRule.STRICT);
  }

  public TopicLifecycle topics() {
    return topics;
  }

  /** The budget of topics and sensors. */
  Budget catalogBudget() {
    return catalogBudget;
  }

  /** The budget of the logs of topics in memory. */
  Budget memoryBudget() {
    return memoryBudget;
  }

  /** The budget of the tails of topics on disk. */
  TailBudget tails() {
    return tails;
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** Moves the wall clock, perhaps back. */
  public void moveClock(long nanos) {
    nowNanos += nanos;
  }

  /** The topic of a name, created where it is missing. */
  public ServedTopic topic(String name, int partitions) {
    ServedTopic found = topics.registry().find(name);
    return found == null ? topics.create(name, partitions, Map.of(), "") : found;
  }

  /** The fake log of a partition. */
  public FakeLog log(ServedTopic topic, int partition) {
    return engine.log(topic.info().partition(partition));
  }

  /** The fake log of the system partition. */
  public FakeLog systemLog() {
    return engine.log(PartitionId.SYSTEM);
  }

  /**
   * Runs writers, views, background tasks and timers until nothing is left. Returns whether there
   * was any.
   */
  public boolean run() {
    boolean any = false;
    while (writer.runOne() || views.runOne() || background.runOne() || timers.runOne()) {
      any = true;
    }
    return any;
  }

  /** Writers and background tasks run as soon as they are asked. */
  public void runAtOnce() {
    writer.runAtOnce();
    views.runAtOnce();
    background.runAtOnce();
    timers.runAtOnce();
  }

  /** Stops in order: every partition writes its checkpoint. */
  public void stop() {
    for (ServedTopic topic : topics.registry().all()) {
      topic.partitions().forEach(Partition::close);
    }
    run();
    try {
      topics.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Another process on what is stored, whether or not this one was stopped. */
  public void restart() {
    writer.clear();
    views.clear();
    background.clear();
    timers.clear();
    if (engine != null) {
      engine.restart();
    }
    open();
  }
}
