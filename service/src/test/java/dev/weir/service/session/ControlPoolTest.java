package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.FaultException;
import dev.weir.service.partition.ManualExecutor;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Results of a pool whose threads are the test's: none comes before the test says so. */
class ControlPoolTest {
  private static final int COLLECTIONS_MAX = 50;

  private final ManualExecutor executor = new ManualExecutor();
  private final ControlPool pool = new ControlPool(executor, Duration.ofMillis(1));

  /** A result that is asked for, and the objects that its task and its caller hold. */
  private record Asked(CompletableFuture<Integer> made, List<WeakReference<Object>> held) {}

  private Asked ask(CompletableFuture<?> before) {
    byte[] request = new byte[18_000];
    Object call = new Object();
    Caller caller = new Caller("turn", () -> !call.equals("another"));
    return new Asked(
        pool.makeAfter(before, caller, () -> request.length),
        List.of(new WeakReference<>(request), new WeakReference<>(call)));
  }

  private static void assertCollected(Asked asked) {
    for (int i = 0; i < COLLECTIONS_MAX; i++) {
      System.gc();
      if (asked.held().stream().allMatch(held -> held.get() == null)) {
        return;
      }
    }
    assertThat(asked.held()).as("what is still held").allMatch(held -> held.get() == null);
  }

  @Test
  void resultThatIsCancelledInTheQueue_holdsNothingThere() {
    Asked asked = ask(CompletableFuture.completedFuture(null));
    assertThat(executor.size()).isEqualTo(1);
    assertThat(asked.held()).noneMatch(held -> held.get() == null);
    asked.made().cancel(false);
    assertCollected(asked);
    assertThat(executor.runOne()).as("its place is still taken").isTrue();
    assertThat(asked.made()).isCancelled();
  }

  @Test
  void resultThatIsCancelledBeforeItsTurnCanCome_holdsNothing_andGetsNoPlace() {
    CompletableFuture<Void> before = new CompletableFuture<>();
    Asked asked = ask(before);
    assertThat(executor.size()).isZero();
    asked.made().cancel(false);
    assertCollected(asked);
    before.complete(null);
    assertThat(executor.size()).isZero();
  }

  @Test
  void resultIsMade_onceWhatItFollowsIsDone() {
    CompletableFuture<Void> before = new CompletableFuture<>();
    Asked asked = ask(before);
    before.complete(null);
    assertThat(asked.made()).isNotDone();
    assertThat(executor.runOne()).isTrue();
    assertThat(asked.made()).isCompletedWithValue(18_000);
    assertCollected(asked);
  }

  @Test
  void fullPool_failsTheResult() {
    executor.refuse(true);
    CompletableFuture<Integer> made = ask(CompletableFuture.completedFuture(null)).made();
    assertThat(made).isCompletedExceptionally();
    Throwable why = made.handle((value, failed) -> failed).join();
    assertThat(((FaultException) why).fault().code()).isEqualTo(ErrorCode.OVERLOADED);
  }

  @Test
  void taskOfACallerThatIsGone_isNotRun_andItsResultIsCancelled() {
    boolean[] there = {true};
    CompletableFuture<Integer> made = pool.make(new Caller("turn", () -> there[0]), () -> 1);
    there[0] = false;
    assertThat(executor.runOne()).isTrue();
    assertThat(made).isCancelled();
  }

  @Test
  void taskThatThrows_failsTheResult() {
    CompletableFuture<Integer> made =
        pool.make(
            Caller.of("turn"),
            () -> {
              throw new IllegalStateException("on purpose");
            });
    assertThat(executor.runOne()).isTrue();
    assertThat(made).isCompletedExceptionally();
  }
}
