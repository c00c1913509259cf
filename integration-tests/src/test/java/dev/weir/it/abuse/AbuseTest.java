package dev.weir.it.abuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestBatches;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.Budget;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.ListSessionsRequest;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Peers that send slowly, too much, too often or nothing: each is ended within the stated bound,
 * and an honest publisher beside it gets every ack.
 */
final class AbuseTest extends ContractTest {
  private static final String PUBLISH = "PublishService/PublishStream";
  private static final int HONEST_BATCHES = 50;

  /** The library asks for a sign of life after 10 s, however little is configured. */
  private static final Duration KEEPALIVE = Duration.ofSeconds(25);

  private TestTopic topic;
  private RawPublishSession honest;
  private int sequence;

  private TestTopic serve(Limits limits) {
    topic = topicOfOwnServer(TransportSetup.NETTY_1, limits);
    honest = topic.publisher();
    honest.open("honest", 0);
    honestGoesOn();
    return topic;
  }

  private RawPeer peer(boolean answersPings) throws IOException {
    return new RawPeer(topic.server().port(), answersPings);
  }

  /** The honest neighbour stores some batches, each at its first try. */
  private void honestGoesOn() {
    for (int i = 0; i < HONEST_BATCHES; i++) {
      sequence++;
      honest.send(0, sequence, TestBatches.rows(topic.sensor(0, 0), sequence));
    }
    honest.awaitAck(0, sequence);
    assertThat(honest.rejects(0)).isEmpty();
    assertThat(honest.responses().isOver()).isFalse();
  }

  private long sessions() {
    return AdminServiceGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
        .listSessions(ListSessionsRequest.getDefaultInstance())
        .getSessionsCount();
  }

  private void awaitOnlyTheHonestSession() {
    await("the session is given back").until(() -> sessions() == 1);
    honestGoesOn();
  }

  private byte[] open(String... features) {
    return PublishStreamRequest.newBuilder()
        .setOpen(PublishOpen.newBuilder().setTopic(topic.name()).addAllFeatures(List.of(features)))
        .build()
        .toByteArray();
  }

  /** A byte at a time, until the server has enough. */
  private static void drip(RawPeer peer, int stream) {
    await("the server has enough")
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(
            () -> {
              if (!peer.isEnded(stream) && !peer.isOver()) {
                peer.frame(RawPeer.DATA, 0, stream, (byte) 0);
              }
              return peer.isEnded(stream) || peer.isOver();
            });
  }

  @Test
  void publisherThatSendsAByteAtATime_isEndedAfterTheMessageTimeout() throws Exception {
    serve(quick().with(Limit.MESSAGE_TIMEOUT_MS, 200));
    try (RawPeer slow = peer(true)) {
      slow.call(1, PUBLISH);
      slow.message(1, open());
      slow.awaitAnswer(1);
      slow.beginMessage(1, 100_000);
      drip(slow, 1);
      assertThat(slow.isOver()).as("its connection stays").isFalse();
      awaitOnlyTheHonestSession();
    }
  }

  @Test
  void publisherThatPings_mayTakeManyIntervalsForAMessage() throws Exception {
    serve(quick().with(Limit.PING_INTERVAL_MS, 100));
    try (RawPeer slow = peer(true)) {
      slow.call(1, PUBLISH);
      slow.message(1, open("ping"));
      slow.awaitAnswer(1);
      slow.beginMessage(1, 100_000);
      long begun = System.nanoTime();
      await("ten intervals")
          .pollInterval(20, TimeUnit.MILLISECONDS)
          .until(
              () -> {
                slow.frame(RawPeer.DATA, 0, 1, (byte) 0);
                return System.nanoTime() - begun > 1_000_000_000L;
              });
      assertThat(slow.isEnded(1)).isFalse();
      slow.awaitEnd(1);
      awaitOnlyTheHonestSession();
    }
  }

  @Test
  void publisherThatOpensAByteAtATime_isEndedAfterTheOpenTimeout() throws Exception {
    serve(quick().with(Limit.OPEN_TIMEOUT_MS, 300));
    try (RawPeer slow = peer(true)) {
      slow.call(1, PUBLISH);
      slow.beginMessage(1, 100_000);
      drip(slow, 1);
      awaitOnlyTheHonestSession();
    }
  }

