package dev.weir.client.internal.subscribe;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.v1.EndReason;
import dev.weir.v1.Reading;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reactive view against the rules of Reactive Streams. */
class FlowSubscriptionTest {
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
  void demand_isWhatIsAskedForAndWhatIsHandedOut() throws Exception {
    Signals signals = new Signals(subscription -> subscription.request(2));
    publisher().subscribe(signals);
    var session = server.opened("start");
    assertThat(total(session)).isEqualTo(2);
    session.deliver("a", 1, 2, 3, 4, 5);
    assertThat(signals.next()).isEqualTo("1.0");
    assertThat(signals.next()).isEqualTo("2.0");
    assertThat(signals.nextOrNull()).as("the rest is held back").isNull();

    signals.subscription.request(1);
    assertThat(session.next().getCredit().getCredit().getReadings()).isEqualTo(3);
    assertThat(signals.next()).isEqualTo("3.0");
    assertThat(signals.nextOrNull()).isNull();
    signals.subscription.request(9);
    assertThat(session.next().getCredit().getCredit().getReadings()).isEqualTo(12);
    assertThat(signals.next()).isEqualTo("4.0");
    assertThat(signals.next()).isEqualTo("5.0");
    session.end(EndReason.END_REASON_UNTIL_REACHED, "a");
    assertThat(signals.next()).isEqualTo("complete");
  }

  @Test
  void endBehindReadingsHeldBack_comesAfterThem() throws Exception {
    Signals signals = new Signals(subscription -> subscription.request(1));
    publisher().subscribe(signals);
    var session = server.opened("start");
    session.deliver("a", 1, 2);
    session.end(EndReason.END_REASON_UNTIL_REACHED, "a");
    assertThat(signals.next()).isEqualTo("1.0");
    assertThat(signals.nextOrNull()).isNull();
    signals.subscription.request(1);
    assertThat(signals.next()).isEqualTo("2.0");
    assertThat(signals.next()).as("needs no demand").isEqualTo("complete");
  }

  @Test
  void requestInsideOnNext_neitherRecursesNorOverlaps() throws Exception {
    AtomicInteger depth = new AtomicInteger();
    AtomicInteger deepest = new AtomicInteger();
    AtomicInteger count = new AtomicInteger();
    Signals signals =
        new Signals(subscription -> subscription.request(1)) {
          @Override
          public void onNext(Reading reading) {
            deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
            count.incrementAndGet();
            subscription.request(1);
            depth.decrementAndGet();
          }
        };
    publisher().subscribe(signals);
    var session = server.opened("start");
    session.deliver("a", new double[20_000]);
    await().until(() -> count.get() == 20_000);
    assertThat(deepest.get()).isEqualTo(1);
  }

  @Test
  void requestOfNothing_isAnError() throws Exception {
    Signals idle = new Signals(subscription -> {});
    publisher().subscribe(idle);
    server.opened("start");
    idle.subscription.request(0);
    assertThat(idle.next()).isEqualTo("IllegalArgumentException");

    Signals early = new Signals(subscription -> subscription.request(-1));
    publisher().subscribe(early);
    assertThat(early.next()).isEqualTo("IllegalArgumentException");

    Signals holding = new Signals(subscription -> subscription.request(1));
    publisher().subscribe(holding);
    server.opened("start").deliver("a", 1, 2);
    assertThat(holding.next()).isEqualTo("1.0");
    holding.subscription.request(-5);
    assertThat(holding.next()).isEqualTo("IllegalArgumentException");
    holding.subscription.request(1);
    assertThat(holding.nextOrNull()).as("it is over").isNull();
  }

  @Test
  void cancel_endsTheSubscriptionWithoutASignal() throws Exception {
    Signals signals = new Signals(subscription -> subscription.request(1));
    publisher().subscribe(signals);
    var session = server.opened("start");
    session.deliver("a", 1, 2);
    assertThat(signals.next()).isEqualTo("1.0");
    signals.subscription.cancel();
    signals.subscription.cancel();
    signals.subscription.request(5);
    assertThat(signals.nextOrNull()).isNull();

    Signals early = new Signals(Flow.Subscription::cancel);
    publisher().subscribe(early);
    assertThat(early.nextOrNull()).isNull();
  }

