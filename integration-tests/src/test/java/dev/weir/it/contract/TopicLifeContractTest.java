package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.DeleteTopicRequest;
import dev.weir.v1.Durability;
import dev.weir.v1.GetTopicRequest;
import dev.weir.v1.Kind;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.ResolveSensorsResponse;
import dev.weir.v1.Sensor;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.Topic;
import dev.weir.v1.UpdateTopicRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Topics that are changed, deleted, kept in memory or bounded. */
final class TopicLifeContractTest extends ContractTest {
  private static final long MIB = 1 << 20;

  private static void delete(TestTopic topic) {
    topic
        .server()
        .catalog()
        .deleteTopic(DeleteTopicRequest.newBuilder().setName(topic.name()).build());
  }

  private static long files(TestServer server) throws IOException {
    try (Stream<Path> paths = Files.walk(server.dataDir().resolve("topics"))) {
      return paths.filter(Files::isRegularFile).count();
    }
  }

  @EachSetup
  void deletedTopic_endsItsSessionsAndFreesItsName(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    long empty = filesNow(topic.server());
    RawPublishSession publisher = topic.publisher().opened();
    publisher.store(0, 1, TestBatches.rows(topic.sensor(0, 0), 1, 2));
    delete(topic);
    assertThat(publisher.awaitEnd().reason()).isEqualTo("TOPIC_NOT_FOUND");
    assertThat(
            CallFailure.by(
                    () ->
                        topic
                            .server()
                            .catalog()
                            .getTopic(GetTopicRequest.newBuilder().setName(topic.name()).build()))
                .reason())
        .isEqualTo("TOPIC_NOT_FOUND");
    TestTopic again = topic.server().topic(topic.name(), setup.partitions());
    assertThat(again.stored()).isEmpty();
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(filesNow(topic.server()))
                    .as("the files of one empty topic")
                    .isLessThanOrEqualTo(empty));
    topic.server().kill();
    topic.server().startAgain();
    assertThat(again.stored()).isEmpty();
  }

  private static long filesNow(TestServer server) {
    try {
      return files(server);
    } catch (IOException | UncheckedIOException deletedMeanwhile) {
      return Long.MAX_VALUE;
    }
  }

  @EachTransport
  void memoryTopic_beginsAgainWithTheServer(TransportSetup setup) {
    TestServer server = server(setup, quick());
    TestTopic topic =
        server.topic(Topic.newBuilder().setName("m").setDurability(Durability.DURABILITY_MEMORY));
    topic.publisher().opened().store(0, 1, TestBatches.rows("s", 1, 2));
    assertThat(topic.values(0)).containsExactly(1.0, 2.0);
    String cursor = read(topic, "").getNextCursor();
    server.stop();
    server.startAgain();
    assertThat(topic.stored()).isEmpty();
    CallFailure refusal = CallFailure.by(() -> read(topic, cursor));
    assertThat(refusal.reason()).isEqualTo("CURSOR_EXPIRED");
    topic.publisher().opened().store(0, 1, TestBatches.rows("s", 3));
    assertThat(topic.values(0)).containsExactly(3.0);
    assertThat(read(topic, refusal.metadata().get("earliest_cursor")).getReadingsCount())
        .isEqualTo(1);
  }

  private static ReadResponse read(TestTopic topic, String cursor) {
    ReadRequest.Builder request = ReadRequest.newBuilder().setTopic(topic.name()).setLimit(10);
    if (cursor.isEmpty()) {
      request.getStartBuilder().setEarliest(true);
    } else {
      request.getStartBuilder().setAfterCursor(cursor);
    }
    return topic.reader().read(request.build());
  }

  @EachTransport
  void lowerRetention_deletesWhatIsOldAndItsCursorsExpire(TransportSetup setup) {
    TestTopic topic =
        topicOfOwnServer(
            setup, quick().with(Limit.SEGMENT_BYTES, MIB).with(Limit.RETENTION_CHECK_MS, 100));
    RawPublishSession publisher = topic.publisher().opened();
    double[] values = new double[20_000];
    Arrays.setAll(values, i -> i * 1.1);
    int batches = 40;
    for (int i = 1; i <= batches; i++) {
      publisher.store(0, i, TestBatches.refs("s", values));
    }
    ReadResponse first = read(topic, "");
    UpdateTopicRequest.Builder update = UpdateTopicRequest.newBuilder();
    update.getTopicBuilder().setName(topic.name()).getRetentionBuilder().setMaxBytes(2 * MIB);
    update.getUpdateMaskBuilder().addPaths("retention.max_bytes");
    Topic updated = topic.server().catalog().updateTopic(update.build()).getTopic();
    assertThat(updated.getRetention().getMaxBytes()).isEqualTo(2 * MIB);
    AtomicInteger sequence = new AtomicInteger(batches);
    Awaitility.await()
        .until(
            () -> {
              // what goes lies below two checkpoints, and only new records make another one
              publisher.store(0, sequence.incrementAndGet(), TestBatches.refs("s", values));
              return topic.stored().size() <= values.length * 20;
            });
    CallFailure refusal = CallFailure.by(() -> read(topic, first.getNextCursor()));
    assertThat(refusal.reason()).isEqualTo("CURSOR_EXPIRED");
    long kept = topic.stored().size();
    long lost = Long.parseLong(refusal.metadata().get("lost_readings"));
    assertThat(lost).isPositive();
    assertThat(kept).as("about 2 MiB").isGreaterThan(values.length * 8L);
    assertThat(read(topic, refusal.metadata().get("earliest_cursor")).getReadingsCount())
        .isEqualTo(10);
    topic.server().stop();
    topic.server().startAgain();
    assertThat(topic.stored())
        .extracting(DeliveredReading::value)
        .endsWith(values[values.length - 1]);
    assertThat(topic.stored().size()).isLessThanOrEqualTo((int) kept);
  }

  @EachSetup
  void resolvedSensors_areThoseThatBatchesUse(TransportSetup setup) {
    TestTopic topic = topic(setup);
    ResolveSensorsRequest request =
        ResolveSensorsRequest.newBuilder()
            .setTopic(topic.name())
            .addSensors(
                TestBatches.sensor(topic.sensor(topic.lastPartition(), 0), Kind.KIND_DOUBLE))
            .addSensors(TestBatches.sensor(topic.sensor(0, 1), Kind.KIND_DOUBLE))
            .addSensors(Sensor.newBuilder().setName("nobody"))
            .build();
    ResolveSensorsResponse resolved = topic.server().catalog().resolveSensors(request);
    assertThat(resolved.getBindingsList())
        .extracting(SensorBinding::getName)
        .containsExactly(request.getSensors(0).getName(), request.getSensors(1).getName());
    assertThat(resolved.getProblems(0).getIndex()).isEqualTo(2);
    assertThat(resolved.getProblems(0).getProblem().getReason()).isEqualTo("SENSOR_NOT_FOUND");
    assertThat(topic.server().catalog().resolveSensors(request)).isEqualTo(resolved);
    int bound = topic.publisher().opened().bind(topic.sensor(0, 1));
    assertThat(bound).isEqualTo(resolved.getBindings(1).getId());
  }
}