  @Test
  void tailThatNeverSendsItsRequest_isEndedAfterTheOpenTimeout() throws Exception {
    serve(quick().with(Limit.OPEN_TIMEOUT_MS, 300));
    try (RawPeer slow = peer(true)) {
      slow.call(1, "SubscribeService/Tail");
      slow.awaitEnd(1);
      awaitOnlyTheHonestSession();
    }
  }

  @Test
  void contract18_peerThatIsGone_isFoundByKeepalive_andItsSessionFreed() throws Exception {
    serve(quick().with(Limit.KEEPALIVE_TIME_MS, 1_000).with(Limit.KEEPALIVE_TIMEOUT_MS, 200));
    try (RawPeer gone = peer(false)) {
      gone.call(1, PUBLISH);
      gone.message(1, open());
      gone.awaitAnswer(1);
      assertThat(sessions()).isEqualTo(2);
      // Its connection goes later: its last frames wait to be taken.
      await("the session is given back").atMost(KEEPALIVE).until(() -> sessions() == 1);
      honestGoesOn();
    }
  }

  @Test
  void connectionWithoutCalls_isClosed_alsoWhereItsPeerIsGone() throws Exception {
    serve(quick().with(Limit.CONNECTION_IDLE_MS_MAX, 1_000));
    try (RawPeer idle = peer(true);
        RawPeer gone = peer(false)) {
      idle.awaitOver();
      gone.awaitOver();
      honestGoesOn();
    }
  }

  @Test
  void messageLargerThanAnyMayBe_endsItsCallAtOnce() throws Exception {
    serve(quick());
    try (RawPeer greedy = peer(true)) {
      greedy.call(1, PUBLISH);
      greedy.message(1, open());
      greedy.awaitAnswer(1);
      greedy.beginMessage(1, 1 << 30);
      greedy.awaitEnd(1);
      awaitOnlyTheHonestSession();
      greedy.call(3, PUBLISH);
      greedy.message(3, open());
      greedy.awaitAnswer(3);
      assertThat(greedy.isOver()).as("the other calls of its connection go on").isFalse();
    }
  }

