package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.DeliveredReading;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CommittedCursor;
import dev.weir.v1.Credit;
import dev.weir.v1.DeleteCursorRequest;
import dev.weir.v1.GetCursorsRequest;
import dev.weir.v1.GetCursorsResponse;
import dev.weir.v1.Problem;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/** Rule 10 of SubscribeService: committed cursors. */
final class CommitContractTest extends ContractTest {
  private static final Start COMMITTED = Start.newBuilder().setCommitted(true).build();

  private static Subscription.Builder durable(RawSubscribeSession subscriber, int id, String name) {
    return subscriber.everything(id).setName(name).setStart(COMMITTED);
  }

  private static String commit(TestTopic topic, String name, String cursor) {
    return topic.reader().commitCursor(request(topic, name, cursor)).getCursor();
  }

  private static CommitCursorRequest request(TestTopic topic, String name, String cursor) {
    return CommitCursorRequest.newBuilder()
        .setTopic(topic.name())
        .setName(name)
        .setCursor(cursor)
        .build();
  }

  private static GetCursorsResponse cursors(TestTopic topic, String name, int size, String token) {
    return topic
        .reader()
        .getCursors(
            GetCursorsRequest.newBuilder()
                .setTopic(topic.name())
                .setName(name)
                .setPageSize(size)
                .setPageToken(token)
                .build());
  }

  /** Returns everything after the committed cursor of a name. */
  private static List<DeliveredReading> rest(TestTopic topic, String name) {
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder again = durable(subscriber, 1, name);
    again.getUntilBuilder().setNow(true);
    subscriber.open(again);
    subscriber.awaitEnd(1);
    subscriber.halfClose();
    return subscriber.readings(1);
  }

  private static void requireRest(
      TestTopic topic, List<DeliveredReading> rest, List<DeliveredReading> expected) {
    for (int p = 0; p < topic.partitions(); p++) {
      assertThat(TopicFiller.values(TopicFiller.of(rest, p)))
          .isEqualTo(TopicFiller.values(TopicFiller.of(expected, p)));
    }
  }

  @EachSetup
  void rule10_commitsMoveForwardOnly_andAreAcked(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.partitions(topic, 6);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(durable(subscriber, 1, "d"));
    int total = 24 * setup.partitions();
    List<DeliveredReading> all = subscriber.awaitReadings(1, total);
    String early = all.get(2).cursor();
    String middle = all.get(total / 2).cursor();

    assertThat(subscriber.committed(1, middle)).isEqualTo(middle);
    assertThat(subscriber.committed(1, middle)).as("repeated").isEqualTo(middle);
    assertThat(subscriber.committed(1, early)).as("backwards").isEqualTo(middle);
    requireRest(topic, rest(topic, "d"), all.subList(total / 2 + 1, total));
    assertThat(subscriber.committed(1, all.get(total - 1).cursor()))
        .isEqualTo(all.get(total - 1).cursor());
    assertThat(rest(topic, "d")).isEmpty();
    assertThat(rest(topic, "nobody committed this")).hasSize(total);
  }

  @EachSetup
  void rule10_everyCommitIsAnswered_orStandsForThoseBefore(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.partitions(topic, 25);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(durable(subscriber, 1, "d"));
    int total = 100 * setup.partitions();
    List<DeliveredReading> all = subscriber.awaitReadings(1, total);
    all.forEach(got -> subscriber.commit(1, got.cursor()));
    String last = all.get(total - 1).cursor();
    subscriber
        .responses()
        .await("the last ack", said -> said.getCommitAck().getCursor().equals(last));

    assertThat(cursors(topic, "d", 0, "").getCursors(0).getCursor()).isEqualTo(last);
    assertThat(subscriber.responses().all()).noneMatch(SubscribeResponse::hasRefused);
  }

