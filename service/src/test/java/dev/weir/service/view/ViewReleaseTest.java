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
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a view lets go: bytes of its budget, and what it cannot answer for. */
class ViewReleaseTest {
  private static final Selector NAME = Selector.newBuilder().addNames("s").build();

  private final TailBudget budget = new TailBudget(new Budget("tail_bytes", 1 << 24));
  private TestTopics world;
  private ServedTopic topic;
  private ViewRegistry views;

  private void open(long tailBytes) {
    world = new TestTopics(Limits.defaults(), tailBytes);
    topic = world.topic("t", 1);
    views =
        new ViewRegistry(
            new ViewRegistry.Setting(
                partition -> world.views,
                budget,
                new Fanout(),
                16,
                10,
                Duration.ofMillis(1),
                new Budget("session_budget_bytes", 1L << 30),
                (partition, partitions) ->
                    new LastValuesFold(
                        partition, partitions, 1_000, new Budget("latest_bytes_max", 1 << 20))));
  }

  private View acquire(Mode mode) {
    return views.acquire(
        topic,
        SelectedSensors.key(NAME),
        EventTimeRange.ALL,
        mode,
        () -> new SelectedSensors(topic.sensors(), NAME));
  }

  private void offer(long value) {
    var payload = SampleBatches.named("s", value);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
  }

  private void publish(int records) {
    for (int i = 0; i < records; i++) {
      offer(i);
      world.run();
    }
  }

  private void ask(View view, Position at) {
    view.partition(0).ask(at);
    world.run();
  }

  /** A view that holds some records. */
  private View filled() {
    View view = acquire(new Mode.Every());
    Position begin = topic.heads().get(0);
    ask(view, begin);
    publish(6);
    ask(view, begin);
    assertThat(budget.bytes()).isPositive();
    assertThat(view.partition(0).entry(0)).isNotNull();
    return view;
  }

  @Test
  void viewThatBeginsElsewhere_givesBackWhatItHeld() {
    open(1 << 24);
    View view = filled();
    publish(2);
    ask(view, topic.heads().get(0));
    assertThat(view.partition(0).isEmpty()).as("nothing could be evicted").isTrue();
    assertThat(budget.bytes()).isZero();
    assertThat(view.partition(0).entry(0)).isNull();
  }

  @Test
  void viewEvictedWhileItCloses_givesItsBytesBackOnce() {
    open(1 << 24);
    View view = filled();
    views.release(view);
    world.run();
    assertThat(budget.bytes()).isZero();
    // Who makes room may have chosen it a moment before.
    assertThat(view.partition(0).evictHalf()).isZero();
  }

  @Test
  void damagePassedByTheView_isLeftToWhoJoins() {
    open(0);
    publish(1);
    ViewPartition view = acquire(new Mode.Sample(1)).partition(0);
    CompletableFuture<ViewPartition.Joined> first = view.join(null, CutHolders.unbounded());
    world.run();
    Position before = topic.heads().get(0);
    assertThat(first.join().position()).isEqualTo(before);

    offer(7);
    boolean wrote = true;
    while (wrote) {
      wrote = world.writer.runOne();
    }
    world.log(topic, 0).damage(1);
    CompletableFuture<ViewPartition.Joined> second = view.join(before, CutHolders.unbounded());
    world.run();
    assertThat(second.join().suppressed()).as("it must tell the gap").isEqualTo(-1);
    CompletableFuture<ViewPartition.Joined> again =
        view.join(topic.heads().get(0), CutHolders.unbounded());
    world.run();
    assertThat(again.join().suppressed()).isZero();
    assertThat(again.join().position()).isEqualTo(topic.heads().get(0));
  }
}
