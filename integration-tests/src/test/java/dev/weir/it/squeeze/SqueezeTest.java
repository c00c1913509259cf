package dev.weir.it.squeeze;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * F1, F2 and F3: a small server under every known abuse, with honest clients beside. {@code make
 * squeeze HEAP=512m SQUEEZE_SECONDS=120 ONLY=catch-up,globs} runs it at length; {@code make
 * squeeze-short} is what CI runs.
 */
@EnabledIfSystemProperty(named = "weir.it.proof", matches = "true")
class SqueezeTest {
  @TempDir(cleanup = CleanupMode.ALWAYS)
  private Path dir;

  @Test
  void smallServerUnderEveryAbuse_neitherDiesNorStarvesNorForgets() throws Exception {
    SqueezeOptions terms = SqueezeOptions.ofProperties();
    SqueezeAudit.say("%s", terms);
    SqueezeAudit.say("memory: %s", terms.residentSum());

    try (SqueezeAudit audit = new SqueezeAudit(terms, dir, List.of())) {
      assertThat(audit.run().findings()).isEmpty();
    }
  }
}
