package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ParallelTaskRunTest {
  private static final int THREADS = 3;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final AtomicInteger ran = new AtomicInteger();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void tasks_runAtOnce_andAllHaveEndedBehindIt() {
    CyclicBarrier together = new CyclicBarrier(THREADS);
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      tasks.add(
          () -> {
            meet(together); // no round ends unless three are at it
            ran.incrementAndGet();
          });
    }
    ParallelTaskRun.run(tasks, threads, THREADS);
    assertThat(ran).hasValue(30);
    ParallelTaskRun.run(List.of(), threads, THREADS);
    ParallelTaskRun.run(List.of(ran::incrementAndGet), threads, THREADS);
    assertThat(ran).hasValue(31);
  }

  @Test
  void threadsThatAreBusy_leaveTheTasksToTheCaller_andRunNoneLater() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    for (int i = 0; i < THREADS; i++) {
      threads.execute(
          () -> {
            try {
              goOn.await();
            } catch (InterruptedException ended) {
              Thread.currentThread().interrupt();
            }
          });
    }
    List<Runnable> tasks = List.of(ran::incrementAndGet, ran::incrementAndGet);
    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> ParallelTaskRun.run(tasks, threads, THREADS));
    assertThat(ran).hasValue(2);
    goOn.countDown();
    threads.submit(() -> {}).get(10, TimeUnit.SECONDS);
    assertThat(ran).hasValue(2);
  }

  /** As if the caller had run them: an OutOfMemoryError must reach who ends the process. */
  @Test
  void whatATaskThrows_isThrownToWhoWaits_whenTheOthersHaveEnded() {
    for (Throwable thrown : List.of(new OutOfMemoryError("mine"), new IllegalStateException("b"))) {
      ran.set(0);
      CyclicBarrier together = new CyclicBarrier(2);
      List<Runnable> tasks = new ArrayList<>();
      tasks.add(
          () -> {
            meet(together);
            if (thrown instanceof Error error) {
              throw error;
            }
            throw (RuntimeException) thrown;
          });
      tasks.add(
          () -> {
            meet(together);
            ran.incrementAndGet();
          });
      assertThatThrownBy(() -> ParallelTaskRun.run(tasks, threads, 2)).isSameAs(thrown);
      assertThat(ran).as("the one beside it has ended").hasValue(1);
    }
  }

  @Test
  void tasksBehindOneThatThrows_areNotBegun() {
    List<Runnable> tasks = new ArrayList<>();
    tasks.add(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    tasks.add(ran::incrementAndGet);
    assertThatThrownBy(() -> ParallelTaskRun.run(tasks, threads, 1)).hasMessage("on purpose");
    assertThat(ran).hasValue(0);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
