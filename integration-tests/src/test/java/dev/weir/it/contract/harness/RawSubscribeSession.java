package dev.weir.it.contract.harness;

import dev.weir.v1.Commit;
import dev.weir.v1.Credit;
import dev.weir.v1.Delivery;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Phase;
import dev.weir.v1.Ping;
import dev.weir.v1.Problem;
import dev.weir.v1.Progress;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A subscribing session without any cleverness. Owned by the test's thread. */
public final class RawSubscribeSession {
  private final CallRecorder<SubscribeRequest, SubscribeResponse> responses =
      new CallRecorder<>(false);
  private final StreamObserver<SubscribeRequest> requests;
  private final TestTopic topic;

  RawSubscribeSession(TestTopic topic, ManagedChannel channel) {
    this.topic = topic;
    this.requests = SubscribeServiceGrpc.newStub(channel).subscribe(responses);
  }

  /** Returns the responses. */
  public CallRecorder<SubscribeRequest, SubscribeResponse> responses() {
    return responses;
  }

  /** A subscription of everything from the earliest reading, to be changed. */
  public Subscription.Builder everything(int id) {
    Subscription.Builder subscription = Subscription.newBuilder().setId(id).setTopic(topic.name());
    subscription.getSelectorBuilder().setAll(true);
    subscription.getStartBuilder().setEarliest(true);
    return subscription;
  }

  /** Any request. */
  public void send(SubscribeRequest request) {
    requests.onNext(request);
  }

  /** Opens, with subscriptions. */
  public RawSubscribeSession open(Subscription.Builder... subscriptions) {
    return open(List.of(), subscriptions);
  }

  /** The same of a client with features. */
  public RawSubscribeSession open(List<String> features, Subscription.Builder... subscriptions) {
    SubscribeOpen.Builder open =
        SubscribeOpen.newBuilder().setClient("contract-test").addAllFeatures(features);
    for (Subscription.Builder subscription : subscriptions) {
      open.addSubscriptions(subscription);
    }
    send(SubscribeRequest.newBuilder().setOpen(open).build());
    responses.await("opened", SubscribeResponse::hasOpened);
    return this;
  }

  /** Adds a subscription, and waits for its status. */
  public SubscriptionStatus add(Subscription.Builder subscription) {
    responses.mark();
    send(SubscribeRequest.newBuilder().setAdd(subscription).build());
    return awaitStatus(subscription.getId());
  }

  /** Waits for the status of a subscription. */
  public SubscriptionStatus awaitStatus(int id) {
    return responses
        .await(
            "status of " + id, said -> said.hasStatus() && said.getStatus().getSubscription() == id)
        .getStatus();
  }

  /** Removes a subscription, and waits for its end. */
  public SubscriptionEnd remove(int id) {
    responses.mark();
    send(SubscribeRequest.newBuilder().setRemove(Remove.newBuilder().setSubscription(id)).build());
    return awaitEnd(id);
  }

  /** Waits for the end of a subscription. */
  public SubscriptionEnd awaitEnd(int id) {
    return responses
        .await("end of " + id, said -> said.hasEnd() && said.getEnd().getSubscription() == id)
        .getEnd();
  }

  /** Raises the readings total, without a total of bytes. */
  public void creditReadings(int id, long readings) {
    credit(id, Credit.newBuilder().setReadings(readings).setBytes(Long.MAX_VALUE));
  }

  /** Raises totals. */
  public void credit(int id, Credit.Builder totals) {
    send(
        SubscribeRequest.newBuilder()
            .setCredit(GrantCredit.newBuilder().setSubscription(id).setCredit(totals))
            .build());
  }

  /** Asks for a pong, and waits. */
  public void ping(long id) {
    responses.mark();
    send(SubscribeRequest.newBuilder().setPing(Ping.newBuilder().setId(id)).build());
    responses.await("pong " + id, said -> said.hasPong() && said.getPong().getId() == id);
  }

