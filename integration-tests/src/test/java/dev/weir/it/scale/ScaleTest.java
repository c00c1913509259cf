package dev.weir.it.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A3 and F1 for many topics, sensors and partitions. {@code make scale-topics}, {@code
 * scale-sensors} and {@code scale-partitions} run the large forms.
 */
class ScaleTest {
  private static final long SEED = Long.getLong("weir.it.seed", 20_261_202);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  private Path dir;

  @Test
  void serverWithALittleOfEach_hasEverythingAfterEveryEnd() throws Exception {
    run(Shape.small());
  }

  @Test
  @EnabledIfSystemProperty(named = "weir.it.scale", matches = ".+")
  void largeServer_hasEverythingAfterEveryEnd_inTime() throws Exception {
    String name = System.getProperty("weir.it.scale");
    String heap = System.getProperty("weir.it.scale.heap");
    run(Shape.of(name, heap, Integer.getInteger("weir.it.scale.percent", 100)));
  }

  private void run(Shape shape) throws Exception {
    try (ScaleAudit audit = new ScaleAudit(shape, dir, SEED)) {
      assertThat(audit.run()).isEmpty();
    }
  }
}
