package dev.weir.it.proof;

import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.service.config.Limit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real server under pipelined load, every write and sync of which is traced. Owned by the test
 * that runs it.
 */
final class StraceAudit {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOPIC = "line";
  private static final int PARTITIONS = 3;
  private static final int STREAMS = 3;
  private static final long SEGMENT_BYTES = 64 << 10;

  private final Path dir;
  private final AuditFindings complaints = new AuditFindings();

  StraceAudit(Path dir) {
    this.dir = dir;
  }

  AuditFindings complaints() {
    return complaints;
  }

  /**
   * No ack may name a batch that is not synced.
   *
   * @param batches how many are to be acknowledged at least
   * @param faults what the server goes without; empty for a true audit
   */
  AckSyncAudit acks(long batches, List<String> faults) throws IOException, InterruptedException {
    Path trace = dir.resolve("acks.trace");
    RealServer.Terms terms =
        new RealServer.Terms(dir, Map.of(Limit.SEGMENT_BYTES, SEGMENT_BYTES))
            .under(Strace.tracing(trace));
    try (RealServer server = RealServer.start(terms, 0, faults);
        WeirClient client = connect(server)) {
      client.topics().createTopic(TOPIC, PARTITIONS);
      NumberedSources sources = new NumberedSources(TOPIC, PARTITIONS);
      List<StreamLoad> loads = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        loads.add(new StreamLoad(client, sources, "traced-" + i, complaints));
      }
      complaints.unless(
          ProcessWait.until(
              () -> loads.stream().mapToLong(PublishLoad::acknowledgedBatches).sum() >= batches,
              PATIENCE),
          "the traced server is too slow");
      for (StreamLoad load : loads) {
        load.finish();
      }
      complaints.unless(server.stop() == 0, "it does not stop: %s", server.exitCode());
    }
    AckSyncAudit proof = new AckSyncAudit(terms.data(), complaints);
    StraceFile.read(trace, proof);
    return proof;
  }

  static WeirClient connect(RealServer server) {
    return WeirClient.connect(
        ClientOptions.builder(server.address()).closeTimeout(Duration.ZERO).build());
  }
}