  @Test
  void messagesThatNeverEnd_holdNoMoreThanTheirBudget_andTheLargestEnd() throws Exception {
    serve(quick().with(Limit.ARRIVING_BUDGET_BYTES, 1 << 20));
    List<RawPeer> greedy = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        RawPeer peer = peer(true);
        greedy.add(peer);
        peer.call(1, PUBLISH);
        peer.message(1, open());
        peer.awaitAnswer(1);
        peer.beginMessage(1, 900_000);
        for (int frame = 0; frame < 12; frame++) {
          peer.frame(RawPeer.DATA, 0, 1, new byte[16_000]);
        }
      }
      await("those that hold most have ended")
          .until(() -> greedy.stream().filter(peer -> peer.isEnded(1)).count() >= 4);
      assertThat(greedy.stream().filter(peer -> !peer.isEnded(1)).count())
          .isGreaterThanOrEqualTo(4);
      honestGoesOn();
    } finally {
      for (RawPeer peer : greedy) {
        peer.close();
      }
    }
    awaitOnlyTheHonestSession();
    await("all is given back").until(() -> budget("arriving_budget_bytes").getUsed() == 0);
    assertThat(budget("arriving_budget_bytes").getRefusals()).isPositive();
  }

  @Test
  void shortPartOfAMessage_isInTheAccount_untilItsCallIsOver() throws Exception {
    serve(quick());
    try (RawPeer slow = peer(true)) {
      slow.call(1, PUBLISH);
      slow.message(1, open());
      slow.awaitAnswer(1);
      slow.beginMessage(1, 10_000);
      slow.frame(RawPeer.DATA, 0, 1, new byte[2_000]);
      await("its part").until(() -> budget("arriving_budget_bytes").getUsed() == 2_000);
    }
    await("all is given back").until(() -> budget("arriving_budget_bytes").getUsed() == 0);
  }

  private Budget budget(String name) {
    return AdminServiceGrpc.newBlockingStub(topic.server().channel())
        .withDeadlineAfter(TestTopic.DEADLINE_SECONDS, TimeUnit.SECONDS)
        .getServerInfo(GetServerInfoRequest.getDefaultInstance())
        .getBudgetsList()
        .stream()
        .filter(budget -> budget.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void headersLargerThanTheyMayBe_areRefused() throws Exception {
    serve(quick());
    try (RawPeer greedy = peer(true)) {
      greedy.call(1, PUBLISH, "x".repeat(10_000));
      greedy.awaitEnd(1);
      awaitOnlyTheHonestSession();
    }
  }

  @Test
  void moreCallsThanAConnectionMayHave_areRefused_andTheOthersGoOn() throws Exception {
    serve(quick().with(Limit.CALLS_PER_LOOPBACK_CONNECTION_MAX, 10));
    try (RawPeer greedy = peer(true)) {
      for (int stream = 1; stream < 41; stream += 2) {
        greedy.call(stream, PUBLISH);
        if (stream < 21) { // a byte for a call that is refused would cost the connection
          greedy.message(stream, open());
        }
      }
      for (int stream = 21; stream < 41; stream += 2) {
        greedy.awaitEnd(stream);
      }
      greedy.awaitAnswer(1);
      assertThat(greedy.isOver()).isFalse();
      await("ten of its sessions").until(() -> sessions() == 11);
      honestGoesOn();
    }
    awaitOnlyTheHonestSession();
  }

  @Test
  void callsBegunAndCancelledAgainAndAgain_costTheirConnection() throws Exception {
    int most = 50;
    serve(quick().with(Limit.RST_FRAMES_PER_WINDOW_MAX, most));
    try (RawPeer flood = peer(true)) {
      // Not one more than that: of a socket with bytes unread, the kernel drops what was answered.
      for (int stream = 1; stream <= 2 * most + 1; stream += 2) {
        flood.call(stream, PUBLISH);
        flood.frame(RawPeer.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
      }
      flood.awaitOver();
      assertThat(flood.goAway()).contains("too_many_rststreams");
      awaitOnlyTheHonestSession();
    }
  }

  @Test
  void pingsMoreFrequentThanTheyMayBe_costTheirConnection() throws Exception {
    serve(quick());
    try (RawPeer flood = peer(true)) {
      for (int i = 0; i < 10 && !flood.isOver(); i++) {
        try {
          flood.frame(RawPeer.PING, 0, 0, new byte[8]);
        } catch (IOException closed) {
          break;
        }
      }
      flood.awaitOver();
      assertThat(flood.goAway()).contains("too_many_pings");
      honestGoesOn();
    }
  }

  @Test
  void moreConnectionsThanThereMayBe_areToldSo_andThereIsRoomAgainLater() throws Exception {
    serve(quick().with(Limit.CONNECTIONS_MAX, 3));
    RawPeer first = peer(true);
    try (RawPeer second = peer(true);
        RawPeer third = peer(true)) {
      third.awaitOver();
      assertThat(third.goAway()).contains("OVERLOADED").contains("connections_max");
      second.call(1, PUBLISH);
      second.message(1, open());
      second.awaitAnswer(1);
      first.close();
      await("room for another one")
          .until(
              () -> {
                try (RawPeer next = peer(true)) {
                  next.call(1, PUBLISH);
                  next.message(1, open());
                  await().until(() -> next.isOver() || next.frames().size() > 2);
                  return !next.isOver();
                } catch (IOException refused) {
                  return false;
                }
              });
      honestGoesOn();
    }
  }

  @Test
  void connectionsThatWouldTakeTheFilesOfTheLog_areToldSo() throws Exception {
    serve(quick().with(Limit.OPEN_FILES_MAX, 40).with(Limit.CONNECTIONS_MAX, 100));
    List<RawPeer> peers = new ArrayList<>();
    try {
      RawPeer next;
      do {
        assertThat(peers).hasSizeLessThan(40);
        next = peer(true);
        peers.add(next);
        RawPeer asked = next;
        await("what comes first").until(() -> asked.frames().size() > 1);
      } while (next.frames().stream().noneMatch(frame -> frame.type() == RawPeer.GO_AWAY));
      assertThat(next.goAway())
          .contains("OVERLOADED", "the last tenth of open_files_max (40) is kept for the log");
      honestGoesOn();
    } finally {
      for (RawPeer peer : peers) {
        peer.close();
      }
    }
  }

  @Test
  void contract18_clientThatPromisedToPing_andIsSilent_isFound() {
    serve(quick().with(Limit.PING_INTERVAL_MS, 100));
    RawPublishSession silent = topic.publisher();
    silent.open("silent", 0, "ping");
    assertThat(silent.awaitEnd().reason()).isEqualTo("DEADLINE_EXCEEDED");
    awaitOnlyTheHonestSession();
  }
}
