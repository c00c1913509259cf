package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DataFileDamage;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** Rule 8 of SubscribeService: loss is never silent. */
final class GapContractTest extends ContractTest {
  private static final double DAMAGED = 1.25e99;

  private static byte[] bytesOf(double value) {
    return ByteBuffer.allocate(Double.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putDouble(value)
        .array();
  }

  @EachSetup
  void rule8_damageOnDisk_isAGapWithItsCount_andTheRestIsDelivered(TransportSetup setup)
      throws IOException {
    TestTopic topic = topicOfOwnServer(setup, quick());
    int partition = topic.lastPartition();
    TopicFiller.one(topic, 1);
    TopicFiller.one(topic, DAMAGED);
    TopicFiller.one(topic, 3);
    topic.server().stop();
    DataFileDamage.flip(
        DataFileDamage.segments(topic.server().dataDir(), partition).get(0), bytesOf(DAMAGED));
    topic.server().startAgain();

    for (Format format : List.of(Format.FORMAT_ROWS, Format.FORMAT_COLUMNS)) {
      RawSubscribeSession subscriber = topic.subscriber();
      Subscription.Builder all = subscriber.everything(1).setFormat(format);
      all.getUntilBuilder().setNow(true);
      subscriber.open(all);
      subscriber.awaitEnd(1);
      List<Gap> gaps = gaps(subscriber);
      assertThat(gaps).hasSize(1);
      Gap gap = gaps.get(0);
      assertThat(gap.getReason()).isEqualTo(GapReason.GAP_REASON_DATA_LOSS);
      assertThat(gap.getReadings()).isEqualTo(1);
      assertThat(gap.getUpperBound()).as("everything is selected, so the count is exact").isFalse();
      assertThat(gap.getPartition()).isEqualTo(partition);
      assertThat(TopicFiller.values(TopicFiller.of(subscriber.readings(1), partition)))
          .containsExactly(1.0, 3.0);
      requireBounds(topic, gap, partition);
    }
    ReadResponse page = read(topic, "");
    assertThat(page.getGapsList()).hasSize(1);
    assertThat(page.getReadingsCount()).isEqualTo(3 * setup.partitions() - 1);
  }

  /** After `from` the gap comes again, after `to` it does not, and nothing else is between. */
  private static void requireBounds(TestTopic topic, Gap gap, int partition) {
    assertThat(read(topic, gap.getFromCursor()).getGapsList())
        .extracting(Gap::getReadings)
        .containsExactly(1L);
    ReadResponse behind = read(topic, gap.getToCursor());
    assertThat(behind.getGapsList()).isEmpty();
    String sensor = topic.sensor(partition, 0);
    assertThat(behind.getReadingsList())
        .filteredOn(reading -> reading.getSensor().equals(sensor))
        .extracting(reading -> reading.getDouble())
        .containsExactly(3.0);
  }

  private static ReadResponse read(TestTopic topic, String after) {
    return topic
        .reader()
        .read(
            ReadRequest.newBuilder()
                .setTopic(topic.name())
                .setStart(after.isEmpty() ? StartPositions.earliest() : StartPositions.after(after))
                .build());
  }

  private static List<Gap> gaps(RawSubscribeSession subscriber) {
    return subscriber.responses().all().stream()
        .filter(SubscribeResponse::hasGap)
        .map(SubscribeResponse::getGap)
        .toList();
  }

  @EachSetup
  void rule8_underASelector_theCountIsAnUpperBound(TransportSetup setup) throws IOException {
    TestTopic topic = topicOfOwnServer(setup, quick());
    TopicFiller.one(topic, DAMAGED);
    TopicFiller.one(topic, 2);
    topic.server().stop();
    DataFileDamage.flip(
        DataFileDamage.segments(topic.server().dataDir(), 0).get(0), bytesOf(DAMAGED));
    topic.server().startAgain();
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder named = subscriber.everything(1);
    named.getSelectorBuilder().clearAll().addGlobs("somebody/*"); // they may be in any partition
    named.getUntilBuilder().setNow(true);
    subscriber.open(named);
    subscriber.awaitEnd(1);

    assertThat(gaps(subscriber)).hasSize(1);
    assertThat(gaps(subscriber).get(0).getReadings()).isEqualTo(1);
    assertThat(gaps(subscriber).get(0).getUpperBound()).isTrue();
  }

  @EachSetup
  void rule4_readingsSeenThatTheLogLost_areAGapUnsyncedLost(TransportSetup setup)
      throws IOException {
    TestTopic topic = topicOfOwnServer(setup, quick());
    int partition = topic.lastPartition();
    TopicFiller.one(topic, 1);
    Path backup = newDirectory();
    DataFileDamage.copy(DataFileDamage.partition(topic.server().dataDir(), partition), backup);
    TopicFiller.one(topic, 2);
    TopicFiller.one(topic, 3);
    List<DeliveredReading> seen = topic.stored();
    String cursor = seen.get(seen.size() - 1).cursor();
    topic.server().kill();
    // what a power cut does to a disk that lies about its syncs
    DataFileDamage.replace(DataFileDamage.partition(topic.server().dataDir(), partition), backup);
    topic.server().startAgain();
    TopicFiller.one(topic, 4);

    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder all = subscriber.everything(1).setStart(StartPositions.after(cursor));
    all.getUntilBuilder().setNow(true);
    subscriber.open(all);
    subscriber.awaitEnd(1);
    List<Gap> gaps = gaps(subscriber);
    assertThat(gaps).hasSize(1);
    assertThat(gaps.get(0).getReason()).isEqualTo(GapReason.GAP_REASON_UNSYNCED_LOST);
    assertThat(gaps.get(0).getReadings()).isEqualTo(2);
    assertThat(gaps.get(0).getPartition()).isEqualTo(partition);
    assertThat(gaps.get(0).getFromCursor()).isEqualTo(cursor);
    assertThat(TopicFiller.values(subscriber.readings(1)))
        .hasSize(setup.partitions())
        .containsOnly(4.0);
    ReadResponse page = read(topic, cursor);
    assertThat(page.getGapsList()).extracting(Gap::getReadings).containsExactly(2L);
  }
}
