package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Problem;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Selector;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionStatus;
import dev.weir.v1.TailRequest;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tests what a subscription may not ask, and that nothing is ignored: rule 13 and contract test 19.
 */
final class SubscribeRefusalContractTest extends ContractTest {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  @EachSetup
  void contract19_emptySelector_isRefused(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber().open();
    Subscription.Builder nothing = subscriber.everything(1).clearSelector();
    Subscription.Builder empty = subscriber.everything(2);
    empty.getSelectorBuilder().clear();

    assertThat(subscriber.add(nothing).getProblem().getReason()).isEqualTo("EMPTY_SELECTOR");
    Problem problem = subscriber.add(empty).getProblem();
    assertThat(problem.getReason()).isEqualTo("EMPTY_SELECTOR");
    assertThat(problem.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
    assertThat(problem.getFieldViolations(0).getField()).isEqualTo("selector");
    TailRequest tail = topic.everything().setSelector(Selector.getDefaultInstance()).build();
    assertThat(CallFailure.by(() -> topic.tail(tail)).reason()).isEqualTo("EMPTY_SELECTOR");
    ReadRequest read =
        ReadRequest.newBuilder()
            .setTopic(topic.name())
            .setSelector(Selector.getDefaultInstance())
            .build();
    assertThat(CallFailure.by(() -> topic.reader().read(read)).reason())
        .isEqualTo("EMPTY_SELECTOR");
    assertThat(topic.tail(topic.everything().clearSelector().build())).as("absent: all").isEmpty();
  }

  @EachTransport
  void contract21_unknownValuesAndFields_areRefused_whileOthersGoOn(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(0));
    for (Map.Entry<String, Subscription.Builder> wrong : unknown(subscriber).entrySet()) {
      Problem problem = subscriber.add(wrong.getValue()).getProblem();
      assertThat(problem.getReason()).as(wrong.getKey()).isEqualTo("UNIMPLEMENTED");
      assertThat(problem.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED.value());
      assertThat(problem.getFieldViolations(0).getField()).contains(wrong.getKey());
    }
    TopicFiller.one(topic, 3);
    assertThat(TopicFiller.values(subscriber.awaitReadings(0, 1))).containsExactly(3.0);
    assertThat(subscriber.add(subscriber.everything(1)).hasEffective())
        .as("a refused id may be used again")
        .isTrue();
  }

  private static Map<String, Subscription.Builder> unknown(RawSubscribeSession subscriber) {
    Map<String, Subscription.Builder> wrong = new LinkedHashMap<>();
    wrong.put("on_expired", subscriber.everything(1).setOnExpiredValue(9));
    wrong.put("mode", subscriber.everything(1).setModeValue(9));
    wrong.put("overflow", subscriber.everything(1).setOverflowValue(-1));
    Subscription.Builder direction = subscriber.everything(1).setMode(Mode.MODE_THRESHOLD);
    direction.getThresholdBuilder().setDirectionValue(8);
    wrong.put("threshold.direction", direction);
    Subscription.Builder lag = subscriber.everything(1).setOverflow(Overflow.OVERFLOW_END);
    lag.getMaxLagBuilder().setReadings(5).setUnknownFields(UNKNOWN);
    wrong.put("max_lag", lag);
    wrong.put("format", subscriber.everything(1).setFormatValue(77));
    wrong.put("99", subscriber.everything(1).setUnknownFields(UNKNOWN));
    Subscription.Builder nested = subscriber.everything(1);
    nested.getStartBuilder().setUnknownFields(UNKNOWN);
    wrong.put("start", nested);
    return wrong;
  }

  @EachTransport
  void rule13_unknownOptionInOpen_refusesThatSubscriptionOnly(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(
        subscriber.everything(1).setModeValue(77),
        subscriber.everything(2).setUnknownFields(UNKNOWN),
        subscriber.everything(3).setOverflowValue(50),
        subscriber.everything(4));

    for (int id = 1; id <= 3; id++) {
      assertThat(subscriber.awaitStatus(id).getProblem().getReason()).isEqualTo("UNIMPLEMENTED");
    }
    assertThat(subscriber.awaitStatus(4).hasProblem()).isFalse();
  }

