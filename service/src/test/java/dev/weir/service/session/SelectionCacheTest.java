package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Kind;
import dev.weir.v1.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Compiled selectors that are shared. */
class SelectionCacheTest {
  private static final Selector GLOB = Selector.newBuilder().addGlobs("**/x*1/**").build();

  private final TestServerContext context = new TestServerContext(Limits.defaults());
  private final ServedTopic topic = context.topic("t", 2);
  private final Budget budget = new Budget("session_budget_bytes", 1 << 20);
  private final SelectionCache selections = new SelectionCache(budget);
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private int room = 100;
  private final ControlPool control =
      new ControlPool(
          task -> {
            if (tasks.size() >= room) {
              throw new RejectedExecutionException();
            }
            tasks.add(task);
          },
          Duration.ofMillis(100));

  private void sensors(int count) {
    for (int id = 0; id < count; id++) {
      topic
          .sensors()
          .add(new DefinedSensor(id, "a/x" + id + "/y", Kind.KIND_DOUBLE_VALUE, "", Map.of()));
    }
  }

  private CompletableFuture<SelectionCache.Selection> ask(Selector selector) {
    return selections.acquire(Caller.of("test"), topic, selector, control);
  }

  private int run() {
    int ran = 0;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      ran++;
    }
    return ran;
  }

  private static ErrorCode code(CompletableFuture<?> failed) {
    assertThat(failed).isCompletedExceptionally();
    var wrapped = catchThrowableOfType(CompletionException.class, failed::join);
    return ((FaultException) wrapped.getCause()).fault().code();
  }

  @Test
  void manySensors_areLookedAtInSlices_onceForAllWhoAskTheSame() {
    sensors(100_000);
    var first = ask(GLOB);
    var second = ask(GLOB);
    assertThat(tasks).as("one task for both").hasSize(1);
    assertThat(run()).as("slices").isGreaterThan(3);
    assertThat(first.join().sensors()).isSameAs(second.join().sensors());
    assertThat(first.join().sensors().test(11)).isTrue();
    assertThat(first.join().sensors().test(12)).isFalse();
    first.join().release();
    second.join().release();
    assertThat(ask(GLOB)).as("the next page's").isCompleted();
    assertThat(tasks).isEmpty();
  }

  @Test
  void selectorThatNobodyWaitsFor_isNotCompiledFurther_andGivesItsBytesBack() {
    sensors(100_000);
    AtomicBoolean wanted = new AtomicBoolean(true);
    var gone = selections.acquire(new Caller("gone", wanted::get), topic, GLOB, control);
    tasks.remove().run();
    assertThat(budget.used()).isPositive();
    wanted.set(false);
    assertThat(run()).isEqualTo(1);
    assertThat(gone).isCancelled();
    assertThat(selections.size()).isZero();
    assertThat(budget.used()).isZero();
  }

  @Test
  void callersThatAreGone_areForgotten_whileOthersStillWait() {
    sensors(100_000);
    AtomicBoolean wanted = new AtomicBoolean(true);
    var gone = selections.acquire(new Caller("gone", wanted::get), topic, GLOB, control);
    var cancelled = ask(GLOB);
    var other = ask(GLOB);
    cancelled.cancel(false);
    assertThat(selections.waiting()).as("at its cancellation").isEqualTo(2);
    wanted.set(false);
    tasks.remove().run();
    assertThat(selections.waiting()).as("with the next slice").isEqualTo(1);
    assertThat(gone).isCancelled();
    run();
    other.join().release();
    assertThat(selections.size()).as("kept for the next").isEqualTo(1);
    selections.sweep();
    selections.sweep();
    assertThat(budget.used()).isZero();
  }

  @Test
  void allCancelled_whileItIsCompiled_leavesNothing() {
    sensors(100_000);
    var first = ask(GLOB);
    tasks.remove().run();
    first.cancel(false);
    selections.sweep();
    selections.sweep();
    assertThat(budget.used()).as("what is being compiled").isPositive();
    var second = ask(GLOB);
    tasks.remove().run();
    second.cancel(false);
    run();
    assertThat(selections.size()).isZero();
    assertThat(budget.used()).isZero();
  }

  @Test
  void oneOfTwoIsGone_theOtherHasItsSelection() {
    sensors(10);
    var gone = ask(GLOB);
    var other = ask(GLOB);
    gone.cancel(false);
    run();
    other.join().release();
    assertThat(selections.size()).as("kept for the next").isEqualTo(1);
    assertThat(ask(GLOB)).isCompleted();
  }

  @Test
  void fullPool_failsWhoWaits_andGivesBackAll() {
    sensors(100_000);
    room = 0;
    var asked = ask(GLOB);
    assertThat(code(asked)).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(selections.size()).isZero();
    assertThat(budget.used()).isZero();
  }

  @Test
  void usedUpBudget_refuses_andUnusedSelectorsGiveWay() {
    sensors(10);
    var kept = ask(GLOB);
    run();
    kept.join().release();
    assertThat(budget.used()).isPositive();
    budget.take(1 << 20);
    var asked = ask(Selector.newBuilder().addGlobs("other/*").build());
    run();
    assertThat(code(asked)).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(selections.size()).isZero();
    assertThat(budget.used()).isEqualTo(1 << 20);
  }

  @Test
  void manyUnusedSelectors_areForgotten() {
    sensors(10);
    for (int i = 0; i < 1_000; i++) {
      var asked = ask(Selector.newBuilder().addGlobs("a/" + i + "*").build());
      run();
      asked.join().release();
    }
    assertThat(selections.size()).isLessThan(50);
    selections.sweep();
    assertThat(selections.size()).isPositive();
    selections.sweep();
    assertThat(selections.size()).isZero();
    assertThat(budget.used()).isZero();
  }
}
