package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.end.TestExit;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real threads on virtual time. */
@SuppressWarnings("LockNotBeforeTry") // locks are held by threads that hang
class ThreadWatchdogTest {
  private final TestExit exit = new TestExit();
  private final ProcessTerminator end = ProcessTerminator.by(exit);
  private final Limits limits =
      Limits.defaults().with(Limit.WATCHDOG_WARN_MS, 10_000).with(Limit.WATCHDOG_END_MS, 60_000);
  private final ThreadPools pools = new ThreadPools(limits, end);
  private final AtomicLong now = new AtomicLong();
  private final List<Boolean> health = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ThreadWatchdog watch =
      new ThreadWatchdog(
              new ThreadWatchdog.Setting(
                  limits,
                  now::get,
                  new LockHolderFinder(pools::thread),
                  health::add,
                  end,
                  Runnable::run))
          .threads(pools.prompt());

  @AfterEach
  void close() {
    over.countDown();
    pools.close();
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      watch.run();
    }
  }

  private void hang() {
    while (over.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private void onWriter(Runnable task) {
    CountDownLatch running = new CountDownLatch(1);
    pools
        .writer(0)
        .execute(
            () -> {
              running.countDown();
              task.run();
            });
    await("the task runs").until(() -> running.getCount() == 0);
  }

  @Test
  void writersViewsAndTicker_areWatched() {
    assertThat(pools.prompt())
        .extracting(Thread::getName)
        .containsExactlyInAnyOrder(
            "weir-writer-0", "weir-writer-1", "weir-view-0", "weir-view-1", "weir-ticker");
  }

  @Test
  void idleThreads_areWell() {
    pass(1_000);
    assertThat(health).doesNotContain(false);
    assertThat(exit.codes()).isEmpty();
  }

  @Test
  void threadThatHangs_isToldByHealth_andEndsTheProcess() {
    onWriter(this::hang);
    pass(10);
    assertThat(health).doesNotContain(false);
    pass(1);
    assertThat(health).endsWith(false);
    pass(49);
    assertThat(exit.codes()).isEmpty();
    pass(1);
    assertThat(exit.codes()).contains(ProcessTerminator.EXIT_CODE);
    assertThat(exit.lines()).singleElement().asString().contains("weir-writer-0");
  }

  @Test
  void threadInAFileCall_endsNothing() {
    onWriter(
        () -> {
          ServiceThread writer = (ServiceThread) Thread.currentThread();
          writer.enterFile(now.get());
          hang();
        });
    await("the file call").until(() -> pools.prompt().stream().anyMatch(ServiceThread::inFile));
    pass(1_000);
    assertThat(health).doesNotContain(false);
    assertThat(exit.codes()).isEmpty();
  }

  @Test
  void threadThatWaitsForALockOfWhoIsInAFileCall_endsNothing() {
    ReentrantLock lock = new ReentrantLock();
    CountDownLatch held = new CountDownLatch(1);
    pools
        .sync()
        .execute(
            () -> {
              lock.lock();
              ((ServiceThread) Thread.currentThread()).enterFile(1);
              held.countDown();
              hang();
              lock.unlock();
            });
    await("the lock is held").until(() -> held.getCount() == 0);
    onWriter(
        () -> {
          lock.lock();
          lock.unlock();
        });
    await("the writer waits").until(lock::hasQueuedThreads);
    pass(1_000);
    assertThat(health).doesNotContain(false);
    assertThat(exit.codes()).isEmpty();
  }

  @Test
  void threadThatWaitsForALockOfWhoIsBusyOtherwise_isTold() {
    ReentrantLock lock = new ReentrantLock();
    CountDownLatch held = new CountDownLatch(1);
    pools
        .sync()
        .execute(
            () -> {
              lock.lock();
              held.countDown();
              hang();
              lock.unlock();
            });
    await("the lock is held").until(() -> held.getCount() == 0);
    onWriter(
        () -> {
          lock.lock();
          lock.unlock();
        });
    await("the writer waits").until(lock::hasQueuedThreads);
    pass(11);
    assertThat(health).endsWith(false);
  }
}