  @EachTransport
  void rule13_unknownFieldOfOpenItself_refusesTheSession(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.send(
        SubscribeRequest.newBuilder()
            .setOpen(SubscribeOpen.newBuilder().setUnknownFields(UNKNOWN))
            .build());
    RawPublishSession publisher = topic.publisher();
    publisher.send(
        PublishStreamRequest.newBuilder()
            .setOpen(PublishOpen.newBuilder().setTopic(topic.name()).setUnknownFields(UNKNOWN))
            .build());

    assertThat(subscriber.awaitEnd().code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(publisher.awaitEnd().reason()).isEqualTo("UNIMPLEMENTED");
  }

  @EachTransport
  void contract21_unknownRequests_areRefused_andTheSessionGoesOn(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    SubscribeRequest[] unknown = {
      SubscribeRequest.newBuilder().setUnknownFields(UNKNOWN).build(),
      SubscribeRequest.newBuilder()
          .setPing(dev.weir.v1.Ping.newBuilder().setId(1).setUnknownFields(UNKNOWN))
          .build(),
    };
    for (SubscribeRequest request : unknown) {
      assertThat(refusal(subscriber, request).getReason()).isEqualTo("UNIMPLEMENTED");
    }
    assertThat(refusal(subscriber, SubscribeRequest.getDefaultInstance()).getReason())
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(
            refusal(
                    subscriber,
                    SubscribeRequest.newBuilder()
                        .setOpen(SubscribeOpen.getDefaultInstance())
                        .build())
                .getReason())
        .isEqualTo("SESSION_NOT_OPEN");
    TopicFiller.one(topic, 4);
    assertThat(TopicFiller.values(subscriber.awaitReadings(1, 1))).containsExactly(4.0);
    subscriber.ping(8);
  }

  private static Problem refusal(RawSubscribeSession subscriber, SubscribeRequest request) {
    subscriber.responses().mark();
    subscriber.send(request);
    return subscriber
        .responses()
        .await("refused", SubscribeResponse::hasRefused)
        .getRefused()
        .getProblem();
  }

  @EachTransport
  void idInUse_isRefused_alsoTwiceInOneOpen_namingTheFieldAndTheSubscription(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(71), subscriber.everything(71), subscriber.everything(2));

    subscriber.awaitStatus(2);
    TopicFiller.one(topic, 5);
    assertThat(TopicFiller.values(subscriber.awaitReadings(71, 1))).containsExactly(5.0);
    List<SubscriptionStatus> statuses = statuses(subscriber, 71);
    assertThat(statuses).as("one of each").hasSize(2);
    assertThat(statuses).filteredOn(SubscriptionStatus::hasEffective).hasSize(1);
    SubscriptionStatus twice =
        statuses.stream().filter(SubscriptionStatus::hasProblem).findFirst().orElseThrow();
    isNamed(twice.getProblem(), "SUBSCRIPTION_EXISTS", "id", 71);
    Problem again = subscriber.add(subscriber.everything(71)).getProblem();
    isNamed(again, "SUBSCRIPTION_EXISTS", "id", 71);
    assertThat(again.getCode()).isEqualTo(Status.Code.ALREADY_EXISTS.value());
  }

  @EachTransport
  void unknownId_isRefused_namingTheFieldAndTheSubscription(TransportSetup setup) {
    TestTopic topic = topic(setup);
    RawSubscribeSession subscriber = topic.subscriber();
    subscriber.open(subscriber.everything(1));
    Map<String, SubscribeRequest.Builder> requests = new LinkedHashMap<>();
    requests.put("remove.subscription", SubscribeRequest.newBuilder());
    requests.get("remove.subscription").getRemoveBuilder().setSubscription(79);
    requests.put("credit.subscription", SubscribeRequest.newBuilder());
    requests.get("credit.subscription").getCreditBuilder().setSubscription(79);
    requests.put("commit.subscription", SubscribeRequest.newBuilder());
    requests.get("commit.subscription").getCommitBuilder().setSubscription(79);

    requests.forEach(
        (field, request) -> {
          Problem problem = refusal(subscriber, request.build());
          isNamed(problem, "SUBSCRIPTION_NOT_FOUND", field, 79);
          assertThat(problem.getCode()).isEqualTo(Status.Code.NOT_FOUND.value());
        });
    TopicFiller.one(topic, 6);
    assertThat(TopicFiller.values(subscriber.awaitReadings(1, 1))).containsExactly(6.0);
  }

