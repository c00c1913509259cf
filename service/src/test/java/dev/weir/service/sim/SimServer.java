package dev.weir.service.sim;

import dev.weir.common.Loop;
import dev.weir.service.admission.Admission;
import dev.weir.service.admission.Budgets;
import dev.weir.service.catalog.CursorStore;
import dev.weir.service.catalog.TopicSettings;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.memory.MemoryEngine;
import dev.weir.service.log.segment.SegmentEngine;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.partition.ReadMemory;
import dev.weir.service.session.CatchUpPool;
import dev.weir.service.session.ControlPool;
import dev.weir.service.session.FeedRegistry;
import dev.weir.service.session.SelectionCache;
import dev.weir.service.session.ServerContext;
import dev.weir.service.session.SessionRegistry;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TopicLifecycle;
import dev.weir.service.view.ViewRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One server process on a simulated disk, wired as the program is. Owned by one world. */
final class SimServer {
  static final String TOPIC = "t";
  private static final Path DATA = Path.of("/data");
  private static final long HEAP_BYTES = 1L << 28;
  private static final long TICK_NANOS = 200_000_000L;

  private final SimServerSettings setup;
  private final VirtualSchedule schedule;
  private final InvariantLedger book;
  private final InjectedDefects broken;
  private final List<TaskQueue> lines = new ArrayList<>();
  private final List<SimLoop> loops = new ArrayList<>();
  private final List<TaskQueue> writers = new ArrayList<>();
  private final List<TaskQueue> views = new ArrayList<>();
  private final List<SimCall> calls = new ArrayList<>();
  private final TaskQueue background;
  private final TaskQueue ticker;
  private SegmentEngine engine;
  private Budgets budgets;
  private SelectionCache selections;
  private TopicLifecycle topics;
  private ServerContext context;
  private int starts;

  /** Starts a process. On an exception it is dead, and what it did stays on the disk. */
  SimServer(
      SimServerSettings setup,
      VirtualSchedule schedule,
      SimDisk disk,
      InvariantLedger book,
      InjectedDefects broken)
      throws IOException {
    this.setup = setup;
    this.schedule = schedule;
    this.book = book;
    this.broken = broken;
    for (int i = 0; i < 2; i++) {
      loops.add(new SimLoop(schedule, line("loop", 1), line("loop bulk", 1), broken.lost()));
      writers.add(line("writer", 1));
      views.add(line("view", 1));
    }
    background = line("background", 1);
    ticker = line("ticker", 1);
    try {
      open(disk, broken);
    } catch (IOException | RuntimeException failed) {
      kill();
      throw failed;
    }
    every(TICK_NANOS, ticker, engine::tick);
    every(setup.retentionNanos(), background, topics::retain);
  }

  private TaskQueue line(String name, int width) {
    TaskQueue line = schedule.line(name, width);
    lines.add(line);
    return line;
  }

  private void every(long nanos, TaskQueue line, Runnable task) {
    schedule.after(
        nanos,
        line,
        () -> {
          task.run();
          every(nanos, line, task);
        });
  }

  private Runnable after(long nanos, Runnable task) {
    schedule.after(nanos, ticker, task);
    return () -> {};
  }

  private void open(SimDisk disk, InjectedDefects broken) throws IOException {
    Limits limits = setup.limits();
    TaskQueue sync = line("sync", 2);
    budgets = Budgets.of(limits, HEAP_BYTES, HEAP_BYTES, 1_024);
    selections = new SelectionCache(budgets.sessions());
    var setting =
        new SegmentEngine.Setting(
            setup.clock(),
            schedule.random,
            sync,
            event -> {},
            budgets.blocks(),
            budgets.files(),
            Duration.ofSeconds(1));
    engine = SegmentEngine.open(DATA, disk, setup.segments(), setting);
    var tails = new TailBudget(budgets.tail());
    var memory =
        new MemoryEngine(
            engine::newEpoch, limits.get(Limit.MEMORY_TOPIC_BYTES), budgets.memoryLog());
    TaskQueue system = line("system", 1);
    topics =
        TopicLifecycle.open(
            new TopicLifecycle.Engines(
                new CheckedEngine(engine, book, broken), engine.buffered(), memory),
            limits,
            n ->
                new PartitionContext(
                    limits,
                    writers.get(n % 2),
                    views.get(n % 2),
                    background,
                    this::after,
                    setup.clock(),
                    Meters.NONE,
                    budgets.catalog(),
                    budgets.latest(),
                    broken.rule()),
            schedule.random,
            tails,
            system);
    if (topics.registry().cannotOpen(TOPIC)) { // then it is started again, as an operator does
      Fault why = topics.registry().refusal(TOPIC);
      throw why.code() == ErrorCode.DATA_LOSS
          ? new DataLossException(why.message())
          : new IOException(why.message());
    }
    for (String name : book.committedNames()) {
      book.commitFound(name, book.committed(name), committed(name));
    }
    context = context(limits, tails);
  }

