package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.service.app.end.ProcessTerminator;
import dev.weir.service.app.end.TestExit;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.SlicedTask;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadPoolsTest {
  @Test
  void partitionNumberThatOverflowed_hasItsThreads() {
    ThreadPools pools = new ThreadPools(Limits.defaults(), ProcessTerminator.toldOnly());
    try {
      for (int number : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        assertThat(pools.view(number)).isSameAs(pools.view(number));
        assertThat(pools.writer(number)).isSameAs(pools.writer(number));
      }
    } finally {
      pools.close();
    }
  }

  /** What an owner's thread throws ends the process: its work is cut short for good. */
  @Test
  void whateverAnOwnersThreadThrows_endsTheProcess() {
    TestExit exit = new TestExit();
    ThreadPools pools = new ThreadPools(Limits.defaults(), ProcessTerminator.by(exit));
    try {
      pools
          .writer(0)
          .execute(
              () -> {
                throw new IllegalStateException("on purpose");
              });
      await("the end")
          .dontCatchUncaughtExceptions()
          .until(() -> exit.codes().contains(ProcessTerminator.EXIT_CODE));
      assertThat(exit.lines()).singleElement().asString().contains("on thread weir-writer-0");
    } finally {
      pools.close();
    }
  }

  /** Such as the checkpoint of a partition whose disk hangs. */
  @Test
  void backgroundTasksThatHang_keepNoOtherFromRunning() throws InterruptedException {
    ThreadPools pools = new ThreadPools(Limits.defaults(), ProcessTerminator.toldOnly());
    CountDownLatch goOn = new CountDownLatch(1);
    try {
      for (int i = 1; i < Limits.defaults().getInt(Limit.BACKGROUND_THREADS); i++) {
        pools
            .background()
            .execute(
                () -> {
                  try {
                    goOn.await();
                  } catch (InterruptedException closed) {
                    Thread.currentThread().interrupt();
                  }
                });
      }
      CountDownLatch ran = new CountDownLatch(1);
      pools.background().execute(ran::countDown);
      assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      goOn.countDown();
      pools.close();
    }
  }

  @Test
  void repeatedTaskThatThrows_endsTheProcess() {
    TestExit exit = new TestExit();
    ThreadPools pools = new ThreadPools(Limits.defaults(), ProcessTerminator.by(exit));
    try {
      pools
          .ticker()
          .scheduleWithFixedDelay(
              () -> {
                throw new IllegalStateException("on purpose");
              },
              1,
              1,
              TimeUnit.MILLISECONDS);
      await("the end")
          .dontCatchUncaughtExceptions()
          .until(() -> exit.codes().contains(ProcessTerminator.EXIT_CODE));
      assertThat(exit.lines()).singleElement().asString().contains("on thread weir-ticker");
    } finally {
      pools.close();
    }
  }

  @Test
  void taskOfASession_endsTheProcessByAnErrorOnly() {
    TestExit exit = new TestExit();
    ThreadPools pools = new ThreadPools(Limits.defaults(), ProcessTerminator.by(exit));
    try {
      CountDownLatch thrown = new CountDownLatch(1);
      pools
          .control()
          .offer(
              Caller.of(this),
              SlicedTask.once(
                  () -> {
                    thrown.countDown();
                    throw new IllegalStateException("on purpose");
                  }));
      await("the exception").dontCatchUncaughtExceptions().until(() -> thrown.getCount() == 0);
      pools
          .control()
          .offer(
              Caller.of(this),
              SlicedTask.once(
                  () -> {
                    throw new StackOverflowError("on purpose");
                  }));
      await("the end")
          .dontCatchUncaughtExceptions()
          .until(() -> exit.codes().contains(ProcessTerminator.EXIT_CODE));
      assertThat(exit.lines()).singleElement().asString().contains("StackOverflowError");
    } finally {
      pools.close();
    }
  }
}