  @EachSetup
  void rule10_ackedCommits_surviveAKill_andTheConsumerGoesOnThere(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    TopicFiller.partitions(topic, 6);
    int total = 24 * setup.partitions();
    List<DeliveredReading> seen = new ArrayList<>();
    for (int round = 1; round <= 3; round++) {
      RawSubscribeSession subscriber = topic.subscriber();
      subscriber.open(
          durable(subscriber, 1, "consumer").setCredit(Credit.newBuilder().setReadings(3)));
      subscriber.awaitReadings(1, 3);
      List<DeliveredReading> got = subscriber.readings(1);
      int keep = Math.min(5, got.size());
      seen.addAll(got.subList(0, keep));
      String cursor = got.get(keep - 1).cursor();
      assertThat(subscriber.committed(1, cursor)).isEqualTo(cursor);
      topic.server().kill();
      topic.server().startAgain();
    }
    List<DeliveredReading> rest = rest(topic, "consumer");
    assertThat(rest).hasSize(total - seen.size());
    seen.addAll(rest);
    assertThat(seen).extracting(DeliveredReading::value).doesNotHaveDuplicates();
    requireRest(topic, seen, topic.stored());
    topic.server().stop();
    topic.server().startAgain();
    assertThat(rest(topic, "consumer")).hasSameSizeAs(rest);
  }

  @EachSetup
  void rule10_cursorNeverDelivered_isRefused_andNothingIsCommitted(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> all = TopicFiller.partitions(topic, 6);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        durable(subscriber, 1, "d").setCredit(Credit.newBuilder().setReadings(0)),
        subscriber.everything(2));
    subscriber.awaitStatus(1);
    subscriber.responses().mark();
    subscriber.commit(1, all.get(all.size() - 1).cursor());

