package dev.weir.service.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.SelectedSensors;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.core.mode.Mode;
import dev.weir.service.fanout.Fanout;
import dev.weir.service.latest.CutHolders;
import dev.weir.service.latest.LastValuesCut;
import dev.weir.service.latest.LastValuesFold;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.partition.TestLoop;
import dev.weir.service.tail.TailBudget;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.topic.TestTopics;
import dev.weir.v1.Batch;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Views of a topic with two sensors, "x" and "y", over a fake log. */
class ViewPartitionTest {
  private static final Selector X = Selector.newBuilder().addNames("x").build();
  private static final int RECORDS = 8;

  private final TestTopics world = new TestTopics(Limits.defaults(), 1 << 20);
  private final ServedTopic topic = world.topic("t", 1);
  private final TestLoop loop = new TestLoop();
  private final Fanout fanout = new Fanout();
  private final Budget values = new Budget("latest_bytes_max", 1 << 16);
  private TailBudget budget = new TailBudget(new Budget("tail_bytes", 1 << 20));
  private IntFunction<LastValuesFold> makes =
      partition -> new LastValuesFold(partition, 1, 100, values);
  private ViewRegistry views = views();
  private int woken;

  private ViewRegistry views() {
    return new ViewRegistry(
        new ViewRegistry.Setting(
            partition -> world.views,
            budget,
            fanout,
            RECORDS,
            2,
            Duration.ofMillis(5),
            new Budget("session_budget_bytes", 1L << 30),
            (partition, partitions) -> makes.apply(partition)));
  }

  private View view(ServedTopic of, Selector selector, Mode mode) {
    return views.acquire(
        of,
        SelectedSensors.key(selector),
        EventTimeRange.ALL,
        mode,
        () -> new SelectedSensors(of.sensors(), selector));
  }

  private View every() {
    return view(topic, X, new Mode.Every());
  }

  private View onChange() {
    return view(topic, X, new Mode.OnChange(0, 0));
  }

  private void publish(String sensor, long... readings) {
    publish(SampleBatches.rows(sensor, readings));
  }

