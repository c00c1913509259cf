package dev.weir.service.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.state.SubscriptionState;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.TestBatches;
import dev.weir.service.partition.Topic;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.EndReason;
import dev.weir.v1.Format;
import dev.weir.v1.Gap;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Phase;
import dev.weir.v1.Ping;
import dev.weir.v1.Reading;
import dev.weir.v1.Remove;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubscribeSessionTest {
  private TestDesk desk = new TestDesk(Limits.defaults());
  private Topic topic = desk.topic("t", 1);

  private void with(Limits limits, long tailBytes) {
    desk = new TestDesk(limits, tailBytes);
    topic = desk.topic("t", 1);
  }

  private Peer<SubscribeResponse> start() {
    return new Peer<>(
        desk, SubscribeResponse.parser(), out -> new SubscribeSession(desk.desk, desk.loop, out));
  }

  private Peer<SubscribeResponse> opened(Subscription.Builder... subscriptions) {
    SubscribeOpen.Builder open = SubscribeOpen.newBuilder();
    for (Subscription.Builder subscription : subscriptions) {
      open.addSubscriptions(subscription);
    }
    Peer<SubscribeResponse> peer =
        start().send(SubscribeRequest.newBuilder().setOpen(open).build());
    desk.run();
    return peer;
  }

  /** Everything of the topic from its beginning, in columns. */
  private static Subscription.Builder all(int id) {
    Subscription.Builder all =
        Subscription.newBuilder().setId(id).setTopic("t").setFormat(Format.FORMAT_COLUMNS);
    all.getSelectorBuilder().setAll(true);
    all.getStartBuilder().setEarliest(true);
    return all;
  }

  private static SubscribeRequest add(Subscription.Builder subscription) {
    return SubscribeRequest.newBuilder().setAdd(subscription).build();
  }

  private static SubscribeRequest remove(int id) {
    return SubscribeRequest.newBuilder().setRemove(Remove.newBuilder().setSubscription(id)).build();
  }

  private static SubscribeRequest ping(long id) {
    return SubscribeRequest.newBuilder().setPing(Ping.newBuilder().setId(id)).build();
  }

  private static SubscribeRequest grant(int id, long readings) {
    return SubscribeRequest.newBuilder()
        .setCredit(
            GrantCredit.newBuilder()
                .setSubscription(id)
                .setCredit(Credit.newBuilder().setReadings(readings)))
        .build();
  }

  private void publish(String sensor, long... values) {
    publish(TestBatches.rows(sensor, values));
  }

  private void publish(Batch batch) {
    var payload = TestBatches.named(batch, 0);
    topic.partitions().get(0).offer(new Request.Append(null, "", 0, 0, payload, result -> {}));
    desk.world.run();
  }

  /** A record of one reading of so many bytes. */
  private void publishText(String sensor, int bytes) {
    Reading.Builder row = Reading.newBuilder().setSensor(sensor).setText("t".repeat(bytes));
    publish(Batch.newBuilder().addRows(row).build());
  }

  private static List<SubscribeResponse> deliveries(Peer<SubscribeResponse> peer, int id) {
    return peer.got.stream()
        .filter(said -> said.hasDelivery() && said.getDelivery().getSubscription() == id)
        .toList();
  }

  private static long readings(Peer<SubscribeResponse> peer, int id) {
    return deliveries(peer, id).stream()
        .mapToLong(said -> said.getDelivery().getChargedReadings())
        .sum();
  }

  private static List<Phase> phases(Peer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasPhase)
        .map(said -> said.getPhase().getPhase())
        .toList();
  }

  private static List<EndReason> ends(Peer<SubscribeResponse> peer) {
    return peer.got.stream()
        .filter(SubscribeResponse::hasEnd)
        .map(said -> said.getEnd().getReason())
        .toList();
  }

  private void assertReleased(Peer<SubscribeResponse> peer) {
    peer.close();
    int said = peer.got.size();
    publish("late", 1);
    desk.run();
    while (desk.loop.advanceToTimer()) {
      desk.run();
    }
    assertThat(peer.got).as("nothing is said to nobody").hasSize(said);
    assertThat(desk.sessions).hasValue(0);
    assertThat(desk.feeds.lagReadingsByTopic()).isEmpty();
    assertThat(desk.openReaders(topic)).isZero();
  }

  // ---- opening and adding

  @Test
  void subscriptionsOfTheOpen_startAtOnce() {
    publish("x", 1, 2);
    Peer<SubscribeResponse> peer = opened(all(1), all(2));
    assertThat(peer.got.get(0).hasOpened()).isTrue();
    assertThat(peer.got).filteredOn(SubscribeResponse::hasStatus).hasSize(2);
    assertThat(readings(peer, 1)).isEqualTo(2);
    assertThat(readings(peer, 2)).isEqualTo(2);
    assertThat(peer.got)
        .as("sensors are told once")
        .filteredOn(SubscribeResponse::hasSensors)
        .hasSize(1);
    publish("y", 3);
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(3);
    assertThat(peer.got).filteredOn(SubscribeResponse::hasSensors).hasSize(2);
    assertThat(phases(peer)).containsOnly(Phase.PHASE_CAUGHT_UP).hasSize(2);
  }

  @Test
  void badRequests_areRefusedAndOthersGoOn() {
    Peer<SubscribeResponse> peer = opened(all(1));
    Subscription.Builder empty = all(2);
    empty.clearSelector();
    Subscription.Builder unknown =
        all(3)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.EMPTY)
                            .build())
                    .build());
    peer.send(add(all(1)))
        .send(add(empty))
        .send(add(unknown))
        .send(remove(9))
        .send(grant(9, 1))
        .send(SubscribeRequest.newBuilder().setOpen(SubscribeOpen.getDefaultInstance()).build())
        .send(SubscribeRequest.getDefaultInstance())
        .send(ping(7));
    desk.run();
    assertThat(peer.got)
        .filteredOn(said -> said.hasStatus() && said.getStatus().hasProblem())
        .extracting(said -> said.getStatus().getProblem().getReason())
        .containsExactly("SUBSCRIPTION_EXISTS", "EMPTY_SELECTOR", "UNIMPLEMENTED");
    assertThat(peer.got)
        .filteredOn(SubscribeResponse::hasRefused)
        .extracting(said -> said.getRefused().getProblem().getReason())
        .containsExactly(
            "SUBSCRIPTION_NOT_FOUND",
            "SUBSCRIPTION_NOT_FOUND",
            "SESSION_NOT_OPEN",
            "INVALID_ARGUMENT");
    assertThat(peer.last().getPong().getId()).isEqualTo(7);
    publish("x", 1);
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(1);
  }

  @Test
  void sessionNotOpenedInTime_ends() {
    Peer<SubscribeResponse> peer = start();
    desk.loop.advance(Duration.ofSeconds(10).toNanos());
    desk.run();
    assertThat(peer.failure()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertReleased(peer);
  }

  @Test
  void sessionsBeyondTheMost_areRefusedAndGiveBackOnePlaceEach() {
    with(Limits.defaults().with(Limit.SESSIONS_MAX, 1), 1 << 20);
    Peer<SubscribeResponse> first = opened(all(1));
    for (int i = 0; i < 3; i++) {
      Peer<SubscribeResponse> refused = start();
      assertThat(refused.failure()).isEqualTo(ErrorCode.OVERLOADED);
      refused.close();
      assertThat(desk.sessions).hasValue(1);
    }
    assertReleased(first);
  }

  @Test
  void fullControlPool_refusesTheSubscriptionOnly() {
    Peer<SubscribeResponse> peer = opened();
    desk.control.refuse(true);
    peer.send(add(all(1)));
    desk.run();
    assertThat(peer.last().getStatus().getProblem().getReason()).isEqualTo("OVERLOADED");
    desk.control.refuse(false);
    peer.send(add(all(1)));
    desk.run();
    assertThat(phases(peer)).containsExactly(Phase.PHASE_CAUGHT_UP);
  }

  // ---- credit and turns

  @Test
  void subscriptionWithoutCredit_delaysNobody() {
    Subscription.Builder none = all(1).setCredit(Credit.newBuilder().setReadings(0));
    Peer<SubscribeResponse> peer = opened(none, all(2));
    publish("x", 1);
    desk.run();
    publish("x", 2);
    desk.run();
    assertThat(readings(peer, 1)).isZero();
    assertThat(readings(peer, 2)).isEqualTo(2);
    peer.send(grant(1, 1));
    desk.run();
    assertThat(readings(peer, 1)).as("one delivery, which may overrun").isEqualTo(2);
    publish("x", 3);
    desk.run();
    peer.send(grant(1, 2));
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(2);
    peer.send(grant(1, 3)).send(grant(1, 1));
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(3);
  }

  @Test
  void removedAndAddedAgain_startsWithoutCredit() {
    Subscription.Builder some = all(1).setCredit(Credit.newBuilder().setReadings(1));
    Peer<SubscribeResponse> peer = opened(some);
    publish("x", 1);
    desk.run();
    peer.send(grant(1, 100)).send(remove(1));
    peer.send(add(all(1).setCredit(Credit.newBuilder().setReadings(0))));
    desk.run();
    assertThat(ends(peer)).containsExactly(EndReason.END_REASON_REMOVED);
    assertThat(readings(peer, 1)).isEqualTo(1);
    peer.send(grant(1, 1));
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(2);
  }

  @Test
  void busySubscriptions_shareBytesFairly() {
    with(Limits.defaults().with(Limit.DELIVERY_BYTES_MAX, 1_024), 1 << 24);
    Topic other = desk.topic("u", 1);
    for (int i = 0; i < 100; i++) {
      publishText("large", 5_000);
    }
    for (int i = 0; i < 2_000; i++) {
      var payload = TestBatches.named("small", i);
      other.partitions().get(0).offer(new Request.Append(null, "", 0, 0, payload, r -> {}));
      desk.world.run();
    }
    for (Format format : List.of(Format.FORMAT_COLUMNS, Format.FORMAT_ROWS)) {
      Peer<SubscribeResponse> peer = opened(all(7).setTopic("absent"));
      peer.ready(false);
      peer.send(add(all(1).setFormat(format))).send(add(all(2).setTopic("u")));
      desk.run();
      Map<Integer, Long> bytes = new HashMap<>();
      for (int i = 0; bytes.getOrDefault(2, 0L) < 20_000; i++) {
        int before = peer.got.size();
        one(peer);
        for (SubscribeResponse said : peer.got.subList(before, peer.got.size())) {
          bytes.merge(
              said.getDelivery().getSubscription(),
              said.getDelivery().getChargedBytes(),
              Long::sum);
        }
        assertThat(i).as("%s %s", format, bytes).isLessThan(1_000);
      }
      assertThat(bytes.get(1)).as("%s", format).isBetween(13_000L, 30_000L);
      peer.close();
      desk.run();
    }
  }

  /** Takes one message, as a peer that is slow does. */
  private void one(Peer<SubscribeResponse> peer) {
    int said = peer.got.size();
    peer.onSent(() -> peer.ready(false));
    peer.ready(true);
    desk.run();
    peer.ready(false);
    assertThat(peer.got.size()).isGreaterThanOrEqualTo(said);
  }

  // ---- progress

  @Test
  void progressOfAPeerThatReadsNothing_isOneMessage() {
    Subscription.Builder watched = all(1);
    watched.getProgressIntervalBuilder().setSeconds(1);
    Peer<SubscribeResponse> peer = opened(watched);
    peer.ready(false);
    for (int i = 0; i < 1_000; i++) {
      desk.loop.advance(Duration.ofSeconds(1).toNanos());
      desk.run();
    }
    int before = peer.got.size();
    peer.ready(true);
    desk.run();
    assertThat(peer.got).hasSize(before + 1);
    assertThat(peer.last().hasProgress()).isTrue();
    desk.loop.advance(Duration.ofSeconds(1).toNanos());
    desk.run();
    assertThat(peer.got).hasSize(before + 2);
  }

  @Test
  void progress_neverPrecedesData() {
    Subscription.Builder watched = all(1).setFormat(Format.FORMAT_ROWS);
    watched.getProgressIntervalBuilder().setSeconds(1);
    Peer<SubscribeResponse> peer = opened(watched);
    peer.ready(false);
    publish("x", 1, 2);
    desk.run();
    desk.loop.advance(Duration.ofSeconds(1).toNanos());
    desk.run();
    peer.ready(true);
    desk.run();
    desk.loop.advance(Duration.ofSeconds(1).toNanos());
    desk.run();
    long seen = 0;
    for (SubscribeResponse said : peer.got) {
      seen += said.getDelivery().getChargedReadings();
      if (said.hasProgress()) {
        assertThat(said.getProgress().getLagReadings()).isEqualTo(2 - seen);
      }
    }
    assertThat(peer.last().getProgress().getPartitions(0).getNextOffset()).isEqualTo(1);
  }

  @Test
  void removedSubscription_leavesNoTimer() {
    Peer<SubscribeResponse> peer = opened();
    for (int i = 0; i < 10; i++) {
      Subscription.Builder watched = all(i);
      watched.getProgressIntervalBuilder().setSeconds(3_600);
      peer.send(add(watched));
      desk.run();
      peer.send(remove(i));
    }
    assertThat(desk.loop.timers()).isZero();
    Subscription.Builder watched = all(1);
    watched.getProgressIntervalBuilder().setSeconds(3_600);
    peer.send(add(watched));
    desk.run();
    assertThat(desk.loop.timers()).isEqualTo(1);
    peer.close();
    assertThat(desk.loop.timers()).isZero();
  }

  // ---- gaps

  @Test
  void gapNotYetTold_isNotPassedOverByRemoving() {
    publish("x", 1, 2);
    publish("x", 3);
    desk.world.log(topic, 0).damage(0);
    String logId = String.valueOf(topic.info().logId());
    desk.world.restart();
    desk = restarted(desk);
    topic = desk.topic("t", 1);
    assertThat(String.valueOf(topic.info().logId())).isEqualTo(logId);

    Peer<SubscribeResponse> peer = opened();
    peer.ready(false);
    peer.send(add(all(1).setFormat(Format.FORMAT_ROWS)));
    desk.run();
    peer.ready(true);
    desk.run();
    assertGap(peer, 2);

    Peer<SubscribeResponse> slow = opened(all(7).setTopic("absent"));
    slow.send(add(all(1).setFormat(Format.FORMAT_ROWS)));
    while (desk.catchUp.size() == 0) {
      assertThat(desk.loop.runOne() || desk.world.run() || desk.control.runOne()).isTrue();
    }
    slow.ready(false);
    desk.run(); // the gap is found, and cannot be told
    slow.send(remove(1));
    slow.ready(true);
    desk.run();
    assertThat(slow.got).noneMatch(SubscribeResponse::hasGap);
    String cursor = slow.last().getEnd().getCursor();
    Subscription.Builder again = all(1);
    again.getStartBuilder().setAfterCursor(cursor);
    slow.send(add(again));
    desk.run();
    assertGap(slow, 2);
  }

  private static TestDesk restarted(TestDesk before) {
    return new TestDesk(before);
  }

  private static void assertGap(Peer<SubscribeResponse> peer, long lost) {
    List<Gap> gaps = new ArrayList<>();
    peer.got.stream().filter(SubscribeResponse::hasGap).forEach(said -> gaps.add(said.getGap()));
    assertThat(gaps).hasSize(1);
    assertThat(gaps.get(0).getReadings()).isEqualTo(lost);
    assertThat(gaps.get(0).getUpperBound()).as("all sensors: exact").isFalse();
    assertThat(readings(peer, 1)).isEqualTo(1);
  }

  // ---- flow

  @Test
  void requests_areAskedForAsTheyAreAnswered() {
    Peer<SubscribeResponse> peer = opened();
    peer.ready(false);
    for (int i = 0; i < 100; i++) {
      peer.send(ping(i));
    }
    assertThat(peer.unsent()).isEqualTo(84);
    peer.ready(true);
    assertThat(peer.unsent()).isZero();
    assertThat(peer.requestedMost).isLessThanOrEqualTo(16);
    assertThat(peer.got).hasSize(101);
  }

  @Test
  void peerNotReady_isSentNothing() {
    Peer<SubscribeResponse> peer = opened(all(1));
    peer.ready(false);
    int before = peer.got.size();
    for (int i = 0; i < 50; i++) {
      publish("x", i);
      desk.run();
    }
    assertThat(peer.got).hasSize(before);
    peer.ready(true);
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(50);
    assertThat(deliveries(peer, 1)).as("gathered meanwhile").hasSize(1);
  }

  @Test
  void evictedTail_isReadFromTheLogAndTold() {
    with(Limits.defaults(), 400);
    Peer<SubscribeResponse> peer = opened(all(1));
    peer.ready(false);
    for (int i = 0; i < 50; i++) {
      publish("x", i);
    }
    desk.run();
    peer.ready(true);
    desk.run();
    assertThat(phases(peer))
        .containsExactly(Phase.PHASE_CAUGHT_UP, Phase.PHASE_FELL_BEHIND, Phase.PHASE_CAUGHT_UP);
    assertThat(readings(peer, 1)).isEqualTo(50);
  }

  // ---- ending

  @Test
  void halfClose_keepsDeliveringAndEndsWithTheLastSubscription() {
    Subscription.Builder three = all(1);
    three.getUntilBuilder().setCount(3);
    Peer<SubscribeResponse> peer = opened(three).halfClose();
    publish("x", 1, 2);
    desk.run();
    assertThat(peer.finished).isFalse();
    publish("x", 3, 4);
    desk.run();
    assertThat(readings(peer, 1)).isEqualTo(3);
    assertThat(ends(peer)).containsExactly(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(peer.finished).isTrue();
    assertReleased(peer);
  }

  @Test
  void halfCloseInEveryState_ends() {
    Peer<SubscribeResponse> unopened = start().halfClose();
    assertThat(unopened.failure()).isEqualTo(ErrorCode.SESSION_NOT_OPEN);
    assertReleased(unopened);

    Peer<SubscribeResponse> idle = opened().halfClose();
    assertThat(idle.finished).isTrue();
    assertReleased(idle);

    Peer<SubscribeResponse> resolving = opened();
    Subscription.Builder now = all(1);
    now.getUntilBuilder().setNow(true);
    resolving.send(add(now)).halfClose();
    assertThat(resolving.finished).isFalse();
    desk.run();
    assertThat(ends(resolving)).containsExactly(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(resolving.finished).isTrue();
    assertReleased(resolving);

    Peer<SubscribeResponse> busy = opened();
    busy.ready(false);
    busy.send(ping(1)).halfClose();
    assertThat(busy.finished).as("an answer is due").isFalse();
    busy.ready(true);
    assertThat(busy.last().hasPong()).isTrue();
    assertThat(busy.finished).isTrue();
    assertReleased(busy);
  }

  @Test
  void cutInEveryState_releasesEverything() {
    with(Limits.defaults(), 400);
    assertReleased(start());
    assertReleased(opened());

    Peer<SubscribeResponse> resolving = opened();
    resolving.send(add(all(1)));
    assertReleased(resolving);

    Peer<SubscribeResponse> removed = opened();
    removed.send(add(all(1))).send(remove(1)).send(add(all(1)));
    desk.run();
    assertThat(ends(removed)).containsExactly(EndReason.END_REASON_REMOVED);
    assertThat(phases(removed)).as("the second one").hasSize(1);
    assertReleased(removed);

    Subscription.Builder watched = all(1).setFormat(Format.FORMAT_ROWS);
    watched.getProgressIntervalBuilder().setSeconds(1);
    assertReleased(opened(watched));

    for (int i = 0; i < 50; i++) {
      publish("x", i);
    }
    Peer<SubscribeResponse> fetching = opened();
    fetching.send(add(all(1)));
    while (desk.catchUp.size() == 0) {
      assertThat(desk.loop.runOne() || desk.control.runOne()).isTrue();
    }
    assertReleased(fetching);

    Peer<SubscribeResponse> refused = opened();
    desk.catchUp.refuse(true);
    refused.send(add(all(1).setCredit(Credit.newBuilder().setReadings(1))));
    desk.run();
    refused.close();
    desk.catchUp.refuse(false);
    assertReleased(refused);

    Peer<SubscribeResponse> stopped = opened(all(1));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "stop"));
    stopped.end(Fault.of(ErrorCode.SHUTTING_DOWN, "again"));
    assertThat(stopped.failure()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertReleased(stopped);
  }

  @Test
  void everyTransition_isTaken() {
    cutInEveryState_releasesEverything();
    assertThat(SubscriptionState.TABLE.unvisited()).isEmpty();
  }
}
