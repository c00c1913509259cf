package dev.weir.service.session;

import dev.weir.service.admission.Admission;
import dev.weir.service.admission.Budgets;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValues;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.ReadRoom;
import dev.weir.service.partition.Tasks;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.partition.TestTopics;
import dev.weir.service.partition.Topic;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.telemetry.Meters;
import dev.weir.service.view.Views;
import java.time.Duration;
import java.util.Random;

/** What sessions share, over a fake engine, run by the test. Owned by one test. */
final class TestDesk {
  private static final long VIEW_BYTES = 1 << 24;

  final TestTopics world;
  final TestLoop loop = new TestLoop();
  final Tasks control = new Tasks();
  final Tasks catchUp = new Tasks();
  final Feeds feeds = new Feeds();
  final Fanout fanout = new Fanout();
  final Sessions sessions;
  final TailBudget viewBytes = new TailBudget(new Budget("tail_bytes", VIEW_BYTES));
  final Budget viewValues = new Budget("latest_bytes_max", VIEW_BYTES);
  final Views views;
  final Desk desk;
  private final int viewRecords;

  TestDesk(Limits limits) {
    this(limits, 1 << 24);
  }

  TestDesk(Limits limits, long tailBytes) {
    this(limits, tailBytes, limits.getInt(Limit.VIEW_RECORDS_MAX));
  }

  /** One whose views keep so few records, a power of two. */
  TestDesk(Limits limits, long tailBytes, int viewRecords) {
    this(new TestTopics(limits, tailBytes), limits, viewRecords);
  }

  /** The desk of the next process on what another one stored. */
  TestDesk(TestDesk before) {
    this(before.world, before.desk.limits(), before.viewRecords);
  }

  private TestDesk(TestTopics world, Limits limits, int viewRecords) {
    this.world = world;
    Duration retryDelay = Duration.ofMillis(100);
    this.sessions = new Sessions(limits.getInt(Limit.SESSIONS_MAX), retryDelay);
    this.viewRecords = viewRecords;
    Budgets budgets = Budgets.of(limits, 1L << 28, 1L << 28, 1_024);
    views =
        new Views(
            new Views.Setting(
                partition -> world.views,
                viewBytes,
                fanout,
                viewRecords,
                limits.getInt(Limit.VIEWS_MAX),
                retryDelay,
                budgets.sessions(),
                (partition, partitions) ->
                    new LastValues(
                        partition,
                        partitions,
                        limits.getInt(Limit.LATEST_VALUE_BYTES_MAX),
                        viewValues)));
    desk =
        new Desk(
            world.topics(),
            limits,
            new Control(control, retryDelay),
            new Control(control, retryDelay),
            CatchUp.on(catchUp, retryDelay, new ReadRoom(budgets.blocks(), budgets.sessions())),
            fanout,
            feeds,
            Meters.NONE,
            world::nowNanos,
            new Random(1),
            true,
            sessions,
            views,
            new Selections(budgets.sessions()),
            Admission.of(limits, budgets));
  }

  Topic topic(String name, int partitions) {
    return world.topic(name, partitions);
  }

  /** Runs everything but timers until nothing is left. */
  void run() {
    boolean moved = true;
    while (moved) {
      moved = loop.runOne() || world.run() || control.runOne() || catchUp.runOne();
    }
  }

  int openReaders(Topic topic) {
    int open = 0;
    for (Partition partition : topic.partitions()) {
      open += world.log(topic, partition.number()).openReaders();
    }
    return open;
  }
}
