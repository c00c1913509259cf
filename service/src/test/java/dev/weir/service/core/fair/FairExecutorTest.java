package dev.weir.service.core.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FairExecutorTest {
  private final Queue<Runnable> threads = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private final Map<String, Long> asked = new HashMap<>();
  private final Random random = new Random(1);
  private final AtomicLong nanos = new AtomicLong();
  private final FairExecutor executor = new FairExecutor(threads::add, 2, 100, 10, nanos::get);

  private void runAll() {
    while (!threads.isEmpty()) {
      threads.remove().run();
    }
  }

  private boolean offer(String turn, String name) {
    return executor.offer(Caller.of(turn), SlicedTask.once(() -> done.add(name)));
  }

  private SlicedTask slices(String name, int count) {
    return new SlicedTask() {
      private int left = count;

      @Override
      public boolean step() {
        done.add(name + left--);
        return left > 0;
      }
    };
  }

  @Test
  void callerWithMuchWork_delaysAnotherByOneTaskOnly() {
    for (int i = 0; i < 5; i++) {
      offer("a", "a" + i);
    }
    offer("b", "b0");
    assertThat(threads).as("two threads at a time").hasSize(2);
    runAll();
    assertThat(done).containsExactly("a0", "b0", "a1", "a2", "a3", "a4");
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void longWork_givesTheOthersTheirTurnsBetweenItsSlices() {
    executor.offer(Caller.of("a"), slices("a", 4));
    offer("b", "b0");
    offer("b", "b1");
    runAll();
    assertThat(done).containsExactly("a4", "b0", "a3", "b1", "a2", "a1");
  }

  @Test
  void callersWhoseWorkTakesLong_waitForOneWhoseWorkIsShort() {
    for (int caller = 0; caller < 20; caller++) {
      String name = "long" + caller;
      for (int i = 0; i < 5; i++) {
        executor.offer(
            Caller.of(name),
            SlicedTask.once(
                () -> {
                  nanos.addAndGet(50_000_000 + random.nextInt(10_000_000));
                  done.add(name);
                }));
      }
    }
    for (int i = 0; i < 30; i++) {
      threads.remove().run();
    }
    done.clear();
    for (int i = 0; i < 10; i++) { // one that asks again when it is answered
      String name = "short" + i;
      offer("short", name);
      int before = done.size();
      while (!done.contains(name)) {
        threads.remove().run();
      }
      assertThat(done.size() - before).as("tasks until %s is done", name).isLessThanOrEqualTo(3);
    }
    runAll();
    assertThat(done).as("nobody starves").hasSize(80);
  }

  private SlicedTask lengthy(String name) {
    return new SlicedTask() {
      @Override
      public boolean step() {
        done.add(name);
        return false;
      }

      @Override
      public boolean isLengthy() {
        return true;
      }
    };
  }

  @Test
  void lengthyWork_takesTurnsWithTheOthers_whateverItCosts() {
    for (int i = 0; i < 3; i++) {
      executor.offer(Caller.of("a" + i), lengthy("lengthy"));
    }
    assertThat(threads).as("of two threads one").hasSize(1);
    for (int i = 0; i < 4; i++) {
      offer("b", "b");
    }
    runAll();
    assertThat(done).containsExactly("lengthy", "b", "lengthy", "b", "lengthy", "b", "b");
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void lengthyWork_neverHasAllThreads() {
    executor.offer(
        Caller.of("a"),
        new SlicedTask() {
          @Override
          public boolean step() {
            executor.offer(Caller.of("b"), lengthy("lengthy"));
            offer("c", "c0");
            offer("c", "c1");
            while (!threads.isEmpty()) { // the second thread, meanwhile
              threads.remove().run();
            }
            done.add("first");
            return false;
          }

          @Override
          public boolean isLengthy() {
            return true;
          }
        });
    runAll();
    assertThat(done).containsExactly("c0", "c1", "first", "lengthy");
  }

  @Test
  void lengthyWorkOfACallerThatIsGone_makesRoomForTheNext() {
    AtomicBoolean here = new AtomicBoolean(true);
    Caller caller = new Caller("a", here::get);
    executor.offer(caller, lengthy("unwanted"));
    here.set(false);
    executor.offer(Caller.of("b"), lengthy("b"));
    executor.offer(Caller.of("b"), lengthy("b"));
    runAll();
    assertThat(done).containsExactly("b", "b");
  }

  @Test
  void heavyCallsOneAfterTheOther_payAsMuchAsHeavyCallsThatWait() {
    for (int i = 0; i < 200; i++) { // both ask again when they are answered
      for (String name : List.of("heavy", "light")) {
        if (done.stream().filter(name::equals).count() == asked(name)) {
          ask(name);
        }
      }
      threads.remove().run();
    }
    long heavy = done.stream().filter("heavy"::equals).count();
    assertThat(done.size() - heavy).as("ten times as many light ones").isGreaterThan(8 * heavy);
  }

  private long asked(String name) {
    return asked.getOrDefault(name, 0L);
  }

  private void ask(String name) {
    asked.merge(name, 1L, Long::sum);
    executor.offer(
        Caller.of(name),
        SlicedTask.once(
            () -> {
              nanos.addAndGet(name.equals("heavy") ? 50_000_000 : 5_000_000);
              done.add(name);
            }));
  }

  @Test
  void workOfCallersThatAreGone_isDroppedUnrun_andEndsBetweenSlices() {
    AtomicBoolean here = new AtomicBoolean(true);
    Caller caller = new Caller("a", here::get);
    executor.offer(caller, slices("a", 1_000_000));
    executor.offer(
        caller,
        new SlicedTask() {
          @Override
          public boolean step() {
            throw new AssertionError("nobody waits for it");
          }

          @Override
          public void dropped() {
            done.add("dropped");
          }
        });
    threads.remove().run();
    here.set(false);
    offer("b", "b0");
    runAll();
    assertThat(done).containsExactly("a1000000", "b0", "dropped");
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void oneCaller_cannotFillTheQueueAlone() {
    for (int i = 0; i < 10; i++) {
      assertThat(offer("a", "a")).isTrue();
    }
    assertThat(offer("a", "one more")).isFalse();
    assertThat(offer("b", "b")).isTrue();
    runAll();
    assertThat(offer("a", "there is room again")).isTrue();
  }

  @Test
  void workThatThrows_leavesItsThreadToTheOthers() {
    executor.offer(
        Caller.of("a"),
        () -> {
          throw new IllegalStateException("a defect");
        });
    offer("a", "a1");
    offer("b", "b0");
    Runnable first = threads.remove();
    assertThatThrownBy(first::run).hasMessage("a defect");
    runAll();
    assertThat(done).containsExactly("b0", "a1");
  }

  @Test
  void threadsThatRefuse_refuseTheWork() {
    FairExecutor closed =
        FairExecutor.unbounded(
            task -> {
              throw new RejectedExecutionException();
            });
    assertThat(closed.offer(Caller.of("a"), SlicedTask.once(() -> done.add("a")))).isFalse();
    assertThat(closed.waiting()).isZero();
  }

  @Test
  void threadThatEnds_leavesNothingUndone_whileAnotherIsBusy() {
    offer("a", "a0");
    Runnable busy = threads.remove();
    offer("b", "b0");
    offer("c", "c0");
    offer("d", "d0");
    runAll(); // the second thread alone
    assertThat(done).hasSize(3);
    busy.run();
    assertThat(done).hasSize(4);
  }
}
