package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.partition.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CallerFirstTest {
  private final Tasks rest = new Tasks();
  private final CallerFirst first = new CallerFirst(rest);
  private final List<Integer> ran = new ArrayList<>();

  private void execute(int count) {
    for (int i = 0; i < count; i++) {
      int number = i;
      first.execute(() -> ran.add(number));
    }
  }

  @Test
  void tasks_runOnTheCallersThread() {
    execute(100);
    assertThat(ran).hasSize(100);
    assertThat(rest.size()).isZero();
  }

  @Test
  void tasksBroughtByTasks_runBehindThem() {
    first.execute(
        () -> {
          execute(2);
          assertThat(ran).as("one at a time").isEmpty();
          ran.add(7);
        });
    assertThat(ran).containsExactly(7, 0, 1);
  }

  @Test
  void manyTasks_areLeftToTheOtherExecutor() {
    int many = 3 * CallerFirst.TASKS_MAX;
    first.execute(() -> execute(many));
    assertThat(ran).hasSize(CallerFirst.TASKS_MAX - 1);
    execute(1);
    assertThat(ran).as("in order").hasSize(CallerFirst.TASKS_MAX - 1);
    assertThat(rest.runOne()).isTrue();
    assertThat(ran).as("nobody has it for long").hasSize(2 * CallerFirst.TASKS_MAX - 1);
    while (rest.runOne()) {
      // to the end
    }
    assertThat(ran).hasSize(many + 1).endsWith(many - 1, 0);
    execute(1);
    assertThat(ran).hasSize(many + 2);
  }

  @Test
  void defect_isLeftToTheOtherExecutor() {
    first.execute(
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
    CallerFirst shared = new CallerFirst(others);
    for (int t = 0; t < threads; t++) {
      int thread = t;
      pool.execute(
          () -> {
            for (int i = 1; i <= each; i++) {
              int number = i;
              shared.execute(
                  () -> {
                    total[0] += number == last[thread] + 1 ? 1 : 0;
                    last[thread] = number;
                  });
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
