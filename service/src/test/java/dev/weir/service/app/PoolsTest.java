package dev.weir.service.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.service.app.end.ProcessEnd;
import dev.weir.service.app.end.TestExit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fair.Caller;
import dev.weir.service.core.fair.Work;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolsTest {
  @Test
  void partitionNumberThatOverflowed_hasItsThreads() {
    Pools pools = new Pools(Limits.defaults(), ProcessEnd.toldOnly());
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
    Pools pools = new Pools(Limits.defaults(), ProcessEnd.by(exit));
    try {
      pools
          .writer(0)
          .execute(
              () -> {
                throw new IllegalStateException("on purpose");
              });
      await("the end")
          .dontCatchUncaughtExceptions()
          .until(() -> exit.codes().contains(ProcessEnd.EXIT_CODE));
      assertThat(exit.lines()).singleElement().asString().contains("on thread weir-writer-0");
    } finally {
      pools.close();
    }
  }

  @Test
  void repeatedTaskThatThrows_endsTheProcess() {
    TestExit exit = new TestExit();
    Pools pools = new Pools(Limits.defaults(), ProcessEnd.by(exit));
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
          .until(() -> exit.codes().contains(ProcessEnd.EXIT_CODE));
      assertThat(exit.lines()).singleElement().asString().contains("on thread weir-ticker");
    } finally {
      pools.close();
    }
  }

  @Test
  void taskOfASession_endsTheProcessByAnErrorOnly() {
    TestExit exit = new TestExit();
    Pools pools = new Pools(Limits.defaults(), ProcessEnd.by(exit));
    try {
      CountDownLatch thrown = new CountDownLatch(1);
      pools
          .control()
          .offer(
              Caller.of(this),
              Work.once(
                  () -> {
                    thrown.countDown();
                    throw new IllegalStateException("on purpose");
                  }));
      await("the exception").dontCatchUncaughtExceptions().until(() -> thrown.getCount() == 0);
      pools
          .control()
          .offer(
              Caller.of(this),
              Work.once(
                  () -> {
                    throw new StackOverflowError("on purpose");
                  }));
      await("the end")
          .dontCatchUncaughtExceptions()
          .until(() -> exit.codes().contains(ProcessEnd.EXIT_CODE));
      assertThat(exit.lines()).singleElement().asString().contains("StackOverflowError");
    } finally {
      pools.close();
    }
  }
}
