package dev.weir.client.internal.threads;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ClientThreadsTest {
  @Test
  void close_letsTheLoopTellUserCodeWhatItWasAboutToTell() throws Exception {
    ClientThreads runtime = new ClientThreads(OptionalLong.of(1));
    CountDownLatch busy = new CountDownLatch(1);
    CompletableFuture<Boolean> loopWasBusy = new CompletableFuture<>();
    CompletableFuture<String> told = new CompletableFuture<>();
    runtime.loop().execute(() -> loopWasBusy.complete(await(busy)));
    runtime
        .loop()
        .execute(
            () ->
                runtime.callbacks().execute(() -> told.complete(Thread.currentThread().getName())));

    runtime.close();
    busy.countDown();

    assertThat(told.get(10, SECONDS)).isEqualTo("weir-client-callbacks");
    assertThat(loopWasBusy.get(10, SECONDS)).isTrue();
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(10, SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
