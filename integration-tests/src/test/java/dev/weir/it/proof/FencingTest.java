package dev.weir.it.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rule 3 of PublishService and O3 on a real process that is killed in between. */
class FencingTest {
  @TempDir private Path dir;

  @Test
  void producerWithASuccessor_isRefusedOnEveryWay_alsoAfterAKill() throws Exception {
    RealServer.Terms terms = new RealServer.Terms(dir, Map.of());

    assertThat(new FencingAudit(terms, List.of()).run().list()).isEmpty();
  }
}
