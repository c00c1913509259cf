package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.end.TestExit;
import dev.weir.service.config.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real threads on virtual time. */
class DiskWatchdogTest {
  private static final long WARN_MILLIS = 10_000;

  private final ThreadPools pools =
      new ThreadPools(Limits.defaults(), ProcessTerminator.by(new TestExit()));
  private final AtomicLong now = new AtomicLong(1);
  private final List<Runnable> lines = new ArrayList<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private final DiskWatchdog watch =
      new DiskWatchdog(pools::living, now::get, WARN_MILLIS, lines::add);

  @AfterEach
  void close() {
    answer.countDown();
    pools.close();
  }

  private void fileCallOn(Executor pool) {
    CountDownLatch entered = new CountDownLatch(1);
    pool.execute(
        () -> {
          ServiceThread thread = (ServiceThread) Thread.currentThread();
          thread.enterFile(now.get());
          entered.countDown();
          while (answer.getCount() > 0) {
            Thread.onSpinWait();
          }
          thread.leaveFile(now.get());
        });
    await("the file call").until(() -> entered.getCount() == 0);
  }

  private void pass(long millis) {
    now.addAndGet(Duration.ofMillis(millis).toNanos());
    watch.run();
  }

  @Test
  void fileCallThatLastsTooLong_isTold_untilItEnds_withTwoLines() {
    fileCallOn(pools.sync());
    pass(WARN_MILLIS - 1);
    assertThat(watch.answers()).isTrue();
    pass(1);
    assertThat(watch.answers()).isFalse();
    assertThat(lines).hasSize(1);
    fileCallOn(pools.background());
    pass(WARN_MILLIS);
    assertThat(watch.answers()).isFalse();
    answer.countDown();
    await("the file calls have ended")
        .until(() -> pools.living().stream().noneMatch(ServiceThread::inFile));
    pass(1);
    assertThat(watch.answers()).isTrue();
    assertThat(lines).as("one when it began, one when it ended").hasSize(2);
    lines.forEach(Runnable::run);
  }

  @Test
  void manyFileCalls_ofWhichNoneLastsTooLong_areWell() {
    ServiceThread thread = new ServiceThread(() -> {}, "weir-test", (ending, thrown) -> {});
    DiskWatchdog ofOne = new DiskWatchdog(() -> List.of(thread), now::get, WARN_MILLIS, lines::add);
    for (int i = 0; i < 100; i++) {
      thread.enterFile(now.get());
      now.addAndGet(Duration.ofMillis(WARN_MILLIS - 1).toNanos());
      ofOne.run();
      thread.leaveFile(now.get());
    }
    assertThat(ofOne.answers()).isTrue();
    assertThat(lines).isEmpty();
  }
}
