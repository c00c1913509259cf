package dev.weir.service.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CoalescingRunnerTest {
  @Test
  void secondThread_doesNotWait_andTheFirstDoesItOnceMore() throws Exception {
    CoalescingRunner retention = new CoalescingRunner();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    CompletableFuture<Void> first =
        CompletableFuture.runAsync(
            () ->
                retention.run(
                    () -> {
                      runs.incrementAndGet();
                      begun.countDown();
                      awaitUninterrupted(goOn);
                    }));
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    List<String> here = new ArrayList<>();
    retention.run(() -> here.add("second"));
    retention.run(() -> here.add("third"));
    assertThat(here).isEmpty();
    goOn.countDown();
    first.get(10, TimeUnit.SECONDS);
    assertThat(runs).as("once for both who came meanwhile").hasValue(2);
    retention.run(() -> here.add("fourth"));
    assertThat(here).containsExactly("fourth");
  }

  @Test
  void taskThatThrows_keepsNoLaterOneFromRunning() {
    CoalescingRunner retention = new CoalescingRunner();
    assertThatThrownBy(
            () ->
                retention.run(
                    () -> {
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    List<String> ran = new ArrayList<>();
    retention.run(() -> ran.add("next"));
    assertThat(ran).containsExactly("next");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
