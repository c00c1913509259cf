package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** D4. {@code make flips FLIPS=10000 SEED=1} runs it at length. */
class ByteFlipTest {
  private static final int FLIPS = Integer.getInteger("weir.it.flips", 100);
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_126);
  private static final int REAL_EVERY = 500;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path dir;

  @Test
  void oneByteFlippedAnywhere_costsAtMostItsRecordAndIsTold() throws Exception {
    ByteFlipAudit audit = new ByteFlipAudit(ByteFlipDirectory.make(dir), List.of(), REAL_EVERY);

    audit.run(FLIPS, SEED, anywhere -> true);

    audit.summary().forEach(System.out::println);
    assertThat(audit.complaints().list())
        .as("replay: make flips FLIPS=%d SEED=%d", FLIPS, SEED)
        .isEmpty();
  }
}
