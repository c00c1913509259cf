package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.partition.ManualExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CallerRunsExecutorTest {
  private final ManualExecutor rest = new ManualExecutor();
  private final CallerRunsExecutor first = new CallerRunsExecutor(rest, 10);
  private final List<Integer> ran = new ArrayList<>();

  private void execute(int count) {
    for (int i = 0; i < count; i++) {
      int number = i;
      first.execute(() -> ran.add(number));
    }
  }

  @Test
  void task_runsOnTheCallersThreadIfItMay() {
    execute(1);
    assertThat(ran).isEmpty();
    first.executeHere(() -> ran.add(7));
    assertThat(ran).as("not before others").isEmpty();
    assertThat(rest.runOne()).isTrue();
    assertThat(ran).containsExactly(0, 7);
    assertThat(rest.size()).isZero();
    first.executeHere(() -> ran.add(8));
    assertThat(ran).containsExactly(0, 7, 8);
    assertThat(rest.size()).isZero();
  }

  @Test
  void whatATaskBrings_runsBehindIt_andMoreElsewhere() {
    first.executeHere(
        () -> {
          execute(4);
          first.executeHere(() -> ran.add(7));
          assertThat(ran).as("one at a time").isEmpty();
        });
    assertThat(ran).as("nobody has it for long").containsExactly(0);
    first.executeHere(() -> ran.add(8));
    assertThat(ran).as("in order").containsExactly(0);
    assertThat(rest.runOne()).isTrue();
    assertThat(ran).containsExactly(0, 1, 2);
    while (rest.runOne()) {
      // to the end
    }
    assertThat(ran).containsExactly(0, 1, 2, 3, 7, 8);
  }

  @Test
  void defect_isLeftToTheOtherExecutor() {
    first.executeHere(
        () -> {
          execute(1);
          throw new IllegalStateException("on purpose");
        });
    assertThat(ran).containsExactly(0);
    assertThatThrownBy(rest::runOne).hasMessage("on purpose");
  }

  @Test
  @Timeout(60)
  void tasksOfManyThreads_runOneAtATimeAndInEachOnesOrder() throws Exception {
    int threads = 4;
    int each = 50_000;
    int[] last = new int[threads]; // no thread guards it but the order of tasks
    int[] total = {0};
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    ExecutorService others = Executors.newSingleThreadExecutor();
    CallerRunsExecutor shared = new CallerRunsExecutor(others, threads * each + 1);
    for (int t = 0; t < threads; t++) {
      int thread = t;
      pool.execute(
          () -> {
            for (int i = 1; i <= each; i++) {
              int number = i;
              Runnable task =
                  () -> {
                    total[0] += number == last[thread] + 1 ? 1 : 0;
                    last[thread] = number;
                  };
              if (i % 3 == 0) {
                shared.execute(task);
              } else {
                shared.executeHere(task);
              }
            }
          });
    }
    pool.shutdown();
    assertThat(pool.awaitTermination(50, TimeUnit.SECONDS)).isTrue();
    CountDownLatch behindAll = new CountDownLatch(1);
    shared.execute(behindAll::countDown);
    assertThat(behindAll.await(10, TimeUnit.SECONDS)).isTrue();
    others.shutdown();
    assertThat(total[0]).isEqualTo(threads * each);
  }
}
