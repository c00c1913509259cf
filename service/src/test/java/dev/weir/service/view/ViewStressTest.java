package dev.weir.service.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.mode.Mode;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.CutHolders;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A view on a thread of its own that loses what it holds meanwhile. */
@Timeout(60)
class ViewStressTest {
  private static final Selector S = Selector.newBuilder().addNames("s").build();
  private static final int ROUNDS = Integer.getInteger("weir.stress.rounds", 5_000);
  private static final int EVICTED_ROUNDS = 25;
  private static final int JOINS = 16;

  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 24);
  private final ServedTopic topic = world.topic("t", 1);
  private final TailBudget budget = new TailBudget(new Budget("tail_bytes", 1 << 24));
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  private ViewPartition open() throws Exception {
    ViewRegistry views =
        new ViewRegistry(
            new ViewRegistry.Setting(
                partition -> thread,
                budget,
                new Fanout(),
                1_024,
                1,
                Duration.ofMillis(1),
                new Budget("session_budget_bytes", 1L << 30),
                (partition, partitions) ->
                    new LastValuesFold(
                        partition, partitions, 100, new Budget("latest_bytes_max", 1 << 16))));
    ViewPartition view =
        views
            .acquire(
                topic,
                SelectedSensors.key(S),
                EventTimeRange.ALL,
                new Mode.OnChange(0, 0),
                () -> new SelectedSensors(topic.sensors(), S))
            .partition(0);
    Future<?> joined = view.join(null, CutHolders.unbounded());
    while (!joined.isDone()) {
      world.run(); // the last values it begins with
    }
    joined.get();
    return view;
  }

  private void publish() {
    var append =
        new PartitionRequest.Append(null, "", 0, 0, SampleBatches.named("s", 1), result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
    world.run();
  }

  @Test
  void whoJoinsWhileEntriesAreEvicted_hearsTheWholeCountOrNone() throws Exception {
    ViewPartition view = open();
    Deque<Position> places = new ArrayDeque<>();
    int known = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      publish();
      places.add(topic.heads().get(0));
      while (view.passed(places.element().offset())) {
        places.remove();
      }
      Position from = places.element(); // as far behind as the view still knows
      List<CompletableFuture<ViewPartition.Joined>> joining = new ArrayList<>();
      for (int i = 0; i < JOINS; i++) {
        joining.add(view.join(from, CutHolders.unbounded()));
      }
      if (round % EVICTED_ROUNDS == 0) {
        budget.gaveBack(view.evictHalf()); // as who makes room does, while the view thread counts
      }
      for (CompletableFuture<ViewPartition.Joined> joined : joining) {
        known += check(from, joined.get(10, TimeUnit.SECONDS)) ? 1 : 0;
      }
    }
    thread.shutdown();
    assertThat(known).as("counts that were known").isBetween(1, ROUNDS * JOINS - 1);
  }

  private static boolean check(Position from, ViewPartition.Joined joined) {
    if (joined.suppressed() < 0) {
      return false;
    }
    assertThat(joined.suppressed()).isEqualTo(joined.position().offset() - from.offset());
    return true;
  }
}
