package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.Format;
import dev.weir.v1.GrantCredit;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeRequest;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Sessions of one to four subscriptions, whose peer grants, removes, adds and reads as it likes: no
 * delivery starts at or beyond a limit, and none is left where there is credit, a ready peer and
 * data.
 */
class SubscribeSessionProperties extends SubscribeSessionFixture {
  /** Traces of each try; more of them by {@code -Dweir.test.traces}. */
  private static final int TRACES = Integer.getInteger("weir.test.traces", 1);

  private static final int STEPS = 150;
  private static final int SENSORS = 3;

  private Random random;
  private CreditModel model;
  private TestPeer<SubscribeResponse> peer;
  private boolean takes;
  private int stutter; // of so many messages one makes the peer stop; 0 for none

  @Property(tries = 100)
  void deliveries_neverStartWithoutCreditAndNeverWaitWithIt(@ForAll long seed) {
    for (int i = 0; i < TRACES; i++) {
      check(seed + i);
    }
  }

  private void check(long seed) {
    random = new Random(seed);
    model = new CreditModel();
    takes = true;
    stutter = random.nextInt(4);
    with(Limits.defaults().with(Limit.DELIVERY_BYTES_MAX, 1_024), random.nextInt(2) * (1L << 20));
    peer = opened();
    peer.onSent(this::sent);
    for (int step = 0; step < STEPS; step++) {
      step();
    }
    rest(true);
    for (int id = 1; id <= 4; id++) {
      grant(id, Credit.getDefaultInstance());
    }
    assertThat(rest(true)).as("readings owed to those with credit for all, seed %s", seed).isZero();
    assertReleased(peer);
  }

  private void sent() {
    assertThat(takes).as("the peer is ready").isTrue();
    model.sent(peer.last());
    boolean withItsDelivery = peer.last().hasSensors();
    if (!withItsDelivery && stutter > 0 && random.nextInt(stutter) == 0) {
      ready(false);
    }
  }

  private void ready(boolean ready) {
    takes = ready;
    peer.ready(ready);
  }

  private void step() {
    int id = 1 + random.nextInt(4);
    switch (random.nextInt(14)) {
      case 0, 1 -> {
        if (model.has(id) && random.nextInt(3) == 0) {
          model.removed(id);
          peer.send(remove(id));
        } else if (!model.has(id)) {
          add(id);
        }
      }
      case 2, 3 -> grant(id, credit(40, 3_000));
      case 4, 5 -> publish();
      case 6 -> ready(random.nextBoolean());
      case 7 -> context.catchUp.refuse(random.nextInt(3) == 0);
      case 8 -> context.loop.advanceToTimer();
      case 9, 10 -> context.loop.runOne();
      case 11 -> context.control.runOne();
      case 12 -> context.catchUp.runOne();
      default -> {
        if (random.nextInt(4) == 0) {
          rest(random.nextBoolean());
        } else {
          context.world.views.runOne();
        }
      }
    }
  }

  private void add(int id) {
    Subscription.Builder asked =
        all(id).setFormat(random.nextBoolean() ? Format.FORMAT_COLUMNS : Format.FORMAT_ROWS);
    if (random.nextInt(3) == 0) {
      asked.getStartBuilder().setLatest(true);
    }
    if (random.nextBoolean()) {
      asked.getSelectorBuilder().setAll(false).addNames("s" + random.nextInt(SENSORS));
    }
    if (random.nextInt(3) == 0) {
      asked.getProgressIntervalBuilder().setSeconds(1);
    }
    Credit credit = credit(10, 600);
    if (!credit.equals(Credit.getDefaultInstance())) {
      asked.setCredit(credit);
    }
    model.added(id, asked.getSelector(), credit);
    peer.send(add(asked));
  }

  /** Either total may be absent: then it has no limit. */
  private Credit credit(int readingsMost, int bytesMost) {
    Credit.Builder credit = Credit.newBuilder();
    if (random.nextInt(5) > 0) {
      credit.setReadings(random.nextInt(readingsMost + 1));
    }
    if (random.nextInt(3) == 0) {
      credit.setBytes(random.nextInt(bytesMost + 1));
    }
    return credit.build();
  }

  /** Totals, which may be lower than those before, or the same. */
  private void grant(int id, Credit credit) {
    model.granted(id, credit);
    peer.send(
        SubscribeRequest.newBuilder()
            .setCredit(GrantCredit.newBuilder().setSubscription(id).setCredit(credit))
            .build());
  }

  private void publish() {
    Batch.Builder batch = Batch.newBuilder();
    List<String> sensors = new ArrayList<>();
    for (int left = random.nextInt(6); left >= 0; left--) {
      String sensor = "s" + random.nextInt(SENSORS);
      sensors.add(sensor);
      String text = "t".repeat(random.nextInt(8) == 0 ? 1_500 : 5);
      batch.addRows(Reading.newBuilder().setSensor(sensor).setText(text));
    }
    model.stored(sensors);
    publish(batch.build());
  }

  /** Lets everything come to rest. Returns the readings that are owed, if the peer is ready. */
  private long rest(boolean ready) {
    context.catchUp.refuse(false);
    int stuttered = stutter;
    stutter = ready ? 0 : stutter;
    ready(ready);
    for (int i = 0; i < 3; i++) { // where the pool was full, a timer tries again
      context.run();
      context.loop.advanceToTimer();
    }
    context.run();
    stutter = stuttered;
    if (!ready) {
      return 0;
    }
    assertThat(peer.unsent()).as("everything was taken from the peer").isZero();
    return model.checkIdle();
  }
}
