package dev.weir.client.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.internal.threads.ClientThreads;
import java.lang.management.ManagementFactory;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that cannot be made. */
class ClientCoreTest {
  @ParameterizedTest
  @ValueSource(strings = {":7474", "localhost:abc", "dns:///a b"})
  void targetThatIsNone_isRefused(String target) {
    assertThatThrownBy(() -> WeirClient.connect(target))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void clientsThatCouldNotBeMade_leaveNothingOpen() {
    assumeTrue(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean,
        "counts open files");
    long before = openFiles();
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> WeirClient.connect(":7474"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    await("open files").until(() -> openFiles() < before + 50);
  }

  @Test
  void clientThatCouldNotBeMadeForAnyReason_leavesNoThread() {
    AtomicReference<ClientThreads> made = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                ClientCore.open(
                    ClientOptions.builder("localhost:1").build(),
                    (target, runtime) -> {
                      made.set(runtime);
                      throw new IllegalStateException("no transport");
                    }))
        .hasMessage("no transport");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> made.get().callbacks().execute(() -> {}))
                    .isInstanceOf(RejectedExecutionException.class));
  }

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }
}
