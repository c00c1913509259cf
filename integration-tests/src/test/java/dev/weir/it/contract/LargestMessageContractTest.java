package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestServer;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.Batch;
import dev.weir.v1.Durability;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Reject;
import dev.weir.v1.Retention;
import dev.weir.v1.Topic;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Under all limits that are permitted together, the largest message that the server takes is
 * stored, or refused for good, and its partition continues.
 */
final class LargestMessageContractTest extends ContractTest {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  /**
   * One configuration.
   *
   * @param name what it is about
   * @param durability of the topic
   * @param stored whether its largest message is stored
   * @param limits in force
   */
  record End(String name, Durability durability, boolean stored, Limits limits) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static End synced(String name, Map<Limit, Long> limits) {
    return new End(name, Durability.DURABILITY_SYNCED, true, Limits.of(limits));
  }

  private static Map<Limit, Long> largest(Map<Limit, Long> others) {
    var all = new EnumMap<Limit, Long>(Limit.class);
    all.put(Limit.MESSAGE_BYTES_MAX, Limit.MESSAGE_BYTES_MAX.max());
    all.put(Limit.PUBLISH_WINDOW_BYTES, Limit.MESSAGE_BYTES_MAX.max());
    all.put(Limit.COMMIT_ROUND_BYTES_MAX, Limit.MESSAGE_BYTES_MAX.max());
    all.putAll(others);
    return all;
  }

  static Stream<End> ends() {
    return Stream.of(
        synced("the largest message", largest(Map.of())),
        synced(
            "the largest message into the smallest segments",
            largest(
                Map.of(Limit.SEGMENT_BYTES, 64 * KIB, Limit.CHECKPOINT_INTERVAL_BYTES, 64 * KIB))),
        new End(
            "the largest message, BUFFERED and nothing unsynced",
            Durability.DURABILITY_BUFFERED,
            true,
            Limits.of(largest(Map.of(Limit.BUFFERED_UNSYNCED_BYTES_MAX, 0L)))),
        new End(
            "the largest message into the smallest MEMORY topic",
            Durability.DURABILITY_MEMORY,
            false,
            Limits.of(largest(Map.of(Limit.MEMORY_TOPIC_BYTES, MIB)))),
        new End(
            "a message larger than all MEMORY topics",
            Durability.DURABILITY_MEMORY,
            false,
            Limits.of(Map.of(Limit.MEMORY_LOG_BYTES, 64 * KIB))),
        new End(
            "a message larger than the memory for publishers",
            Durability.DURABILITY_SYNCED,
            false,
            Limits.of(Map.of(Limit.PUBLISH_BUDGET_BYTES, 64 * KIB))),
        synced("the smallest messages", Map.of(Limit.MESSAGE_BYTES_MAX, 4 * KIB)),
        synced(
            "the smallest rounds",
            Map.of(Limit.MESSAGE_BYTES_MAX, 64 * KIB, Limit.COMMIT_ROUND_BYTES_MAX, 64 * KIB)),
        synced("a tail of one byte", Map.of(Limit.TAIL_BYTES, 1L, Limit.TAIL_RECORDS_MAX, 16L)),
        synced("the smallest deliveries", Map.of(Limit.DELIVERY_BYTES_MAX, KIB)),
        synced(
            "one byte for what is not sent, and for blocks of the log",
            Map.of(Limit.UNSENT_BUDGET_BYTES, 1_000L, Limit.CATCHUP_BLOCK_BYTES, 1L)),
        synced(
            "nothing for last values",
            Map.of(Limit.LATEST_BYTES_MAX, 1L, Limit.LATEST_VALUE_BYTES_MAX, KIB)),
        synced("quotas of clients", Map.of(Limit.CLIENT_PUBLISHED_READINGS_PER_SECOND, 1_000L)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ends")
  void largestMessage_isStoredOrRefusedForGood_andItsPartitionGoesOn(End end) {
    TestServer server = server(TransportSetup.NETTY_1, end.limits());
    Topic.Builder asked =
        Topic.newBuilder().setName(newTopicName()).setDurability(end.durability());
    if (end.durability() == Durability.DURABILITY_MEMORY) {
      asked.setRetention(
          Retention.newBuilder().setMaxBytes(end.limits().get(Limit.MEMORY_TOPIC_BYTES)));
    }
    TestTopic topic = server.topic(asked);
    Batch large = largest(topic, end.limits());
    RawPublishSession publisher = topic.publisher().opened();

    publisher.send(0, 1, large);
    PublishStreamResponse answer =
        publisher
            .responses()
            .await("an answer to the large one", said -> said.hasAck() || said.hasReject());
    int sequence = answer.hasAck() ? 2 : 1;
    assertThat(answer.hasAck()).as("stored: %s", answer).isEqualTo(end.stored());
    if (answer.hasReject()) {
      assertTooLarge(answer.getReject());
    }
    assertThat(codeOf(topic, large))
        .isEqualTo(end.stored() ? Status.Code.OK : Status.Code.RESOURCE_EXHAUSTED);
    publisher.store(0, sequence, TestBatches.rows("small", 7));
    long readings = end.stored() ? 3 : 1;
    assertThat(told(topic)).as("what is stored").isEqualTo(readings);

    server.stop();
    server.startAgain();
    boolean memory = end.durability() == Durability.DURABILITY_MEMORY;
    assertThat(told(topic)).as("after a restart").isEqualTo(memory ? 0 : readings);
    topic.publisher().opened().store(0, 1, TestBatches.rows("small", 8));
  }

  /** A batch that fills a message to the last byte, or nearly. */
  private static Batch largest(TestTopic topic, Limits limits) {
    int bytes = limits.getInt(Limit.MESSAGE_BYTES_MAX);
    Batch tooLarge = blob(bytes);
    int message =
        Math.max(
            RawPublishSession.request(0, 1, tooLarge).getSerializedSize(),
            unary(topic, tooLarge).getSerializedSize());
    return blob(bytes - (message - bytes));
  }

  private static PublishRequest unary(TestTopic topic, Batch batch) {
    return PublishRequest.newBuilder().setTopic(topic.name()).setBatch(batch).build();
  }

  private static Batch blob(int bytes) {
    return Batch.newBuilder()
        .addRows(Reading.newBuilder().setSensor("s").setBlob(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static void assertTooLarge(Reject reject) {
    assertThat(reject.getProblem().getReason()).isEqualTo("TOO_LARGE");
    assertThat(reject.getProblem().hasRetryDelay()).as("a retry does not help").isFalse();
    assertThat(reject.getExpectedSequence()).isEqualTo(1);
  }

  private static Status.Code codeOf(TestTopic topic, Batch batch) {
    try {
      topic.writer().publish(unary(topic, batch));
      return Status.Code.OK;
    } catch (StatusRuntimeException refused) {
      assertThat(refused.getStatus().getDescription()).containsIgnoringCase("send less at once");
      return refused.getStatus().getCode();
    }
  }

  /** Counts the readings that a client with the usual bounds receives or hears of in a gap. */
  private static long told(TestTopic topic) {
    long[] readings = {0};
    topic
        .reader()
        .tail(topic.everything().build())
        .forEachRemaining(
            said ->
                readings[0] +=
                    said.hasGap()
                        ? said.getGap().getReadings()
                        : said.getDelivery().getReadingsCount());
    return readings[0];
  }
}
