package dev.weir.it.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.it.proof.AuditFindings;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.DeleteTopicRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Random;
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
    run(ScaleShape.small());
  }

  @Test
  @EnabledIfSystemProperty(named = "weir.it.scale", matches = ".+")
  void largeServer_hasEverythingAfterEveryEnd_inTime() throws Exception {
    String name = System.getProperty("weir.it.scale");
    String heap = System.getProperty("weir.it.scale.heap");
    run(ScaleShape.of(name, heap, Integer.getInteger("weir.it.scale.percent", 100)));
  }

  /** The audit reports each kind of loss: it can fail. */
  @Test
  void serverThatHasLostSomething_isFoundOut() throws Exception {
    ScaleShape shape = ScaleShape.tiny();
    AuditFindings findings = new AuditFindings();
    ScaleContents contents = new ScaleContents(shape, findings, new Random(SEED));
    try (ScaledServer server = ScaledServer.start(shape, dir);
        ParallelCallers callers = new ParallelCallers(2)) {
      contents.createTopics(server.channel(), callers);
      contents.defineSensors(server.channel(), callers);
      contents.publish(server.channel(), callers);
      contents.audit(server.channel(), callers);
      assertThat(findings.list()).isEmpty();

      var catalog = CatalogServiceGrpc.newBlockingStub(server.channel());
      catalog.deleteTopic(DeleteTopicRequest.newBuilder().setName(ScaleShape.topicName(0)).build());
      catalog.createTopic(ScaleContents.creation(shape, 0));
      contents.audit(server.channel(), callers);
      assertThat(findings.list())
          .hasSize(2)
          .anySatisfy(text -> assertThat(text).contains("scale-000000 has 0 of 20 sensors"))
          .anySatisfy(text -> assertThat(text).contains("scale-000000 has 0 readings"));

      catalog.deleteTopic(DeleteTopicRequest.newBuilder().setName(ScaleShape.topicName(1)).build());
      assertThatThrownBy(() -> contents.audit(server.channel(), callers))
          .hasRootCauseInstanceOf(StatusRuntimeException.class);
      assertThat(findings.list()).contains("topic scale-000001 was created and is not there");
    }
  }

  private void run(ScaleShape shape) throws Exception {
    try (ScaleAudit audit = new ScaleAudit(shape, dir, SEED)) {
      assertThat(audit.run()).isEmpty();
    }
  }
}