  private void publish(Batch batch) {
    var payload = SampleBatches.named(batch, 0);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(0).offer(append)).isTrue();
    world.run();
  }

  private Position head() {
    return topic.heads().get(0);
  }

  private void await(ViewPartition view) {
    fanout.await(view, loop, () -> woken++);
  }

  // ---- asking

  @Test
  void view_goesOnOnlyWhenItIsAsked() {
    ViewPartition view = every().partition(0);
    Position start = head();
    publish("x", 1);
    assertThat(view.position()).as("it has not begun").isNull();
    await(view);
    view.ask(start);
    assertThat(woken).isZero();
    world.run();
    loop.runOne();
    assertThat(woken).isEqualTo(1);
    assertThat(view.position()).isEqualTo(head());
    publish("y", 2);
    publish("x", 3, 3);
    assertThat(view.entry(1)).isNull();
    view.ask(view.position());
    world.run();
    assertThat(view.entry(0).readings()).isEqualTo(1);
    assertThat(view.entry(1).readings()).as("not selected").isZero();
    assertThat(view.entry(1).entryBytes()).isZero();
    assertThat(view.entry(2).readings()).isEqualTo(2);
    assertThat(view.entry(2).after()).isEqualTo(head());
    assertThat(view.passed(0)).isFalse();
  }

  @Test
  void ring_forgetsTheOldestRecords() {
    ViewPartition view = every().partition(0);
    Position start = head();
    for (int i = 0; i < RECORDS + 3; i++) {
      publish("x", i);
    }
    view.ask(start);
    world.run();
    assertThat(view.entry(2)).isNull();
    assertThat(view.passed(2)).isTrue();
    assertThat(view.passed(3)).isFalse();
    assertThat(view.entry(3)).isNotNull();
  }

  @Test
  void viewWithoutAMemory_jumpsOverWhatNobodyRead() {
    ViewPartition view = every().partition(0);
    view.ask(head());
    world.run();
    for (int i = 0; i < 5; i++) {
      publish("x", i);
    }
    Position asked = head();
    publish("x", 5);
    view.ask(asked);
    world.run();
    assertThat(view.entry(4)).isNull();
    assertThat(view.passed(4)).isTrue();
    assertThat(view.entry(5).readings()).isEqualTo(1);
    assertThat(view.position()).isEqualTo(head());
  }

  @Test
  void viewWithAMemory_readsWhatLiesBetween() {
    publish("x", 1);
    ViewPartition view = onChange().partition(0);
    CompletableFuture<ViewPartition.Joined> first = view.join(null, CutHolders.unbounded());
    world.run();
    assertThat(first.join().position()).isEqualTo(head());
    assertThat(first.join().sent().bits(0)).as("the last value").isEqualTo(1);
    Position before = head();
    publish("x", 1, 2, 2);
    publish("x", 2);
    view.ask(head());
    world.run();
    assertThat(view.entry(1).readings()).isEqualTo(1);
    assertThat(view.entry(1).suppressed()).isEqualTo(2);
    assertThat(view.entry(2).suppressed()).isEqualTo(1);
    CompletableFuture<ViewPartition.Joined> second = view.join(before, CutHolders.unbounded());
    world.run();
    assertThat(second.join().suppressed()).as("all that it passed over").isEqualTo(4);
    assertThat(second.join().sent().bits(0)).isEqualTo(2);
    assertThat(first.join().sent().bits(0)).as("as of then").isEqualTo(1);
  }

  @Test
  void joiningFromWhereTheViewForgot_mustComeNearer() {
    ViewPartition view = onChange().partition(0);
    Position before = head();
    view.join(null, CutHolders.unbounded());
    world.run();
    for (int i = 0; i < RECORDS + 1; i++) {
      publish("x", i);
    }
    CompletableFuture<ViewPartition.Joined> joined = view.join(before, CutHolders.unbounded());
    world.run();
    assertThat(joined.join().suppressed()).isEqualTo(-1);
  }

  // ---- failing

  @Test
  void failedRead_isToldAndTriedAgainWhenAsked() {
    Position start = head();
    publish("x", 1);
    world.restart();
    ServedTopic again = world.topic("t", 1);
    View of = view(again, X, new Mode.Every());
    ViewPartition view = of.partition(0);
    world.log(again, 0).failReads(true);
    await(view);
    view.ask(start);
    world.run();
    loop.runOne();
    assertThat(woken).as("who waits hears of it").isEqualTo(1);
    assertThat(view.failure()).isPresent();
    world.log(again, 0).failReads(false);
    view.ask(start);
    world.run();
    assertThat(view.failure()).isEmpty();
    assertThat(view.entry(0).readings()).isEqualTo(1);
    views.release(of);
    world.run();
    assertThat(world.log(again, 0).openReaders()).isZero();
  }

  @Test
  void memoryThatCannotBeMade_isToldToWhoJoinsAndTriedAgain() {
    publish("x", 1);
    makes = partition -> null; // it cannot be filled
    ViewPartition view = onChange().partition(0);
    CompletableFuture<ViewPartition.Joined> refused = view.join(null, CutHolders.unbounded());
    await(view);
    world.run();
    loop.runOne();
    assertThat(refused).isCompletedExceptionally();
    assertThat(woken).as("who waits hears of it").isEqualTo(1);
    assertThat(view.failure()).isPresent();
    makes = partition -> new LastValuesFold(partition, 1, 100, values);
    CompletableFuture<ViewPartition.Joined> joined = view.join(null, CutHolders.unbounded());
    world.run();
    assertThat(joined.join().sent().bits(0)).isEqualTo(1);
    assertThat(view.failure()).isEmpty();
  }

  @Test
  void readThatEndsInAnError_isToldToWhoWaits() {
    Position start = head();
    publish("x", 1);
    world.restart();
    ServedTopic again = world.topic("t", 1);
    world.run();
    ViewPartition view = view(again, X, new Mode.Every()).partition(0);
    Error defect = new OutOfMemoryError("on purpose");
    world.log(again, 0).readsEndIn(defect);
    await(view);
    view.ask(start);
    assertThatThrownBy(world::run).as("not kept from the thread").isSameAs(defect);
    loop.runOne();
    assertThat(woken).isEqualTo(1);
    assertThat(view.failure()).isPresent();
    world.log(again, 0).readsEndIn(null);
    view.ask(start);
    world.run();
    assertThat(view.failure()).isEmpty();
    assertThat(view.entry(0).readings()).isEqualTo(1);
  }

  @Test
  void memoryThatFailedWithinARecord_beginsAgainAtTheHead() {
    makes = partition -> new LastValuesFold(partition, 1, 100, null); // takes no TEXT
    ViewPartition view = onChange().partition(0);
    view.join(null, CutHolders.unbounded());
    world.run();
    Reading.Builder text = Reading.newBuilder().setSensor("x").setText("before");
    publish(Batch.newBuilder().addRows(text).build());
    makes = partition -> new LastValuesFold(partition, 1, 100, values);
    Position before = view.position();
    view.ask(before);
    world.run();
    assertThat(view.failure()).isPresent();
    view.ask(before);
    world.run();
    assertThat(view.failure()).isEmpty();
    assertThat(view.passed(before.offset())).as("who follows must join again").isTrue();
    publish(Batch.newBuilder().addRows(text.setText("after")).build());
    view.ask(head());
    world.run();
    assertThat(view.entry(1).readings()).isEqualTo(1);
    assertThat(values.used()).as("of the value sent last").isEqualTo(5 + 24);
  }

  @Test
  void damage_isPassedOver() {
    publish("x", 1);
    publish("x", 2);
    world.log(topic, 0).damage(1);
    world.restart();
    ServedTopic again = world.topic("t", 1);
    ViewPartition view = view(again, X, new Mode.Every()).partition(0);
    view.ask(again.range(0).earliest());
    world.run();
    assertThat(view.entry(0)).isNotNull();
    assertThat(view.entry(1)).isNull();
    assertThat(view.position().offset()).isEqualTo(2);
    assertThat(view.position().readingsSeen()).isEqualTo(again.heads().get(0).readingsSeen());
  }

  // ---- memory

  @Test
  void fullBudget_evictsTheOlderHalf() {
    budget = new TailBudget(new Budget("tail_bytes", 2_000));
    views = views();
    ViewPartition view = every().partition(0);
    Position start = head();
    for (int i = 0; i < RECORDS; i++) {
      publish("x", i);
    }
    view.ask(start);
    world.run();
    assertThat(budget.bytes()).isBetween(1L, 2_000L);
    assertThat(view.entry(0)).isNull();
    assertThat(view.passed(0)).isTrue();
    assertThat(view.entry(RECORDS - 1)).isNotNull();
    assertThat(view.isEmpty()).isFalse();
  }

  @Test
  void recordsThatMatchAsAWhole_countAgainstTheBudget() {
    budget = new TailBudget(new Budget("tail_bytes", 20_000));
    views = views();
    ViewPartition view = every().partition(0);
    Position start = head();
    for (int i = 0; i < RECORDS; i++) {
      publish("x", new long[10_000]); // a byte each
    }
    view.ask(start);
    world.run();
    long held = 0;
    for (int i = 0; i < RECORDS; i++) {
      ViewEntry entry = view.entry(i);
      held += entry == null ? 0 : entry.batch().array().length;
    }
    assertThat(held).isBetween(10_000L, 20_000L);
  }

  @Test
  void viewWithAMemory_holdsNoLastValueThatItDoesNotSelect() {
    publish("x", 1);
    Reading.Builder text = Reading.newBuilder().setSensor("y").setText("t".repeat(50));
    publish(Batch.newBuilder().addRows(text).build());
    CompletableFuture<ViewPartition.Joined> joined =
        onChange().partition(0).join(null, CutHolders.unbounded());
    world.run();
    LastValuesCut sent = joined.join().sent();
    assertThat(sent.has(topic.sensors().byName("x").id())).isTrue();
    assertThat(sent.has(topic.sensors().byName("y").id())).isFalse();
    assertThat(values.used()).isZero();
  }

  @Test
  void viewAtTheHead_keepsNoFileOpen() {
    publish("x", 1);
    publish("x", 2);
    world.restart();
    ServedTopic again = world.topic("t", 1);
    ViewPartition view = view(again, X, new Mode.Every()).partition(0);
    view.ask(again.range(0).earliest());
    world.run();
    assertThat(view.entry(1)).isNotNull();
    assertThat(world.log(again, 0).openReaders()).isZero();
  }

  @Test
  void closedView_givesBackEverything() {
    publish("x", 1);
    View every = every();
    View onChange = onChange();
    every.partition(0).ask(topic.range(0).earliest());
    onChange.partition(0).join(null, CutHolders.unbounded());
    await(every.partition(0));
    world.run();
    assertThat(budget.bytes()).isPositive();
    CompletableFuture<ViewPartition.Joined> late =
        onChange.partition(0).join(null, CutHolders.unbounded());
    views.release(every);
    views.release(onChange);
    world.run();
    loop.runOne();
    assertThat(budget.bytes()).isZero();
    assertThat(values.used()).isZero();
    assertThat(late).as("answered or refused").isDone();
    publish("x", 2);
    every.partition(0).ask(head());
    world.run();
    assertThat(budget.bytes()).as("it is gone").isZero();
  }

  // ---- sharing

  @Test
  void sameTerms_areOneViewUntilTheLastUserGivesItBack() {
    View first = every();
    View same = view(topic, X, new Mode.Every());
    assertThat(same).isSameAs(first);
    View other = onChange();
    assertThat(other).isNotSameAs(first);
    assertThat(views.size()).isEqualTo(2);
    Selector y = Selector.newBuilder().addNames("y").build();
    FaultException full =
        catchThrowableOfType(FaultException.class, () -> view(topic, y, new Mode.Every()));
    assertThat(full.fault().code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(full.fault().retryDelay()).contains(Duration.ofMillis(5));
    views.release(first);
    assertThat(views.size()).isEqualTo(2);
    views.release(same);
    assertThat(views.size()).isEqualTo(1);
    assertThat(view(topic, y, new Mode.Every())).isNotSameAs(first);
  }
}