  private static List<SubscriptionStatus> statuses(RawSubscribeSession subscriber, int id) {
    return subscriber.responses().all().stream()
        .filter(said -> said.hasStatus() && said.getStatus().getSubscription() == id)
        .map(SubscribeResponse::getStatus)
        .toList();
  }

  private static void isNamed(Problem problem, String reason, String field, int id) {
    assertThat(problem.getReason()).isEqualTo(reason);
    assertThat(problem.getFieldViolationsList())
        .extracting(violation -> violation.getField())
        .containsExactly(field);
    assertThat(problem.getMessage()).contains("subscription " + id);
  }

  @EachTransport
  void rule13_tailAndRead_refuseWhatTheyDoNotKnow(TransportSetup setup) {
    TestTopic topic = topic(setup);
    TailRequest mode = topic.everything().setModeValue(7).build();
    TailRequest unknown = topic.everything().setUnknownFields(UNKNOWN).build();
    ReadRequest expired =
        ReadRequest.newBuilder().setTopic(topic.name()).setOnExpiredValue(7).build();

    assertThat(CallFailure.by(() -> topic.tail(mode)).code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(CallFailure.by(() -> topic.tail(unknown)).reason()).isEqualTo("UNIMPLEMENTED");
    CallFailure read = CallFailure.by(() -> topic.reader().read(expired));
    assertThat(read.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(read.fields()).containsExactly("on_expired");
  }

  @EachTransport
  void wrongSubscriptions_areInvalid_andNameTheirFields(TransportSetup setup) {
    TestTopic topic = topicOfOwnServer(setup, quick().with(Limit.SELECTOR_NAMES_MAX, 2));
    RawSubscribeSession subscriber = topic.subscriber().open();
    Map<String, Subscription.Builder> wrong = new LinkedHashMap<>();
    wrong.put("topic", subscriber.everything(1).setTopic("Not A Topic"));
    wrong.put(
        "start.latest", subscriber.everything(1).setStart(Start.newBuilder().setLatest(false)));
    wrong.put(
        "start.earliest", subscriber.everything(1).setStart(Start.newBuilder().setEarliest(false)));
    Subscription.Builder fast = subscriber.everything(1);
    fast.getProgressIntervalBuilder().setNanos(1_000_000);
    wrong.put("progress_interval", fast);
    Subscription.Builder both = subscriber.everything(1);
    both.getSelectorBuilder().addNames("a");
    wrong.put("selector", both);
    Subscription.Builder badName = subscriber.everything(1);
    badName.getSelectorBuilder().clear().addNames("a").addNames("b*");
    wrong.put("selector.names[1]", badName);
    Subscription.Builder many = subscriber.everything(1);
    many.getSelectorBuilder().clear().addNames("a").addNames("b").addNames("c");
    wrong.put("selector.names", many);
    wrong.put("max_message_bytes", subscriber.everything(1).setMaxMessageBytes(1_000));
    Subscription.Builder patient = subscriber.everything(1);
    patient.getMaxLagBuilder().setReadings(5);
    wrong.put("max_lag", patient);
    Subscription.Builder noLag = subscriber.everything(1).setOverflow(Overflow.OVERFLOW_END);
    noLag.getMaxLagBuilder().setReadings(0);
    wrong.put("max_lag.readings", noLag);
    Subscription.Builder negative = subscriber.everything(1);
    negative.getMaxAgeBuilder().setSeconds(-1);
    wrong.put("max_age", negative);
    Subscription.Builder time = subscriber.everything(1);
    time.getStartBuilder().getFromTimeBuilder().setNanos(-1);
    wrong.put("start.from_time", time);

    wrong.forEach(
        (field, subscription) -> {
          Problem problem = subscriber.add(subscription).getProblem();
          assertThat(problem.getFieldViolationsList())
              .as(problem.toString())
              .extracting(violation -> violation.getField())
              .containsExactly(field);
        });
  }
}
