package dev.weir.service.session;

import dev.weir.service.admission.Admission;
import dev.weir.service.admission.Budgets;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.partition.ManualExecutor;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.ReadMemory;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.service.view.ViewRegistry;
import java.time.Duration;
import java.util.Random;

/** What sessions share, over a fake engine, run by the test. Owned by one test. */
public final class TestServerContext {
  private static final long VIEW_BYTES = 1 << 24;

  public final TestTopics world;
  public final TestLoop loop = new TestLoop();
  public final ManualExecutor control = new ManualExecutor();
  public final ManualExecutor catchUp = new ManualExecutor();
  public final FeedRegistry feeds = new FeedRegistry();
  final Fanout fanout = new Fanout();
  public final SessionRegistry sessions;
  public final TailBudget viewBytes = new TailBudget(new Budget("tail_bytes", VIEW_BYTES));
  public final Budget viewValues = new Budget("latest_bytes_max", VIEW_BYTES);
  public final ViewRegistry views;
  public final ServerContext context;
  private final int viewRecords;

  public TestServerContext(Limits limits) {
    this(limits, 1 << 24);
  }

  public TestServerContext(Limits limits, long tailBytes) {
    this(limits, tailBytes, limits.getInt(Limit.VIEW_RECORDS_MAX));
  }

  /** One whose views keep so few records, a power of two. */
  public TestServerContext(Limits limits, long tailBytes, int viewRecords) {
    this(new TestTopics(limits, tailBytes), limits, viewRecords);
  }

  /** The context of the next process on what another one stored. */
  public TestServerContext(TestServerContext before) {
    this(before.world, before.context.limits(), before.viewRecords);
  }

  private TestServerContext(TestTopics world, Limits limits, int viewRecords) {
    this.world = world;
    Duration retryDelay = Duration.ofMillis(100);
    this.sessions = new SessionRegistry(limits.getInt(Limit.SESSIONS_MAX), retryDelay);
    this.viewRecords = viewRecords;
    Budgets budgets = Budgets.of(limits, 1L << 28, 1L << 28, 1_024);
    views =
        new ViewRegistry(
            new ViewRegistry.Setting(
                partition -> world.views,
                viewBytes,
                fanout,
                viewRecords,
                limits.getInt(Limit.VIEWS_MAX),
                retryDelay,
                budgets.sessions(),
                (partition, partitions) ->
                    new LastValuesFold(
                        partition,
                        partitions,
                        limits.getInt(Limit.LATEST_VALUE_BYTES_MAX),
                        viewValues)));
    context =
        new ServerContext(
            world.topics(),
            limits,
            new ControlPool(control, retryDelay),
            new ControlPool(control, retryDelay),
            CatchUpPool.on(
                catchUp, retryDelay, new ReadMemory(budgets.blocks(), budgets.sessions())),
            fanout,
            feeds,
            Meters.NONE,
            world::nowNanos,
            new Random(1),
            true,
            sessions,
            views,
            new SelectionCache(budgets.sessions()),
            Admission.of(limits, budgets));
  }

  public ServedTopic topic(String name, int partitions) {
    return world.topic(name, partitions);
  }

  /** Runs everything but timers until nothing is left. */
  public void run() {
    boolean moved = true;
    while (moved) {
      moved = loop.runOne() || world.run() || control.runOne() || catchUp.runOne();
    }
  }

  public int openReaders(ServedTopic topic) {
    int open = 0;
    for (Partition partition : topic.partitions()) {
      open += world.log(topic, partition.number()).openReaders();
    }
    return open;
  }
}
