package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.Batch;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadCallTest {
  private TestServerContext context = new TestServerContext(Limits.defaults());
  private ServedTopic topic = context.topic("t", 2);

  private TestPeer<ReadResponse> start() {
    return new TestPeer<>(
        context, ReadResponse.parser(), out -> new ReadCall(context.context, context.loop, out));
  }

  private TestPeer<ReadResponse> read(ReadRequest.Builder request) {
    TestPeer<ReadResponse> peer = start().send(request.setTopic("t").build()).halfClose();
    context.run();
    return peer;
  }

  private static ReadRequest.Builder earliest() {
    ReadRequest.Builder request = ReadRequest.newBuilder();
    request.getStartBuilder().setEarliest(true);
    return request;
  }

  private static ReadRequest.Builder waiting(int seconds) {
    ReadRequest.Builder request = ReadRequest.newBuilder();
    request.getWaitBuilder().setSeconds(seconds);
    return request;
  }

  private void publish(int partition, long... values) {
    String sensor = SampleBatches.name(0, partition, 2);
    publish(partition, SampleBatches.rows(sensor, values));
  }

  private void publish(int partition, Batch batch) {
    var payload = SampleBatches.named(batch, 0);
    var append = new PartitionRequest.Append(null, "", 0, 0, payload, result -> {});
    assertThat(topic.partitions().get(partition).offer(append)).isTrue();
  }

  private static ReadResponse page(TestPeer<ReadResponse> peer) {
    assertThat(peer.finished).as("%s", peer.failed).isTrue();
    assertThat(peer.got).hasSize(1);
    return peer.last();
  }

  @Test
  void emptyLog_isCaughtUpAtOnce() {
    ReadResponse page = page(read(earliest()));
    assertThat(page.getReadingsCount()).isZero();
    assertThat(page.getCaughtUp()).isTrue();
  }

  @Test
  void sessionsWithNineTenthsUsed_refuseAReadThatWaits_andAnswerOneThatDoesNot() {
    Budget sessions = context.context.admission().budgets().sessions();
    long most = sessions.max() / 100 * 95;
    sessions.take(most);

    TestPeer<ReadResponse> waits = read(waiting(1));
    assertThat(waits.failed.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(waits.failed.message()).contains("session_budget_bytes");
    assertThat(page(read(earliest())).getCaughtUp()).isTrue();
    assertThat(sessions.used()).isEqualTo(most);
    assertThat(sessions.refusals()).isEqualTo(1);
  }

  @Test
  void unsentBudgetNearlyUsed_countsTheReadThatIsRefused_andNotTheOneThatIsAnswered() {
    Budget unsent = context.context.admission().unsent();
    unsent.take(unsent.max());
    publish(0, 1, 2, 3);
    context.run();
    assertThat(page(read(earliest())).getReadingsCount()).isEqualTo(3);
    assertThat(unsent.refusals()).isZero();
    assertThat(read(waiting(1)).failed.message()).contains("unsent_budget_bytes");
    assertThat(unsent.refusals()).isEqualTo(1);
  }

  @Test
  void pages_followEachOtherExactly() {
    publish(0, 1, 2, 3);
    publish(1, 4, 5);
    publish(0, 6);
    context.run();
    ReadRequest.Builder request = earliest().setLimit(2);
    String seen = "";
    ReadResponse page;
    int pages = 0;
    do {
      page = page(read(request));
      for (Reading reading : page.getReadingsList()) {
        seen += reading.getInteger();
      }
      assertThat(page.getReadingsCount()).isLessThanOrEqualTo(2);
      request.getStartBuilder().setAfterCursor(page.getNextCursor());
    } while (!page.getCaughtUp() && ++pages < 10);
    assertThat(seen.chars().sorted().toArray()).isEqualTo("123456".chars().toArray());
    assertThat(seen.replaceAll("[45]", "")).isEqualTo("1236");
    assertThat(seen.replaceAll("[1236]", "")).isEqualTo("45");
  }

  @Test
  void waitingRead_answersAtTheFirstReading() {
    TestPeer<ReadResponse> peer = read(waiting(60));
    assertThat(peer.ended()).isFalse();
    publish(1, 7);
    context.run();
    ReadResponse page = page(peer);
    assertThat(page.getReadingsList()).extracting(Reading::getInteger).containsExactly(7L);
    assertThat(page.getCaughtUp()).isTrue();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void waitingReadOfOthersReadings_waitsOn() {
    ReadRequest.Builder request = waiting(60);
    request.getSelectorBuilder().addNames(SampleBatches.name(1, 0, 2));
    TestPeer<ReadResponse> peer = read(request);
    publish(0, 7);
    context.run();
    assertThat(peer.ended()).isFalse();
    publish(0, SampleBatches.rows(SampleBatches.name(1, 0, 2), 8));
    context.run();
    assertThat(page(peer).getReadingsList()).extracting(Reading::getInteger).containsExactly(8L);
  }

  @Test
  void waitThatIsOver_answersWithNothing() {
    TestPeer<ReadResponse> peer = read(waiting(5));
    context.loop.advance(Duration.ofSeconds(5).toNanos());
    context.run();
    ReadResponse page = page(peer);
    assertThat(page.getReadingsCount()).isZero();
    assertThat(page.getCaughtUp()).isTrue();
    publish(0, 1);
    ReadRequest.Builder next = ReadRequest.newBuilder();
    next.getStartBuilder().setAfterCursor(page.getNextCursor());
    context.run();
    assertThat(page(read(next)).getReadingsCount()).isEqualTo(1);
  }

  @Test
  void waitThatIsOverBeforeTheLogIsRead_answersWithWhatIsStored() {
    publish(0, 1);
    context.run();
    ReadRequest waiting = waiting(5).setStart(earliest().getStart()).setTopic("t").build();
    TestPeer<ReadResponse> peer = start().send(waiting).halfClose();
    while (context.control.runOne() || context.loop.runOne()) {
      // until it waits for the log
    }
    context.loop.advance(Duration.ofSeconds(5).toNanos());
    while (context.loop.runOne()) {
      // its time is over
    }
    assertThat(peer.ended()).isFalse();
    context.run();
    assertThat(page(peer).getReadingsCount()).isEqualTo(1);
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void lateRead_answersWithWhatItHas_orThatItIsLate() {
    context = new TestServerContext(Limits.defaults().with(Limit.CALL_DEADLINE_MS_MAX, 2_000));
    topic = context.topic("t", 2);
    TestPeer<ReadResponse> resolving = start().send(earliest().setTopic("t").build()).halfClose();
    context.loop.advance(Duration.ofSeconds(2).toNanos());
    while (context.loop.runOne()) {
      // the loop alone: nothing is resolved
    }
    assertThat(resolving.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);

    TestPeer<ReadResponse> waiting = read(waiting(60));
    context.loop.advance(Duration.ofSeconds(60).toNanos() - 1);
    context.run();
    assertThat(waiting.ended()).as("the wait is not its work").isFalse();
    context.loop.advance(1);
    context.run();
    assertThat(page(waiting).getCaughtUp()).isTrue();
    assertThat(context.loop.timers()).isZero();
  }

  @Test
  void largeReadings_endThePageInTime() {
    context = new TestServerContext(Limits.defaults().with(Limit.READ_BYTES_MAX, 64 << 10));
    topic = context.topic("t", 2);
    String sensor = SampleBatches.name(0, 0, 2);
    for (int i = 0; i < 40; i++) {
      Reading.Builder row = Reading.newBuilder().setSensor(sensor).setText("t".repeat(9_000));
      publish(0, Batch.newBuilder().addRows(row).addRows(row).build());
    }
    context.run();
    ReadRequest.Builder request = earliest();
    int seen = 0;
    ReadResponse page;
    do {
      page = page(read(request));
      assertThat(page.getSerializedSize()).isBetween(1, 64 << 10);
      seen += page.getReadingsCount();
      request.getStartBuilder().setAfterCursor(page.getNextCursor());
    } while (!page.getCaughtUp());
    assertThat(seen).isEqualTo(80);
  }

  @Test
  void readingLargerThanAPage_isAPage() {
    context = new TestServerContext(Limits.defaults().with(Limit.READ_BYTES_MAX, 64 << 10));
    topic = context.topic("t", 2);
    Reading.Builder row = Reading.newBuilder().setSensor(SampleBatches.name(0, 0, 2));
    publish(0, Batch.newBuilder().addRows(row.setText("t".repeat(100_000))).build());
    publish(0, Batch.newBuilder().addRows(row.setText("small")).build());
    context.run();
    ReadResponse page = page(read(earliest()));
    assertThat(page.getReadingsCount()).isEqualTo(1);
    assertThat(page.getCaughtUp()).isFalse();
  }

  /** One whose reader is delivered less a second than there is in the first of two records. */
  private TestPeer<ReadResponse> readInDebt() {
    context =
        new TestServerContext(Limits.defaults().with(Limit.CLIENT_DELIVERED_BYTES_PER_SECOND, 50));
    topic = context.topic("t", 2);
    publish(0, 1, 2);
    publish(1, 3);
    context.run();
    return read(earliest());
  }

  @Test
  void quotaUsedUpByAPage_answersWithWhatWasGathered_andHoldsBackTheRest() {
    ReadResponse first = page(readInDebt());
    assertThat(first.getReadingsList()).extracting(Reading::getInteger).containsExactly(1L, 2L);
    assertThat(first.getCaughtUp()).isFalse();
    ReadRequest.Builder next = ReadRequest.newBuilder();
    next.getStartBuilder().setAfterCursor(first.getNextCursor());
    TestPeer<ReadResponse> second = read(next);
    assertThat(second.ended()).as("in debt").isFalse();
    context.world.moveClock(Duration.ofSeconds(10).toNanos());
    context.loop.advanceToTimer();
    context.run();
    assertThat(page(second).getReadingsList()).extracting(Reading::getInteger).containsExactly(3L);
    assertThat(page(second).getCaughtUp()).isTrue();
  }

  @Test
  void quotaUsedUp_holdsBackNothingButReadings() {
    readInDebt();
    assertThat(page(read(ReadRequest.newBuilder())).getCaughtUp()).as("nothing to read").isTrue();
    TestPeer<ReadResponse> gone = read(earliest());
    context.world.topics().delete("t");
    context.run();
    assertThat(gone.ended()).as("its topic is deleted").isTrue();
    assertThat(context.loop.timers()).as("nobody waits for the quota").isZero();
  }

  @Test
  void unsentWithNineTenthsUsed_refusesAReadThatWaits_andGivesOthersAShortPage() {
    for (int i = 0; i < 40; i++) {
      publish(0, SampleBatches.rows(SampleBatches.name(0, 0, 2), new long[20]));
    }
    context.run();
    Budget unsent = context.context.admission().unsent();
    long most = unsent.max() / 100 * 95;
    unsent.take(most);

    TestPeer<ReadResponse> waits = read(waiting(1));
    assertThat(waits.failed.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(waits.failed.message()).contains("unsent_budget_bytes");
    ReadResponse page = page(read(earliest()));
    assertThat(page.getReadingsCount()).isBetween(1, 799);
    assertThat(page.getCaughtUp()).isFalse();
    assertThat(unsent.used()).isEqualTo(most);
  }

  @Test
  void pageThatIsGathered_isCounted_andEndsEarlyWhereMemoryIsShort() {
    int budget = 1 << 20;
    context = new TestServerContext(Limits.defaults().with(Limit.UNSENT_BUDGET_BYTES, budget));
    topic = context.topic("t", 2);
    for (int p = 0; p < 2; p++) {
      Reading.Builder row = Reading.newBuilder().setSensor(SampleBatches.name(0, p, 2));
      publish(p, Batch.newBuilder().addRows(row.setText("t".repeat(5_000))).build());
    }
    context.run();
    TestPeer<ReadResponse> peer = start().send(earliest().setTopic("t").build()).halfClose();
    while (context.control.runOne() || context.loop.runOne()) {
      // until it waits for the log
    }
    Budget unsent = context.context.admission().unsent();
    unsent.take(budget);
    context.run();
    assertThat(page(peer).getReadingsCount()).isEqualTo(1);
    assertThat(page(peer).getCaughtUp()).isFalse();
    assertThat(unsent.used()).as("the call counts what it sends").isEqualTo(budget);
    assertThat(page(read(earliest())).getReadingsCount()).as("a short page").isEqualTo(1);
    unsent.giveBack(budget);
    assertThat(page(read(earliest())).getReadingsCount()).isEqualTo(2);
    assertThat(unsent.used()).isZero();
  }

  /** One whose peer has not read others, so that only so many bytes more are taken. */
  private TestPeer<ReadResponse> readWhereFull(int answerBytesMax) {
    TestPeer<ReadResponse> peer = start();
    peer.answerBytesMax = answerBytesMax;
    peer.send(earliest().setTopic("t").build()).halfClose();
    context.run();
    return peer;
  }

  @Test
  void answersThatWereNotRead_endThePageEarly_orRefuseIt() {
    for (int p = 0; p < 2; p++) {
      Reading.Builder row = Reading.newBuilder().setSensor(SampleBatches.name(0, p, 2));
      publish(p, Batch.newBuilder().addRows(row.setText("t".repeat(5_000))).build());
    }
    context.run();
    ReadResponse page = page(readWhereFull(7_000));
    assertThat(page.getReadingsCount()).as("what fits").isEqualTo(1);
    assertThat(page.getCaughtUp()).isFalse();
    TestPeer<ReadResponse> refused = readWhereFull(3_000);
    assertThat(refused.failure()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(refused.got).isEmpty();
    assertThat(page(readWhereFull(20_000)).getReadingsCount()).isEqualTo(2);
    assertThat(context.context.admission().unsent().used()).isZero();
    assertThat(context.sessions.count()).isZero();
  }

  @Test
  void damage_isAGapOfThePage() {
    publish(0, 1, 2, 3);
    publish(0, 4);
    context.run();
    context.world.log(topic, 0).damage(0);
    context.world.restart();
    context = new TestServerContext(context);
    ReadResponse page = page(read(earliest()));
    assertThat(page.getGapsList()).hasSize(1);
    assertThat(page.getGaps(0).getReadings()).isEqualTo(3);
    assertThat(page.getReadingsList()).extracting(Reading::getInteger).containsExactly(4L);
  }

  @Test
  void badRequests_areRefused() {
    int limitMax = Limits.defaults().getInt(Limit.READ_LIMIT_MAX);
    assertThat(read(earliest().setLimit(limitMax + 1)).failure())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(read(earliest().setLimit(-1)).failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(read(waiting(61)).failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(read(waiting(-1)).failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(start().halfClose().failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    ReadRequest twice = earliest().setTopic("t").build();
    assertThat(start().send(twice).send(twice).failure()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void cutCall_releasesEverything() {
    TestPeer<ReadResponse> waiting = read(waiting(60));
    waiting.close();
    TestPeer<ReadResponse> resolving = start().send(earliest().setTopic("t").build());
    resolving.close();
    context.run();
    publish(0, 1);
    context.run();
    assertThat(waiting.got).isEmpty();
    assertThat(resolving.got).isEmpty();
    assertThat(context.sessions.count()).isZero();
    assertThat(context.loop.timers()).isZero();
    assertThat(context.feeds.lagReadingsByTopic()).isEmpty();
  }
}
