package dev.weir.cli.demo;

import dev.weir.cli.shell.CliRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal by which the demo stops a child: one line to finish, or the end of standard input. A
 * child whose demo is gone ends soon, whatever it is waiting for. Thread-safe.
 */
final class DemoStopSignal {
  private static final Logger logger = LoggerFactory.getLogger(DemoStopSignal.class);
  private static final long GRACE_SECONDS = 10;

  private final CompletableFuture<String> last = new CompletableFuture<>();
  private final CountDownLatch finished = new CountDownLatch(1);

  private DemoStopSignal() {}

  static DemoStopSignal from(InputStream in) {
    DemoStopSignal orders = new DemoStopSignal();
    CliRuntime.start("demo-orders", () -> orders.read(in));
    return orders;
  }

  private void read(InputStream in) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last.complete(line);
      }
    } catch (IOException e) {
      logger.warn("standard input failed, which is an end too", e);
    }
    last.complete("");
    try {
      if (!finished.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        CliRuntime.halt(1);
      }
    } catch (InterruptedException e) {
      CliRuntime.halt(1);
    }
  }

  /** The last order; null if there is none within the time. Blocks. */
  String await(long millis) throws InterruptedException {
    try {
      return last.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The child has ended by itself. */
  void finished() {
    finished.countDown();
  }
}
