package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeServiceGrpc;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Read: paging and long polling. */
final class ReadContractTest extends ContractTest {
  private static ReadRequest.Builder earliest(TestTopic topic) {
    return ReadRequest.newBuilder().setTopic(topic.name()).setStart(StartPositions.earliest());
  }

  @EachSetup
  void pages_joinedByTheirCursors_areEverythingOnce(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> stored = TopicFiller.partitions(topic, 10);
    for (int limit : new int[] {1, 7, 1_000}) {
      List<Double> values = new ArrayList<>();
      ReadRequest.Builder request = earliest(topic).setLimit(limit);
      ReadResponse page;
      do {
        page = topic.reader().read(request.build());
        assertThat(page.getReadingsCount()).isLessThanOrEqualTo(limit);
        assertThat(page.getReadingsCount() > 0 || page.getCaughtUp()).isTrue();
        page.getReadingsList().forEach(reading -> values.add(reading.getDouble()));
        request.setStart(StartPositions.after(page.getNextCursor()));
      } while (!page.getCaughtUp());
      assertThat(values)
          .as("limit %s", limit)
          .containsExactlyInAnyOrderElementsOf(TopicFiller.values(stored));
      ReadResponse end = topic.reader().read(request.build());
      assertThat(end.getReadingsList()).isEmpty();
      assertThat(end.getCaughtUp()).isTrue();
    }
  }

  @EachSetup
  void limit_isHundredByDefault_andPagesEndAtTheirBytesToo(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.READ_BYTES_MAX, 64 << 10));
    int total = TopicFiller.partitions(topic, 250).size();
    assertThat(topic.reader().read(earliest(topic).build()).getReadingsCount()).isEqualTo(100);
    ReadResponse page = topic.reader().read(earliest(topic).setLimit(10_000).build());
    assertThat(page.getSerializedSize()).isLessThan(80 << 10);
    assertThat(page.getReadingsCount()).isLessThan(total);
    assertThat(page.getReadingsList()).extracting(Reading::getCursor).doesNotContain("");
  }

  @EachSetup
  void latest_readsWhatComesBehindItsCursor(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    ReadRequest latest = ReadRequest.newBuilder().setTopic(topic.name()).build();
    ReadResponse none = topic.reader().read(latest);
    TopicFiller.one(topic, 2);
    ReadRequest next =
        latest.toBuilder().setStart(StartPositions.after(none.getNextCursor())).build();

    assertThat(none.getReadingsList()).isEmpty();
    assertThat(none.getCaughtUp()).isTrue();
    assertThat(topic.reader().read(next).getReadingsList())
        .extracting(Reading::getDouble)
        .hasSize(setup.partitions())
        .containsOnly(2.0);
  }

  @EachSetup
  void wait_isOverWithTheFirstReading(TransportSetup setup) throws Exception {
    TestTopic topic = topic(setup);
    TopicFiller.one(topic, 1);
    ReadRequest.Builder request = ReadRequest.newBuilder().setTopic(topic.name());
    request.setStart(StartPositions.after(topic.reader().read(request.build()).getNextCursor()));
    request.getWaitBuilder().setSeconds(60);
    ListenableFuture<ReadResponse> waiting =
        SubscribeServiceGrpc.newFutureStub(topic.server().channel()).read(request.build());
    assertThat(waiting.isDone()).isFalse();
    TopicFiller.one(topic, 2);

    ReadResponse page = waiting.get(10, TimeUnit.SECONDS);
    assertThat(page.getReadingsCount()).isBetween(1, setup.partitions());
    assertThat(page.getReadings(0).getDouble()).isEqualTo(2);
  }

  @EachTransport
  void wait_endsWithAnEmptyPage_andDoesNotDelayWhatIsThere(TransportSetup setup) {
    TestTopic topic = topic(setup);
    ReadRequest.Builder request = earliest(topic);
    request.getWaitBuilder().setNanos(50_000_000);
    long startNanos = System.nanoTime();
    ReadResponse empty = topic.reader().read(request.build());
    Duration waited = Duration.ofNanos(System.nanoTime() - startNanos);

    assertThat(empty.getReadingsList()).isEmpty();
    assertThat(empty.getCaughtUp()).isTrue();
    assertThat(waited).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    TopicFiller.one(topic, 1);
    request.getWaitBuilder().setNanos(0).setSeconds(60);
    assertThat(topic.reader().read(request.build()).getReadingsCount()).isEqualTo(1);
  }

  @EachTransport
  void wrongLimitsAndWaits_areInvalid(TransportSetup setup) {
    TestTopic topic = topic(setup);
    ReadRequest large = earliest(topic).setLimit(10_001).build();
    ReadRequest.Builder longWait = earliest(topic);
    longWait.getWaitBuilder().setSeconds(61);
    ReadRequest.Builder negative = earliest(topic);
    negative.getWaitBuilder().setSeconds(-1);

    assertThat(refused(topic, large)).containsExactly("limit");
    assertThat(refused(topic, longWait.build())).containsExactly("wait");
    assertThat(refused(topic, negative.build())).containsExactly("wait");
  }

  private static List<String> refused(TestTopic topic, ReadRequest request) {
    CallFailure refusal = CallFailure.by(() -> topic.reader().read(request));
    assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    return refusal.fields();
  }
}