  @Test
  void cancelInsideOnNext_isTheLastSignal() throws Exception {
    Signals signals =
        new Signals(subscription -> subscription.request(10)) {
          @Override
          public void onNext(Reading reading) {
            super.onNext(reading);
            subscription.cancel();
          }
        };
    publisher().subscribe(signals);
    server.opened("start").deliver("a", 1, 2, 3);
    assertThat(signals.next()).isEqualTo("1.0");
    assertThat(signals.nextOrNull()).isNull();
  }

  @Test
  void failures_areErrors() throws Exception {
    Signals signals = new Signals(subscription -> subscription.request(1));
    publisher().subscribe(signals);
    server.opened("start").fail(Status.NOT_FOUND);
    assertThat(signals.next()).isEqualTo("WeirException");

    assertThatThrownBy(() -> publisher().subscribe(null)).isInstanceOf(NullPointerException.class);
    Flow.Publisher<Reading> late = publisher();
    client.close();
    Signals closed = new Signals(subscription -> subscription.request(1));
    late.subscribe(closed);
    assertThat(closed.next()).isEqualTo("WeirException");
  }

  @Test
  void endsThatLeaveReadings_areErrors() throws Exception {
    for (EndReason reason :
        List.of(EndReason.END_REASON_LAGGED, EndReason.END_REASON_TOPIC_DELETED)) {
      Signals signals = new Signals(subscription -> subscription.request(1));
      publisher().subscribe(signals);
      var session = server.opened("start");
      session.deliver("a", 1);
      session.end(reason, "a");
      assertThat(signals.next()).isEqualTo("1.0");
      assertThat(signals.next()).as(reason.name()).isEqualTo("WeirException");
    }
  }

  @Test
  void eachSubscriber_hasItsOwnSubscriptionAndResumes() throws Exception {
    Flow.Publisher<Reading> publisher = publisher();
    Signals one = new Signals(subscription -> subscription.request(3));
    publisher.subscribe(one);
    var first = server.opened("start");
    assertThat(total(first)).isEqualTo(3);
    Signals two = new Signals(subscription -> subscription.request(Long.MAX_VALUE));
    publisher.subscribe(two);
    assertThat(total(server.opened("start"))).isEqualTo(Long.MAX_VALUE);

    first.deliver("a", 1);
    assertThat(one.next()).isEqualTo("1.0");
    first.fail(Status.UNAVAILABLE);
    var again = server.opened("a");
    assertThat(again.subscription().getStart().getAfterCursor()).isEqualTo("a");
    assertThat(again.subscription().getCredit().getReadings()).isEqualTo(2);
    assertThat(two.nextOrNull()).isNull();
  }

  private Flow.Publisher<Reading> publisher() {
    return client.readings(SubscriberOptions.builder("t").fromEarliest().build());
  }

  /** Returns the credit asked for at first: with the subscription, or just after it. */
  private static long total(ScriptedSubscribeServer.Session session) throws InterruptedException {
    long total = session.subscription().getCredit().getReadings();
    return total > 0 ? total : session.next().getCredit().getCredit().getReadings();
  }

  /** Keeps the signals in order. */
  private static class Signals implements Flow.Subscriber<Reading> {
    private final BlockingQueue<String> signals = new LinkedBlockingQueue<>(1_000);
    private final Consumer<Flow.Subscription> atFirst;
    volatile Flow.Subscription subscription;

    Signals(Consumer<Flow.Subscription> atFirst) {
      this.atFirst = atFirst;
    }

    @Override
    public void onSubscribe(Flow.Subscription theSubscription) {
      subscription = theSubscription;
      atFirst.accept(theSubscription);
    }

    @Override
    public void onNext(Reading reading) {
      signals.add(Double.toString(reading.getDouble()));
    }

    @Override
    public void onError(Throwable failure) {
      signals.add(failure.getClass().getSimpleName());
    }

    @Override
    public void onComplete() {
      signals.add("complete");
    }

    String next() throws InterruptedException {
      return signals.poll(10, SECONDS);
    }

    String nextOrNull() throws InterruptedException {
      return signals.poll(150, MILLISECONDS);
    }
  }
}
