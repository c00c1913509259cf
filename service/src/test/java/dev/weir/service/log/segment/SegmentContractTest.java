package dev.weir.service.log.segment;

import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.RestartContractTest;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine on real files, with segments so small that everything rolls. */
final class SegmentContractTest extends RestartContractTest {
  private static final SegmentOptions SMALL =
      new SegmentOptions(4_096, 1_024, 2, 4_096, 1_024, 1 << 26, 1_000);

  private final ExecutorService syncPool = Executors.newFixedThreadPool(2);
  private final Random random = new Random(1);
  @TempDir private Path dataDir;

  @AfterEach
  void endThreads() {
    syncPool.shutdownNow();
  }

  @Override
  protected LogEngine openEngine() throws IOException {
    return SegmentEngine.open(
        dataDir, new NioDataFiles(), SMALL, () -> 7, random, syncPool, event -> {});
  }
}
