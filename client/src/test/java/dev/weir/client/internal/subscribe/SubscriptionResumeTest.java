package dev.weir.client.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberListener;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.EndReason;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Start;
import dev.weir.v1.SubscriptionStatus;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the request of a subscriber after its connection broke, at each kind of position. */
class SubscriptionResumeTest {
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private ScriptedSubscribeServer server;
  private WeirClient client;
  private Subscriber subscriber;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedSubscribeServer();
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void anyPosition_isResumedBehindWhatWasHandedOver() throws Exception {
    subscribe(SubscriberOptions.builder("t").fromEarliest());
    var first = server.opened("start");
    assertThat(first.subscription().getStart().getEarliest()).isTrue();
    first.deliver("a", 1, 2);
    first.gap(GapReason.GAP_REASON_RETENTION, "b");
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("b");
    assertThat(second.subscription().getStart()).isEqualTo(after("b"));
    second.phase(Phase.PHASE_CAUGHT_UP, "c");
    second.fail(Status.UNAVAILABLE.withDescription("SESSION_ENDED"));

    var third = server.opened("c");
    assertThat(third.subscription().getStart()).isEqualTo(after("c"));
    third.end(EndReason.END_REASON_UNTIL_REACHED, "d");
    assertThat(subscriber.completion().join().cursor()).isEqualTo("d");
    assertThat(seen)
        .containsExactly(
            "active",
            "1.0",
            "2.0",
            "gap RETENTION",
            "disconnected",
            "active",
            "CAUGHT_UP",
            "disconnected",
            "active");
  }

  @Test
  void snapshotCutOff_beginsAgainAndIsNotAskedForAfterItsEnd() throws Exception {
    subscribe(SubscriberOptions.builder("t").snapshot());
    var first = server.opened("start");
    first.phase(Phase.PHASE_SNAPSHOT_BEGIN, "");
    first.deliver("", 1, 2);
    awaitSeen(4);
    assertThat(subscriber.cursor()).as("resuming there would lose the snapshot").isEmpty();
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("start");
    assertThat(second.subscription().getSnapshot()).isTrue();
    assertThat(second.subscription().getStart().getLatest()).isTrue();
    second.phase(Phase.PHASE_SNAPSHOT_BEGIN, "");
    second.deliver("", 1, 2);
    second.phase(Phase.PHASE_SNAPSHOT_END, "a");
    second.fail(Status.UNAVAILABLE);

    var third = server.opened("a");
    assertThat(third.subscription().getSnapshot()).isFalse();
    assertThat(third.subscription().getStart()).isEqualTo(after("a"));
  }

  @Test
  void conflationCutOff_resumesAtThePositionBefore() throws Exception {
    subscribe(SubscriberOptions.builder("t").fromEarliest().conflate());
    var first = server.opened("start");
    first.deliver("a", 1);
    first.deliver("", 7, 8);
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("a");
    assertThat(second.subscription().getStart()).isEqualTo(after("a"));
    second.deliver("", 7, 8);
    second.gap(GapReason.GAP_REASON_CONFLATED, "b");
    second.fail(Status.UNAVAILABLE);
    assertThat(server.opened("b").subscription().getStart()).isEqualTo(after("b"));
  }

  @Test
  void untilCount_isWhatIsLeftOfTheLog() throws Exception {
    subscribe(SubscriberOptions.builder("t").snapshot().untilCount(5));
    var first = server.opened("start");
    first.phase(Phase.PHASE_SNAPSHOT_BEGIN, "");
    first.deliver("", 1, 2, 3);
    first.phase(Phase.PHASE_SNAPSHOT_END, "a");
    first.deliver("b", 4, 5);
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("b");
    assertThat(second.subscription().getUntil().getCount()).isEqualTo(3);
    second.deliver("c", 6, 7, 8);
    second.fail(Status.UNAVAILABLE);
    assertThat(subscriber.completion().join().reason())
        .as("nothing is left to ask for")
        .isEqualTo(EndReason.END_REASON_UNTIL_REACHED);
    assertThat(subscriber.readingsDelivered()).isEqualTo(8);
  }

  @Test
  void durableSubscriptionWithoutAPosition_asksForTheCommittedOneAgain() throws Exception {
    subscribe(SubscriberOptions.builder("t").durable("d"));
    var first = server.session();
    assertThat(first.next().getOpen().getSubscriptions(0).getStart().getCommitted()).isTrue();
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("committed");
    assertThat(second.subscription().getStart().getCommitted()).isTrue();
    assertThat(second.subscription().getName()).isEqualTo("d");
    second.fail(Status.UNAVAILABLE);
    assertThat(server.opened("committed").subscription().getStart()).isEqualTo(after("committed"));
  }

  private void subscribe(SubscriberOptions.Builder options) {
    subscriber =
        client.subscribe(
            options.listener(new Listener()).build(),
            reading -> seen.add(Double.toString(reading.getDouble())));
  }

  private void awaitSeen(int count) {
    await().untilAsserted(() -> assertThat(seen).hasSize(count));
  }

  private static Start after(String cursor) {
    return Start.newBuilder().setAfterCursor(cursor).build();
  }

  private final class Listener implements SubscriberListener {
    @Override
    public void onActive(SubscriptionStatus status) {
      seen.add("active");
    }

    @Override
    public void onGap(Gap gap) {
      seen.add("gap " + gap.getReason().name().substring("GAP_REASON_".length()));
    }

    @Override
    public void onPhase(PhaseChange phase) {
      seen.add(phase.getPhase().name().substring("PHASE_".length()));
    }

    @Override
    public void onDisconnected(WeirException cause, Duration retryIn) {
      seen.add("disconnected");
    }
  }
}