  /** Waits until a subscription is in a phase. */
  public void awaitPhase(int id, Phase phase) {
    responses.await(
        phase + " of " + id,
        said ->
            said.hasPhase()
                && said.getPhase().getSubscription() == id
                && said.getPhase().getPhase() == phase);
  }

  /** Asks to commit a cursor. */
  public void commit(int id, String cursor) {
    send(
        SubscribeRequest.newBuilder()
            .setCommit(Commit.newBuilder().setSubscription(id).setCursor(cursor))
            .build());
  }

  /** Commits a cursor, and waits for the answer: what is committed now. */
  public String committed(int id, String cursor) {
    responses.mark();
    commit(id, cursor);
    return responses
        .await(
            "commit_ack of " + id,
            said -> said.hasCommitAck() && said.getCommitAck().getSubscription() == id)
        .getCommitAck()
        .getCursor();
  }

  /** Waits until a request is refused, after the mark. */
  public Problem awaitRefused() {
    return responses.await("refused", SubscribeResponse::hasRefused).getRefused().getProblem();
  }

  /** Waits for the next progress of a subscription, after what came so far. */
  public Progress nextProgress(int id) {
    responses.mark();
    return responses
        .await(
            "progress of " + id,
            said -> said.hasProgress() && said.getProgress().getSubscription() == id)
        .getProgress();
  }

  /** Phases of a subscription so far. */
  public List<Phase> phases(int id) {
    return responses.all().stream()
        .filter(said -> said.hasPhase() && said.getPhase().getSubscription() == id)
        .map(said -> said.getPhase().getPhase())
        .toList();
  }

  /** Gaps of a subscription so far. */
  public List<Gap> gaps(int id) {
    return responses.all().stream()
        .filter(said -> said.hasGap() && said.getGap().getSubscription() == id)
        .map(SubscribeResponse::getGap)
        .toList();
  }

  /** Waits for a gap of a subscription, after the mark. */
  public Gap awaitGap(int id, GapReason reason) {
    return responses
        .await(
            reason + " of " + id,
            said ->
                said.hasGap()
                    && said.getGap().getSubscription() == id
                    && said.getGap().getReason() == reason)
        .getGap();
  }

  /** Deliveries of a subscription so far. */
  public List<Delivery> deliveries(int id) {
    return deliveries(responses.all(), id);
  }

  private static List<Delivery> deliveries(List<SubscribeResponse> all, int id) {
    return all.stream()
        .filter(SubscribeResponse::hasDelivery)
        .map(SubscribeResponse::getDelivery)
        .filter(delivery -> delivery.getSubscription() == id)
        .toList();
  }

  /** Readings of a subscription so far. */
  public List<DeliveredReading> readings(int id) {
    return decode(responses.all(), id);
  }

  /** The readings of a subscription in some of the responses, which must be the first ones. */
  public static List<DeliveredReading> decode(List<SubscribeResponse> all, int id) {
    DeliveryDecoding decoder = new DeliveryDecoding();
    for (SubscribeResponse said : all) {
      if (said.hasSensors()) {
        decoder.learn(said.getSensors());
      } else if (said.hasDelivery() && said.getDelivery().getSubscription() == id) {
        decoder.take(said.getDelivery());
      }
    }
    return decoder.readings();
  }

  /** The cursor of the last delivery of a subscription. */
  public String lastCursor(int id) {
    List<Delivery> all = deliveries(responses.all(), id);
    return all.get(all.size() - 1).getCursor();
  }

  /** Waits until a subscription has got so many readings in all, and gives them. */
  public List<DeliveredReading> awaitReadings(int id, long count) {
    responses.awaitAll(
        count + " readings of " + id,
        all -> deliveries(all, id).stream().mapToLong(Delivery::getChargedReadings).sum() >= count);
    return readings(id);
  }

  /** No more requests. */
  public void halfClose() {
    requests.onCompleted();
  }

  /** Breaks the call. */
  public void cancel() {
    responses.cancel();
  }

  /** Waits for the end of the call and returns its status. */
  public CallFailure awaitEnd() {
    return responses.awaitEnd();
  }
}
