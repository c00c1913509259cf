package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.NumberedPublisher;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Batch;
import dev.weir.v1.GetLatestRequest;
import dev.weir.v1.GetLatestResponse;
import dev.weir.v1.Kind;
import dev.weir.v1.Reading;
import dev.weir.v1.Selector;
import java.util.ArrayList;
import java.util.List;

/** GetLatest. */
final class LatestContractTest extends ContractTest {
  private static GetLatestResponse page(
      TestTopic topic, Selector selector, int size, String token) {
    GetLatestRequest.Builder request =
        GetLatestRequest.newBuilder().setTopic(topic.name()).setPageSize(size).setPageToken(token);
    if (!selector.equals(Selector.getDefaultInstance())) {
      request.setSelector(selector);
    }
    return topic.reader().getLatest(request.build());
  }

  private static List<Reading> all(TestTopic topic, Selector selector, int size) {
    List<Reading> readings = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      GetLatestResponse page = page(topic, selector, size, token);
      assertThat(page.getReadingsCount()).isLessThanOrEqualTo(size);
      readings.addAll(page.getReadingsList());
      token = page.getNextPageToken();
      assertThat(++pages).as("pages end").isLessThan(1_000);
    } while (!token.isEmpty());
    return readings;
  }

  @EachSetup
  void pages_giveEachSensorOnce_withItsLastValue(TransportSetup setup) {
    TestTopic topic = topic(setup);
    int sensors = 23;
    NumberedPublisher numbers = new NumberedPublisher(topic, sensors).send(100, 10).settle();
    for (int size : new int[] {1, 7, 1_000}) {
      List<Reading> readings = all(topic, Selector.getDefaultInstance(), size);
      assertThat(readings).hasSize(sensors * setup.partitions());
      assertThat(readings).extracting(Reading::getSensor).doesNotHaveDuplicates();
      assertThat(readings).allMatch(reading -> reading.getCursor().isEmpty());
      for (Reading reading : readings) {
        long number = (long) reading.getDouble();
        assertThat(number).isBetween(100L - sensors, 99L);
        long nanos = NumberedPublisher.BASE_NANOS + number * NumberedPublisher.STEP_NANOS;
        assertThat(reading.getTime().getSeconds() * 1_000_000_000L + reading.getTime().getNanos())
            .isEqualTo(nanos);
      }
    }
    for (int p = 0; p < setup.partitions(); p++) {
      Selector one = Selector.newBuilder().addNames(numbers.sensor(p, 99)).build();
      assertThat(all(topic, one, 10)).extracting(Reading::getDouble).containsExactly(99.0);
    }
    Selector globs = Selector.newBuilder().addGlobs("line3/*").build();
    assertThat(all(topic, globs, 2)).hasSize(setup.partitions());
  }

  @EachSetup
  void cursor_isThePositionAsOfWhichTheValuesAre(TransportSetup setup) {
    TestTopic topic = topic(setup);
    NumberedPublisher numbers = new NumberedPublisher(topic, 3).send(30, 10).settle();
    GetLatestResponse latest = page(topic, Selector.getDefaultInstance(), 0, "");
    numbers.send(20, 10).settle();
    List<DeliveredReading> after =
        topic.tail(topic.everything().setStart(StartPositions.after(latest.getCursor())).build());

    assertThat(latest.getReadingsList())
        .extracting(Reading::getDouble)
        .hasSize(3 * setup.partitions())
        .containsOnly(27.0, 28.0, 29.0);
    for (int p = 0; p < setup.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(after, p)))
          .hasSize(20)
          .startsWith(30.0)
          .endsWith(49.0);
    }
  }

  @EachSetup
  void lastIsByEventTime_andSurvivesRestarts(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    RawPublishSession publisher = topic.publisher().opened();
    int last = topic.lastPartition();
    publisher.store(last, 1, at(topic.sensor(last, 0), 100, 1));
    publisher.store(last, 2, at(topic.sensor(last, 0), 50, 2));
    publisher.store(last, 3, at(topic.sensor(last, 0), 100, 3));
    publisher.define(1, TestBatches.sensor(topic.sensor(last, 7), Kind.KIND_DOUBLE));
    topic.server().stop();
    topic.server().startAgain();
    assertThat(all(topic, Selector.getDefaultInstance(), 10))
        .extracting(Reading::getDouble)
        .containsExactly(3.0);
    topic.server().kill();
    topic.server().startAgain();
    assertThat(all(topic, Selector.getDefaultInstance(), 10))
        .extracting(Reading::getDouble)
        .containsExactly(3.0);
  }

  private static Batch at(String sensor, long seconds, double value) {
    return Batch.newBuilder()
        .addRows(
            TestBatches.row(sensor, value)
                .setTime(Timestamp.newBuilder().setSeconds(seconds).build()))
        .build();
  }

  @EachSetup
  void everyKindIsKept_andTooLargeOnesAreNamed(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.LATEST_VALUE_BYTES_MAX, 1_024));
    RawPublishSession publisher = topic.publisher().opened();
    int last = topic.lastPartition();
    Batch batch =
        Batch.newBuilder()
            .addRows(Reading.newBuilder().setSensor(topic.sensor(last, 0)).setInteger(-7))
            .addRows(Reading.newBuilder().setSensor(topic.sensor(last, 1)).setBoolean(true))
            .addRows(Reading.newBuilder().setSensor(topic.sensor(last, 2)).setText("grün"))
            .addRows(
                Reading.newBuilder()
                    .setSensor(topic.sensor(last, 3))
                    .setBlob(ByteString.copyFromUtf8("ab")))
            .addRows(
                Reading.newBuilder().setSensor(topic.sensor(last, 4)).setText("x".repeat(1_025)))
            .addRows(TestBatches.row(topic.sensor(last, 5), Double.NaN))
            .build();
    publisher.store(last, 1, batch);
    GetLatestResponse latest = page(topic, Selector.getDefaultInstance(), 0, "");

    assertThat(latest.getTooLargeList()).containsExactly(topic.sensor(last, 4));
    assertThat(latest.getReadingsList()).hasSize(5);
    for (Reading reading : latest.getReadingsList()) {
      Reading stored =
          batch.getRowsList().stream()
              .filter(row -> row.getSensor().equals(reading.getSensor()))
              .findFirst()
              .orElseThrow();
      assertThat(reading.toBuilder().clearTime().build()).isEqualTo(stored);
    }
  }

  @EachTransport
  void wrongRequests_areRefused_namingTheField(TransportSetup setup) {
    TestTopic topic = topic(setup);
    assertThat(
            CallFailure.by(() -> page(topic, Selector.getDefaultInstance(), 10_001, "")).fields())
        .containsExactly("page_size");
    assertThat(
            CallFailure.by(() -> page(topic, Selector.getDefaultInstance(), 1, "no token"))
                .fields())
        .containsExactly("page_token");
    assertThat(
            CallFailure.by(
                    () ->
                        topic
                            .reader()
                            .getLatest(
                                GetLatestRequest.newBuilder()
                                    .setTopic(topic.name())
                                    .setSelector(Selector.getDefaultInstance())
                                    .build()))
                .reason())
        .isEqualTo("EMPTY_SELECTOR");
    assertThat(page(topic, Selector.getDefaultInstance(), 0, "").getReadingsList()).isEmpty();
    assertThat(page(topic, Selector.getDefaultInstance(), 0, "").getCursor()).isNotEmpty();
    assertThat(
            CallFailure.by(
                    () ->
                        topic
                            .reader()
                            .getLatest(GetLatestRequest.newBuilder().setTopic("missing").build()))
                .reason())
        .isEqualTo("TOPIC_NOT_FOUND");
  }
}
