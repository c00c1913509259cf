package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.Loop;
import dev.weir.service.admission.Admission;
import dev.weir.service.admission.Budgets;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.credit.SubscriptionCredit;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.partition.FakeEngine;
import dev.weir.service.partition.PartitionContext;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.ReadMemory;
import dev.weir.service.partition.SampleBatches;
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
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A feed at the head and a writer, by real threads: each commit races the feed that falls asleep.
 */
@Timeout(30)
class FeedStressTest {
  private static final int BATCHES = 3_000;

  private record ThreadLoop(ExecutorService thread) implements Loop {
    @Override
    public boolean inLoop() {
      return false;
    }

    @Override
    public void post(Runnable task) {
      thread.execute(task);
    }

    @Override
    public Runnable schedule(long delayNanos, Runnable task) {
      throw new UnsupportedOperationException();
    }
  }

  /** Says everything its feed has, as a session does. */
  private static final class Pump {
    private final AtomicLong readings = new AtomicLong();
    private volatile boolean caughtUp;
    private Feed feed;

    void run() {
      for (FeedEvent said = feed.next(); said != null; said = feed.next()) {
        if (said instanceof FeedEvent.Data data) {
          readings.addAndGet(data.readings());
        } else if (said instanceof FeedEvent.PhaseChanged changed) {
          caughtUp = changed.phase() == Phase.PHASE_CAUGHT_UP;
        }
      }
    }
  }

  @Test
  void everyCommit_isDelivered() throws Exception {
    Selector all = Selector.newBuilder().setAll(true).build();
    deliver(Subscription.newBuilder().setSelector(all));
  }

  @Test
  void everyCommit_isDeliveredThroughAView() throws Exception {
    Selector one = Selector.newBuilder().addNames("x").build();
    deliver(Subscription.newBuilder().setSelector(one));
  }

  @Test
  void everyChange_isDeliveredThroughAViewWithAMemory() throws Exception {
    Selector all = Selector.newBuilder().setAll(true).build();
    deliver(Subscription.newBuilder().setSelector(all).setMode(Mode.MODE_ON_CHANGE));
  }

  private static void deliver(Subscription.Builder asked) throws Exception {
    ExecutorService writer = Executors.newSingleThreadExecutor();
    ExecutorService view = Executors.newSingleThreadExecutor();
    ExecutorService loop = Executors.newSingleThreadExecutor();
    TailBudget budget = new TailBudget(new Budget("tail_bytes", 1 << 20));
    TopicLifecycle topics = topics(writer, view, budget);
    ServedTopic topic = topics.create("t", 1, Map.of(), "");
    ServerContext context = context(topics, view, budget);
    Pump pump = new Pump();
    FeedSpec order =
        SubscriptionResolver.of(context, asked.setTopic("t").build(), FeedFormat.COLUMNS);
    loop.submit(() -> start(context, order, new ThreadLoop(loop), pump)).get(10, TimeUnit.SECONDS);
    if (order.reduced()) { // what is stored while it joins would be in its snapshot only
      while (!pump.caughtUp && !Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
    }

    for (long stored = 1; stored <= BATCHES; stored++) {
      var payload = SampleBatches.named("x", stored);
      var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
      assertThat(topic.partitions().get(0).offer(append)).isTrue();
      while (pump.readings.get() < stored && !Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
    }
    assertThat(pump.readings).hasValue(BATCHES);
    loop.submit(pump.feed::close).get(10, TimeUnit.SECONDS);
    assertThat(context.views().size()).isZero();
    for (ExecutorService thread : List.of(loop, view, writer)) {
      thread.shutdown();
    }
  }

  private static Runnable atOnce(long delayNanos, Runnable task) {
    task.run();
    return () -> {};
  }

  private static TopicLifecycle topics(
      ExecutorService writer, ExecutorService view, TailBudget budget) throws IOException {
    var setting =
        new PartitionContext(
            Limits.defaults(),
            writer,
            view,
            writer,
            FeedStressTest::atOnce,
            () -> 7,
            Meters.NONE,
            new Budget("catalog_budget_bytes", Long.MAX_VALUE),
            new Budget("latest_bytes_max", 0),
            SequenceRule.STRICT);
    return TopicLifecycle.open(
        new TopicLifecycle.Engines(new FakeEngine(), new FakeEngine(), new FakeEngine()),
        Limits.defaults(),
        n -> setting,
        new Random(1),
        budget,
        Runnable::run);
  }

  private static ServerContext context(
      TopicLifecycle topics, ExecutorService view, TailBudget budget) {
    Fanout fanout = new Fanout();
    ControlPool control = new ControlPool(Runnable::run, Duration.ofMillis(1));
    var setting =
        new ViewRegistry.Setting(
            partition -> view,
            budget,
            fanout,
            1_024,
            10,
            Duration.ofMillis(1),
            new Budget("session_budget_bytes", 1L << 30),
            (partition, partitions) ->
                new LastValuesFold(partition, partitions, 0, new Budget("latest_bytes_max", 0)));
    return new ServerContext(
        topics,
        Limits.defaults(),
        control,
        control,
        CatchUpPool.on(
            Runnable::run,
            Duration.ofMillis(1),
            new ReadMemory(
                new Budget("catchup_block_bytes", 1 << 20),
                new Budget("session_budget_bytes", 1 << 20))),
        fanout,
        new FeedRegistry(),
        Meters.NONE,
        () -> 7,
        new Random(1),
        false,
        new SessionRegistry(1, Duration.ofMillis(100)),
        new ViewRegistry(setting),
        new SelectionCache(new Budget("session_budget_bytes", Long.MAX_VALUE)),
        Admission.of(Limits.defaults(), Budgets.of(Limits.defaults(), 1L << 28, 1L << 28, 1_024)));
  }

  private static void start(ServerContext context, FeedSpec order, Loop loop, Pump pump) {
    var setting = FeedSetting.of(context, loop, 1 << 16, () -> true, pump::run);
    pump.feed = new Feed(setting, order, SubscriptionCredit.unlimited());
    pump.run();
  }
}
