package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DataFileDamage;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.FaultyFiles;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.Subscription;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Damage that comes while a server runs: every way to read reports it, and continues after it (D4).
 */
final class RunningDamageContractTest extends ContractTest {
  private static final int BATCHES = 40;
  private static final int DAMAGED = 3;

  /** Fills a topic of which only the last 16 records are in memory. */
  private TestTopic filled(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.TAIL_RECORDS_MAX, 16));
    RawPublishSession publisher = topic.publisher().opened();
    int last = topic.lastPartition();
    for (int i = 1; i <= BATCHES; i++) {
      publisher.store(last, i, TestBatches.rows(topic.sensor(last, 0), value(i)));
    }
    return topic;
  }

  private static double value(int number) {
    return number * 1.25e50;
  }

  private static void damage(TestTopic topic) throws IOException {
    byte[] value =
        ByteBuffer.allocate(Double.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putDouble(value(DAMAGED))
            .array();
    int partition = topic.lastPartition();
    DataFileDamage.flip(DataFileDamage.segments(topic.server().dataDir(), partition).get(0), value);
  }

  private static List<Double> rest() {
    return IntStream.rangeClosed(1, BATCHES)
        .filter(i -> i != DAMAGED)
        .mapToObj(RunningDamageContractTest::value)
        .toList();
  }

  @EachSetup
  void subscriptionsThatRun_getAGapDataLoss_rawFilteredOrInColumns(TransportSetup setup)
      throws IOException {
    TestTopic topic = filled(setup);
    int last = topic.lastPartition();
    RawSubscribeSession subscriber = topic.subscriber();
    Credit.Builder none = Credit.newBuilder().setReadings(0);
    Selector named = Selector.newBuilder().addNames(topic.sensor(last, 0)).build();
    Subscription.Builder[] all = {
      subscriber.everything(1).setCredit(none),
      subscriber.everything(2).setCredit(none).setFormat(Format.FORMAT_COLUMNS),
      subscriber.everything(3).setCredit(none).setSelector(named)
    };
    subscriber.open(all);
    for (int id = 1; id <= all.length; id++) {
      subscriber.awaitStatus(id);
    }
    damage(topic);
    for (int id = 1; id <= all.length; id++) {
      subscriber.creditReadings(id, 1_000);
      assertThat(TopicFiller.values(subscriber.awaitReadings(id, BATCHES - 1))).isEqualTo(rest());
      assertThat(subscriber.gaps(id)).singleElement().satisfies(gap -> requireOne(gap, last));
    }
  }

  private static void requireOne(Gap gap, int partition) {
    assertThat(gap.getReason()).isEqualTo(GapReason.GAP_REASON_DATA_LOSS);
    assertThat(gap.getReadings()).isEqualTo(1);
    assertThat(gap.getPartition()).isEqualTo(partition);
  }

  @EachSetup
  void read_tellsTheGap_andLastValuesStayWhatTheyWere(TransportSetup setup) throws IOException {
    TestTopic topic = filled(setup);
    damage(topic);

    ReadResponse page = read(topic);
    assertThat(page.getGapsList())
        .singleElement()
        .satisfies(gap -> requireOne(gap, topic.lastPartition()));
    assertThat(page.getReadingsList()).extracting(reading -> reading.getDouble()).isEqualTo(rest());
    assertThat(latest(topic)).isEqualTo(value(BATCHES));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setStart(Start.newBuilder().setLatest(true)).setSnapshot(true));
    assertThat(TopicFiller.values(subscriber.awaitReadings(1, 1))).containsExactly(value(BATCHES));
  }

  private static ReadResponse read(TestTopic topic) {
    return topic
        .reader()
        .read(
            ReadRequest.newBuilder()
                .setTopic(topic.name())
                .setStart(StartPositions.earliest())
                .setLimit(1_000)
                .build());
  }

  private static double latest(TestTopic topic) {
    return topic
        .reader()
        .getLatest(
            GetLatestRequest.newBuilder()
                .setTopic(topic.name())
                .setSelector(Selector.newBuilder().setAll(true))
                .build())
        .getReadings(0)
        .getDouble();
  }

  @EachSetup
  void readThatTheDiskFails_isRefusedForNow_whatIsInMemoryIsRead_andItIsReadOnceTheDiskCan(
      TransportSetup setup) {
    TestTopic topic = filled(setup);
    RawSubscribeSession live = topic.subscriber();
    live.open(live.everything(1).setStart(StartPositions.earliest()));
    List<DeliveredReading> seen = live.awaitReadings(1, BATCHES);
    topic.server().files().set(FaultyFiles.Fault.FAIL_READ);

    CallFailure refusal = CallFailure.by(topic::stored);
    assertThat(refusal.reason()).isEqualTo("STORE_FAILED");
    assertThat(refusal.code()).as("to be tried again").isEqualTo(Status.Code.UNAVAILABLE);
    String recent = seen.get(BATCHES - 3).cursor();
    assertThat(
            TopicFiller.values(
                topic.tail(topic.everything().setStart(StartPositions.after(recent)).build())))
        .containsExactly(value(BATCHES - 1), value(BATCHES));
    assertThat(latest(topic)).isEqualTo(value(BATCHES));

    topic.server().files().set(FaultyFiles.Fault.NONE);
    assertThat(TopicFiller.values(topic.stored())).hasSize(BATCHES);
  }
}