    Problem ahead = subscriber.awaitRefused();
    assertThat(ahead.getReason()).isEqualTo("COMMIT_AHEAD");
    assertThat(ahead.getFieldViolations(0).getField()).isEqualTo("commit.cursor");
    assertThat(CallFailure.by(() -> cursors(topic, "d", 0, "")).reason())
        .isEqualTo("CURSOR_NOT_FOUND");
    for (String wrong : List.of("", "nonsense", all.get(0).cursor() + "A")) {
      subscriber.responses().mark();
      subscriber.commit(1, wrong);
      assertThat(subscriber.awaitRefused().getReason()).isEqualTo("CURSOR_INVALID");
    }
    subscriber.responses().mark();
    subscriber.commit(2, all.get(0).cursor());
    assertThat(subscriber.awaitRefused().getReason()).as("no name").isEqualTo("INVALID_ARGUMENT");
    subscriber.responses().mark();
    subscriber.commit(77, all.get(0).cursor());
    assertThat(subscriber.awaitRefused().getReason()).isEqualTo("SUBSCRIPTION_NOT_FOUND");
    subscriber.awaitReadings(2, all.size());
  }

  @EachSetup
  void rule10_unaryCommits_areForwardOnlyToo_andListed(TransportSetup setup) {
    TestTopic topic = topic(setup);
    List<DeliveredReading> all = TopicFiller.partitions(topic, 6);
    int total = all.size();
    String early = all.get(1).cursor();
    String middle = all.get(total / 2).cursor();
    for (String name : List.of("b", "a", "c")) {
      assertThat(commit(topic, name, middle)).isEqualTo(middle);
    }
    assertThat(commit(topic, "a", early)).as("backwards").isEqualTo(middle);
    CommittedCursor one = cursors(topic, "a", 0, "").getCursors(0);
    assertThat(one.getCursor()).isEqualTo(middle);
    assertThat(one.getLagReadings()).isEqualTo(total - total / 2 - 1);
    assertThat(one.getCommitTime().getSeconds()).isPositive();

    GetCursorsResponse first = cursors(topic, "", 2, "");
    GetCursorsResponse second = cursors(topic, "", 2, first.getNextPageToken());
    assertThat(first.getCursorsList())
        .extracting(CommittedCursor::getName)
        .containsExactly("a", "b");
    assertThat(second.getCursorsList()).extracting(CommittedCursor::getName).containsExactly("c");
    assertThat(second.getNextPageToken()).isEmpty();
    DeleteCursorRequest delete =
        DeleteCursorRequest.newBuilder().setTopic(topic.name()).setName("a").build();
    topic.reader().deleteCursor(delete);
    CallFailure again = CallFailure.by(() -> topic.reader().deleteCursor(delete));
    assertThat(again.reason()).isEqualTo("CURSOR_NOT_FOUND");
    assertThat(again.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(cursors(topic, "", 0, "").getCursorsCount()).isEqualTo(2);
    assertThat(rest(topic, "a")).as("forgotten: from the earliest").hasSize(total);
    assertThat(commit(topic, "a", early)).as("begun again").isEqualTo(early);
  }

  @EachTransport
  void rule10_commitsOfSeveralPartitions_areMergedPerPartition(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick(), 2);
    TopicFiller.partitions(topic, 3);
    RawSubscribeSession subscriber = topic.subscriber();
    String[] own = new String[2];
    for (int p = 0; p < 2; p++) { // each was given the readings of one partition only, at first
      Subscription.Builder one = subscriber.everything(p);
      one.getSelectorBuilder().clearAll().addNames(topic.sensor(p, 0));
      if (p == 0) {
        subscriber.open(one);
      } else {
        subscriber.add(one);
      }
      own[p] = subscriber.awaitReadings(p, 6).get(0).cursor();
    }
    commit(topic, "d", own[0]);
    String both = commit(topic, "d", own[1]);

    assertThat(topic.tail(topic.everything().setStart(StartPositions.after(both)).build()))
        .as("behind the first reading of each partition, or more")
        .hasSizeLessThanOrEqualTo(22);
    assertThat(commit(topic, "d", own[0])).isEqualTo(both);
    requireRest(
        topic,
        rest(topic, "d"),
        topic.tail(topic.everything().setStart(StartPositions.after(both)).build()));
  }

  @EachTransport
  void wrongCommits_areRefused_namingTheField(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.CURSORS_PER_TOPIC_MAX, 1));
    TestTopic other = topic.server().topic("other", 1);
    String cursor = TopicFiller.partitions(topic, 1).get(0).cursor();
    String foreign = TopicFiller.partitions(other, 1).get(0).cursor();

    assertThat(CallFailure.by(() -> commit(topic, "", cursor)).fields()).containsExactly("name");
    assertThat(CallFailure.by(() -> commit(topic, "a\u0001", cursor)).fields())
        .containsExactly("name");
    assertThat(CallFailure.by(() -> commit(topic, "x".repeat(129), cursor)).fields())
        .containsExactly("name");
    assertThat(CallFailure.by(() -> commit(topic, "n", foreign)).reason())
        .isEqualTo("CURSOR_INVALID");
    assertThat(CallFailure.by(() -> commit(topic, "n", "")).reason()).isEqualTo("CURSOR_INVALID");
    assertThat(
            CallFailure.by(
                    () ->
                        topic
                            .reader()
                            .commitCursor(
                                request(topic, "n", cursor).toBuilder().setTopic("no").build()))
                .reason())
        .isEqualTo("TOPIC_NOT_FOUND");
    commit(topic, "n", cursor);
    assertThat(CallFailure.by(() -> commit(topic, "m", cursor)).reason())
        .isEqualTo("LIMIT_REACHED");
    RawSubscribeSession subscriber = topic.subscriber().open();
    Problem unnamed = subscriber.add(subscriber.everything(1).setStart(COMMITTED)).getProblem();
    assertThat(unnamed.getFieldViolations(0).getField()).isEqualTo("start.committed");
    Subscription.Builder badName = durable(subscriber, 1, "b\u0000d");
    assertThat(subscriber.add(badName).getProblem().getFieldViolations(0).getField())
        .isEqualTo("name");
  }
}
