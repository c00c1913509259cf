package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.Mode;
import dev.weir.v1.Phase;
import dev.weir.v1.Progress;
import dev.weir.v1.Subscription;
import java.time.Duration;

/** Contract test 11 and rule 7 of SubscribeService: the content of progress messages. */
final class ProgressContractTest extends ContractTest {
  private static Subscription.Builder watched(Subscription.Builder subscription) {
    subscription.getProgressIntervalBuilder().setNanos(100_000_000);
    return subscription;
  }

  private static Duration lag(Progress progress) {
    return Duration.ofSeconds(progress.getLagTime().getSeconds(), progress.getLagTime().getNanos());
  }

  @EachSetup
  void contract11_lagIsInReadingsBytesAndTime_andZeroAtTheEnd(TransportSetup setup) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 2).send(100, 10).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        watched(subscriber.everything(1)).setCredit(Credit.newBuilder().setReadings(0)));
    Progress held = subscriber.nextProgress(1);
    Progress later = subscriber.nextProgress(1);

    assertThat(held.getLagReadings()).isEqualTo(numbers.sentInAll());
    assertThat(held.getLagBytes())
        .as("100 doubles of 8 bytes at least, not much more")
        .isBetween(800L * setup.partitions(), 100_000L * setup.partitions());
    assertThat(lag(held)).isPositive();
    assertThat(lag(later)).isGreaterThan(lag(held));
    assertThat(held.hasEventTimeWatermark()).as("nothing was passed").isFalse();
    assertThat(held.getCreditReadingsLeft()).isZero();
    assertThat(held.hasCreditBytesLeft()).isFalse();

    subscriber.credit(1, Credit.newBuilder());
    subscriber.awaitReadings(1, numbers.sentInAll());
    Progress done = subscriber.nextProgress(1);
    assertThat(done.getLagReadings()).isZero();
    assertThat(done.getLagBytes()).isZero();
    assertThat(done.getLagTime()).isEqualTo(com.google.protobuf.Duration.getDefaultInstance());
    assertThat(done.hasCreditReadingsLeft()).isFalse();
    assertThat(done.getEventTimeWatermark())
        .isEqualTo(time(NumberedPublisher.BASE_NANOS + 99 * NumberedPublisher.STEP_NANOS));
    assertThat(done.getSuppressedReadings()).isZero();
  }

  @EachSetup
  void contract11_lagBehindMemory_isStated_too(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.TAIL_BYTES, 1));
    NumberedPublisher numbers = new NumberedPublisher(topic, 2).send(1_000, 100).settle();
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        watched(subscriber.everything(1)).setCredit(Credit.newBuilder().setReadings(1)));
    subscriber.awaitReadings(1, 1);
    Progress progress = subscriber.nextProgress(1);

    long delivered = subscriber.readings(1).size();
    assertThat(progress.getLagReadings()).isEqualTo(numbers.sentInAll() - delivered);
    if (progress.getLagReadings() > 0) {
      assertThat(progress.getLagBytes()).isGreaterThan(progress.getLagReadings());
      assertThat(lag(progress)).isPositive();
    }
  }

  @EachSetup
  void rule7_watermark_isTheLeastOfThePartitions_andNeverGoesBack(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawPublishSession publisher = topic.publisher().opened();
    long seconds = 1_700_000_000L;
    for (int p = 0; p < setup.partitions(); p++) {
      publisher.store(p, 1, at(topic.sensor(p, 0), seconds + 10L * p));
      publisher.store(p, 2, at(topic.sensor(p, 0), seconds - 100));
    }
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(watched(subscriber.everything(1)));
    subscriber.awaitReadings(1, 2L * setup.partitions());

    assertThat(subscriber.nextProgress(1).getEventTimeWatermark().getSeconds()).isEqualTo(seconds);
    publisher.store(0, 3, at(topic.sensor(0, 0), seconds + 5));
    subscriber.awaitReadings(1, 2L * setup.partitions() + 1);
    assertThat(subscriber.nextProgress(1).getEventTimeWatermark().getSeconds())
        .isEqualTo(seconds + 5);
  }

  private static Batch at(String sensor, long seconds) {
    return Batch.newBuilder()
        .addRows(
            TestBatches.row(sensor, 1).setTime(Timestamp.newBuilder().setSeconds(seconds).build()))
        .build();
  }

  private static Timestamp time(long nanos) {
    return Timestamp.newBuilder()
        .setSeconds(nanos / 1_000_000_000L)
        .setNanos((int) (nanos % 1_000_000_000L))
        .build();
  }

  @EachSetup
  void rule7_suppressedCount_isWhatTheModeHeldBack(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder reduced =
        watched(subscriber.everything(1)).clearStart().setMode(Mode.MODE_ON_CHANGE);
    reduced.getOnChangeBuilder().setDeadBand(9.5);
    subscriber.open(reduced);
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    NumberedPublisher numbers = new NumberedPublisher(topic, 1).send(100, 7).settle();

    subscriber.awaitReadings(1, 10L * setup.partitions());
    subscriber
        .responses()
        .await(
            "progress over everything",
            said ->
                said.hasProgress()
                    && said.getProgress().getLagReadings() == 0
                    && said.getProgress().getSuppressedReadings() > 0
                    && said.getProgress().getSuppressedReadings() + 10L * setup.partitions()
                        == numbers.sentInAll());
    assertThat(subscriber.readings(1)).hasSize(10 * setup.partitions());
  }
}