  private ServerContext context(Limits limits, TailBudget tails) {
    Duration retry = Duration.ofMillis(limits.get(Limit.RETRY_DELAY_MS));
    Fanout fanout = new Fanout();
    var values =
        new ViewRegistry.Setting(
            n -> views.get(Math.floorMod(n, 2)),
            tails,
            fanout,
            limits.getInt(Limit.VIEW_RECORDS_MAX),
            limits.getInt(Limit.VIEWS_MAX),
            retry,
            budgets.sessions(),
            (partition, partitions) ->
                new LastValuesFold(
                    partition,
                    partitions,
                    limits.getInt(Limit.LATEST_VALUE_BYTES_MAX),
                    budgets.latest()));
    return new ServerContext(
        topics,
        limits,
        new ControlPool(line("control", 2), retry),
        new ControlPool(line("topics", 1), retry),
        CatchUpPool.on(
            line("catch-up", 2).bounded(setup.catchUpTasks()),
            retry,
            new ReadMemory(budgets.blocks(), budgets.sessions())),
        fanout,
        new FeedRegistry(),
        Meters.NONE,
        setup.clock(),
        schedule.random,
        false,
        new SessionRegistry(limits.getInt(Limit.SESSIONS_MAX), retry),
        new ViewRegistry(values),
        selections,
        Admission.of(limits, budgets));
  }

  /** Makes the topic where it is missing; what blocks runs at once meanwhile. */
  void create(TopicSettings settings) {
    schedule.atOnce(true);
    topics.create(TOPIC, settings, "");
    schedule.atOnce(false);
  }

  private dev.weir.service.core.cursor.Cursor committed(String name) {
    ServedTopic topic = topic();
    return topic == null
        ? null
        : topics
            .registry()
            .cursors()
            .find(topic.info(), name)
            .map(CursorStore.Committed::cursor)
            .orElse(null);
  }

  /** The topic; null before it is created. */
  ServedTopic topic() {
    return topics.registry().find(TOPIC);
  }

  ServerContext context() {
    return context;
  }

  /** An event loop for a new call. */
  Loop loop() {
    return loops.get(starts++ % loops.size());
  }

  /** Returns whether a partition takes nothing more until a restart. */
  boolean poisoned() {
    return topic().partitions().stream().anyMatch(Partition::poisoned);
  }

  /** Notes where the logs begin now. */
  void lookAtRetention() {
    for (Partition partition : topic().partitions()) {
      book.partition(partition.number()).startsAt(partition.log().startOffset());
    }
  }

  /** Reads every log as it is now, and compares. */
  void compare() throws IOException {
    for (Partition partition : topic().partitions()) {
      CheckedEngine.compare(partition.log(), book.partition(partition.number()));
    }
  }

  /** A call of it has begun. */
  void begun(SimCall call) {
    calls.add(call);
  }

  /** The budgets that are never overrun here. */
  List<Budget> charged() {
    return List.of(
        budgets.publish(),
        budgets.unsent(),
        budgets.requests(),
        budgets.sessions(),
        budgets.catalog(),
        budgets.latest(),
        budgets.memoryLog(),
        budgets.blocks(),
        budgets.files());
  }

  /** Stops in order: what was taken is finished, checkpoints are written. */
  void close() throws IOException {
    schedule.drain();
    calls.forEach(SimCall::hangUp); // also those whose end it would have heard of later
    schedule.drain();
    broken.atStop(budgets);
    selections.sweep();
    selections.sweep();
    book.nothingHeld(
        List.of(budgets.publish(), budgets.unsent(), budgets.requests(), budgets.sessions()),
        "its calls");
    schedule.atOnce(true);
    SegmentEngine last = engine;
    try (last) {
      topics.close();
    } finally {
      schedule.atOnce(false);
      kill();
    }
    book.nothingHeld(List.of(budgets.blocks(), budgets.files()), "its readers");
  }

  /** Nothing of it runs any more. */
  void kill() {
    lines.forEach(schedule::drop);
  }
}
