package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Credit;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Kind;
import dev.weir.v1.Mode;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Phase;
import dev.weir.v1.Problem;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Status;
import java.util.List;

/** The life of a subscribing session: open, add, remove, sensors, pings, half-close, stop. */
final class SubscribeSessionContractTest extends ContractTest {
  @EachSetup
  void contract20_halfClose_keepsDelivering_andEndsOkWhenNothingIsLeft(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    Subscription.Builder some = subscriber.everything(1);
    some.getUntilBuilder().setCount(2L * setup.partitions());
    subscriber.open(some);
    subscriber.halfClose();
    subscriber.awaitPhase(1, Phase.PHASE_CAUGHT_UP);
    TopicFiller.one(topic, 1);
    subscriber.awaitReadings(1, setup.partitions());
    assertThat(subscriber.responses().isOver()).isFalse();
    TopicFiller.one(topic, 2);

    assertThat(subscriber.awaitEnd().code()).isEqualTo(Status.Code.OK);
    assertThat(subscriber.readings(1)).hasSize(2 * setup.partitions());
    assertThat(subscriber.awaitEnd(1).getReason()).isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
  }

  @EachTransport
  void openWithoutSubscriptions_halfClosed_endsOk(TransportSetup setup) {
    RawSubscribeSession subscriber = topic(setup).subscriber().open();
    subscriber.halfClose();
    assertThat(subscriber.awaitEnd().code()).isEqualTo(Status.Code.OK);
  }

  @EachTransport
  void firstMessage_mustBeOpen(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession early = topic.subscriber();
    early.credit(1, Credit.newBuilder());
    assertThat(early.awaitEnd().reason()).isEqualTo("SESSION_NOT_OPEN");
    RawSubscribeSession silent = topic.subscriber();
    silent.halfClose();
    assertThat(silent.awaitEnd().code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  @EachTransport
  void sessionThatIsNotOpenedInTime_isEnded(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.OPEN_TIMEOUT_MS, 100));
    assertThat(topic.subscriber().awaitEnd().reason()).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(topic.publisher().awaitEnd().code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @EachTransport
  void status_tellsTheSettingsInForce_andTheStart(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber().open();
    SubscriptionStatus status = subscriber.add(subscriber.everything(3).clearStart());

    assertThat(status.getStartCursor()).isNotEmpty();
    Subscription effective = status.getEffective();
    assertThat(effective.getMode()).isEqualTo(Mode.MODE_EVERY);
    assertThat(effective.getOverflow()).isEqualTo(Overflow.OVERFLOW_CATCH_UP);
    assertThat(effective.getOnExpired()).isEqualTo(OnExpired.ON_EXPIRED_FAIL);
    assertThat(effective.getFormat()).isEqualTo(Format.FORMAT_ROWS);
    assertThat(effective.getStart().getLatest()).isTrue();
  }

  @EachTransport
  void idsInUseOrUnknown_areRefused_andTheOthersGoOn(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.SUBSCRIPTIONS_PER_SESSION_MAX, 2));
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    subscriber.awaitStatus(1);

    assertThat(subscriber.add(subscriber.everything(1)).getProblem().getReason())
        .isEqualTo("SUBSCRIPTION_EXISTS");
    assertThat(
            refused(
                subscriber,
                SubscribeRequest.newBuilder()
                    .setRemove(Remove.newBuilder().setSubscription(9))
                    .build()))
        .isEqualTo("SUBSCRIPTION_NOT_FOUND");
    assertThat(
            refused(
                subscriber,
                SubscribeRequest.newBuilder()
                    .setCredit(
                        GrantCredit.newBuilder()
                            .setSubscription(9)
                            .setCredit(Credit.newBuilder().setBytes(1)))
                    .build()))
        .isEqualTo("SUBSCRIPTION_NOT_FOUND");
    assertThat(
            refused(
                subscriber,
                SubscribeRequest.newBuilder()
                    .setCredit(GrantCredit.newBuilder().setSubscription(1))
                    .build()))
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(subscriber.add(subscriber.everything(2)).hasProblem()).isFalse();
    Problem third = subscriber.add(subscriber.everything(3)).getProblem();
    assertThat(third.getReason()).isEqualTo("LIMIT_REACHED");
    TopicFiller.one(topic, 6);
    subscriber.awaitReadings(1, 1);
    subscriber.awaitReadings(2, 1);
  }

  private static String refused(RawSubscribeSession subscriber, SubscribeRequest request) {
    subscriber.responses().mark();
    subscriber.send(request);
    return subscriber
        .responses()
        .await("refused", SubscribeResponse::hasRefused)
        .getRefused()
        .getProblem()
        .getReason();
  }

  @EachSetup
  void afterRemoved_nothingOfTheSubscriptionFollows(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1), subscriber.everything(2));
    TopicFiller.one(topic, 1);
    subscriber.awaitReadings(1, setup.partitions());
    subscriber.remove(1);
    TopicFiller.one(topic, 2);
    subscriber.awaitReadings(2, 2L * setup.partitions());
    subscriber.ping(1);

    assertThat(subscriber.readings(1)).hasSize(setup.partitions());
    List<SubscribeResponse> all = subscriber.responses().all();
    int end = 0;
    while (!all.get(end).hasEnd()) {
      end++;
    }
    assertThat(all.subList(end + 1, all.size()))
        .noneMatch(said -> said.getDelivery().getSubscription() == 1)
        .noneMatch(said -> said.getPhase().getSubscription() == 1);
  }

  @EachSetup
  void sensors_areToldOnce_beforeTheFirstUseOfTheirIds(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TopicFiller.partitions(topic, 4);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setFormat(Format.FORMAT_COLUMNS),
        subscriber.everything(2).setFormat(Format.FORMAT_COLUMNS));
    int total = 4 * TopicFiller.ROWS_PER_BATCH * setup.partitions();
    subscriber.awaitReadings(1, total);
    subscriber.awaitReadings(2, total);
    RawPublishSession publisher = topic.publisher().opened();
    String late = topic.sensor(0, 99);
    publisher.store(0, 1, TestBatches.rows(late, 1));
    subscriber.awaitReadings(1, total + 1);
    subscriber.awaitReadings(2, total + 1);

    List<Integer> told =
        subscriber.responses().all().stream()
            .filter(SubscribeResponse::hasSensors)
            .flatMap(said -> said.getSensors().getSensorsList().stream())
            .peek(sensor -> assertThat(sensor.getKind()).isEqualTo(Kind.KIND_DOUBLE))
            .map(sensor -> sensor.getId())
            .toList();
    assertThat(told).hasSize(2 * setup.partitions() + 1).doesNotHaveDuplicates();
  }

  @EachSetup
  void stoppingServer_endsSessionsWithAReason_andResumingLosesNothing(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick());
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    RawPublishSession publisher = topic.publisher();
    publisher.open("p", 0);
    for (int sequence = 1; sequence <= 5; sequence++) {
      publisher.store(0, sequence, TestBatches.rows(topic.sensor(0, 0), sequence));
    }
    subscriber.awaitReadings(1, 5);
    topic.server().stopWithOpenCalls();

    assertThat(subscriber.awaitEnd().reason()).isEqualTo("SHUTTING_DOWN");
    assertThat(publisher.awaitEnd().code()).isEqualTo(Status.Code.UNAVAILABLE);
    topic.server().startAgain();
    assertThat(topic.values(0)).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0);
  }
}
