package dev.weir.client.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Subscriber;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.Credit;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Credit by hand: absolute totals on the wire, over reconnects too. */
class ManualCreditTest {
  private ScriptedSubscribeServer server;
  private WeirClient client;

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
  void totals_growByWhatIsRequestedAndStartAnewWithEachSession() throws Exception {
    Subscriber subscriber = subscribe(SubscriberOptions.builder("t").manualCredit());
    var first = server.opened("start");
    assertThat(first.subscription().getCredit())
        .isEqualTo(Credit.newBuilder().setReadings(0).build());
    subscriber.request(10);
    assertThat(first.next().getCredit().getCredit().getReadings()).isEqualTo(10);
    first.deliver("a", 1, 2, 3);
    await().until(() -> subscriber.readingsDelivered() == 3);
    subscriber.request(5);
    assertThat(first.next().getCredit().getCredit().getReadings()).isEqualTo(15);
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("a");
    assertThat(second.subscription().getCredit().getReadings())
        .as("requested and not delivered")
        .isEqualTo(12);
    subscriber.request(1);
    assertThat(second.next().getCredit().getCredit().getReadings()).isEqualTo(13);
  }

  @Test
  void overrun_isChargedAgainstLaterRequestsOfTheNextSession() throws Exception {
    Subscriber subscriber = subscribe(SubscriberOptions.builder("t").manualCredit());
    var first = server.opened("start");
    subscriber.request(1);
    first.next();
    first.deliver("a", 1, 2, 3);
    first.fail(Status.UNAVAILABLE);

    var second = server.opened("a");
    assertThat(second.subscription().getCredit().getReadings()).isZero();
    subscriber.request(2);
    assertThat(second.nextOrNull()).as("already delivered").isNull();
    subscriber.request(4);
    assertThat(second.next().getCredit().getCredit().getReadings()).isEqualTo(4);
  }

  @Test
  void bytes_areRequestedOnTheirOwn() throws Exception {
    Subscriber subscriber = subscribe(SubscriberOptions.builder("t").manualCreditWithBytes());
    subscriber.request(Long.MAX_VALUE);
    subscriber.request(1);
    var session = server.session();
    Credit credit = session.next().getOpen().getSubscriptions(0).getCredit();
    if (credit.getReadings() == 0) {
      credit = session.next().getCredit().getCredit();
    }
    assertThat(credit.getReadings()).as("saturates").isEqualTo(Long.MAX_VALUE);
    assertThat(credit.hasBytes()).isTrue();
    assertThat(credit.getBytes()).isZero();
    subscriber.requestBytes(500);
    assertThat(session.next().getCredit().getCredit().getBytes()).isEqualTo(500);
    assertThatThrownBy(() -> subscriber.request(0)).hasMessage("readings: 0 (expected at least 1)");
  }

  private Subscriber subscribe(SubscriberOptions.Builder options) {
    return client.subscribe(options.build(), reading -> {});
  }
}
