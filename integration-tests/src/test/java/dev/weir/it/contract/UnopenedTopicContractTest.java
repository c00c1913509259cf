package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DataFileDamage;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.ListTopicsRequest;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.Topic;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A topic whose files cannot be made sense of keeps no other from being served (D4). */
final class UnopenedTopicContractTest extends ContractTest {
  @EachTransport
  void topicThatCannotBeOpened_isRefusedWithTheReason_othersAreServed_untilItIsMended(
      TransportSetup setup) throws IOException {
    TestServer server = server(setup, quick());
    TestTopic broken = server.topic("broken", 2);
    TopicFiller.partitions(broken, 2);
    List<DeliveredReading> all = broken.stored();
    commit(broken, all.get(3).cursor());
    server.stop();
    Path topics = server.dataDir().resolve("topics");
    Path backup = DataFileDamage.copy(topics, newDirectory());
    ruin(DataFileDamage.partition(server.dataDir(), 1));
    server.startAgain();

    TestTopic whole = server.topic("whole", 1);
    TopicFiller.one(whole, 7);
    assertThat(whole.values(0)).containsExactly(7.0);
    for (CallFailure refusal :
        List.of(
            CallFailure.by(() -> get(server)),
            CallFailure.by(broken::stored),
            CallFailure.by(() -> publish(broken)),
            CallFailure.by(() -> commit(broken, all.get(4).cursor())),
            CallFailure.by(() -> create(server)),
            broken.publisher().sendOpen("p", 0).awaitEnd())) {
      assertThat(refusal.reason()).isEqualTo("DATA_LOSS");
      assertThat(refusal.message()).contains("broken cannot be opened", "restore a backup");
    }
    assertThat(server.catalog().listTopics(ListTopicsRequest.getDefaultInstance()).getTopicsList())
        .extracting(Topic::getName)
        .containsExactly("broken", "whole");
    assertThat(health(server, "")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(server, "weir.log")).isEqualTo(ServingStatus.NOT_SERVING);

    DataFileDamage.delete(broken(topics, backup));
    DataFileDamage.copy(broken(backup, backup), broken(topics, backup));
    create(server);
    assertThat(broken.stored()).containsExactlyInAnyOrderElementsOf(all);
    await("health").until(() -> health(server, "weir.log") == ServingStatus.SERVING);
    assertThat(commit(broken, all.get(0).cursor()))
        .as("what was committed is still known")
        .isNotEqualTo(all.get(0).cursor());
  }

  /** The broken topic's directory, which is the only one in the backup. */
  private static Path broken(Path in, Path backup) throws IOException {
    try (Stream<Path> paths = Files.list(backup)) {
      return in.resolve(paths.findFirst().orElseThrow().getFileName());
    }
  }

  /** Destroys what identifies the partition: its watermark and all its segments' headers. */
  private static void ruin(Path partition) throws IOException {
    try (Stream<Path> paths = Files.list(partition)) {
      for (Path path : paths.filter(one -> !one.toString().contains("checkpoint")).toList()) {
        byte[] bytes = Files.readAllBytes(path);
        for (int i = 0; i < bytes.length; i += 16) {
          bytes[i] ^= 1;
        }
        Files.write(path, bytes);
      }
    }
  }

  private static Topic get(TestServer server) {
    return server
        .catalog()
        .getTopic(GetTopicRequest.newBuilder().setName("broken").build())
        .getTopic();
  }

  private static Topic create(TestServer server) {
    Topic topic = Topic.newBuilder().setName("broken").setPartitionCount(2).build();
    return server
        .catalog()
        .createTopic(CreateTopicRequest.newBuilder().setTopic(topic).build())
        .getTopic();
  }

  private static void publish(TestTopic topic) {
    topic
        .writer()
        .publish(
            PublishRequest.newBuilder()
                .setTopic(topic.name())
                .setBatch(TestBatches.rows("s", 1))
                .build());
  }

  private static String commit(TestTopic topic, String cursor) {
    return topic
        .reader()
        .commitCursor(
            CommitCursorRequest.newBuilder()
                .setTopic(topic.name())
                .setName("report")
                .setCursor(cursor)
                .build())
        .getCursor();
  }

  private static ServingStatus health(TestServer server, String service) {
    return HealthGrpc.newBlockingStub(server.channel())
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }
}
