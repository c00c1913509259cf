package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.v1.Direction;
import dev.weir.v1.EventTime;
import dev.weir.v1.Format;
import dev.weir.v1.Mode;
import dev.weir.v1.OnExpired;
import dev.weir.v1.Overflow;
import dev.weir.v1.Selector;
import dev.weir.v1.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SubscriberOptionsTest {
  @Test
  void plainOptions_askForEverythingFromNowOn() {
    Subscription subscription = SubscriberOptions.of("t").subscription();
    assertThat(subscription)
        .isEqualTo(
            Subscription.newBuilder()
                .setTopic("t")
                .setSelector(Selector.newBuilder().setAll(true))
                .setStart(dev.weir.v1.Start.newBuilder().setLatest(true))
                .setFormat(Format.FORMAT_COLUMNS)
                .build());
  }

  @Test
  void namesGlobsAndLabels_areOneSelector() {
    SubscriberOptions.Builder options =
        options().sensors("a", "b").globs("x/*", "y/**").labels(Map.of("site", "1"));
    assertThat(options.build().subscription().getSelector())
        .isEqualTo(
            Selector.newBuilder()
                .addNames("a")
                .addNames("b")
                .addGlobs("x/*")
                .addGlobs("y/**")
                .putLabels("site", "1")
                .build());
    assertThat(options.allSensors().build().subscription().getSelector())
        .isEqualTo(Selector.newBuilder().setAll(true).build());
    assertThat(options().labels(Map.of("k", "v")).build().subscription().getSelector().getAll())
        .as("labels alone select among all")
        .isFalse();
  }

  @Test
  void modes_excludeEachOtherAndTheLastCounts() {
    Subscription onChange =
        options()
            .sample(Duration.ofSeconds(1))
            .onChange(0.5, Duration.ofMinutes(1))
            .build()
            .subscription();
    assertThat(onChange.getMode()).isEqualTo(Mode.MODE_ON_CHANGE);
    assertThat(onChange.hasSample()).isFalse();
    assertThat(onChange.getOnChange().getDeadBand()).isEqualTo(0.5);
    assertThat(onChange.getOnChange().getMaxSilence().getSeconds()).isEqualTo(60);

    Subscription threshold =
        options()
            .onChange(1)
            .threshold(80, Direction.DIRECTION_RISING, 2)
            .snapshot()
            .build()
            .subscription();
    assertThat(threshold.getMode()).isEqualTo(Mode.MODE_THRESHOLD);
    assertThat(threshold.hasOnChange()).isFalse();
    assertThat(threshold.getThreshold().getLimit()).isEqualTo(80);
    assertThat(threshold.getThreshold().getHysteresis()).isEqualTo(2);
    assertThat(threshold.getSnapshot()).as("it always begins like this").isFalse();
  }

  @Test
  void durable_beginsWhereItCommittedAndCommitsEverySecond() {
    SubscriberOptions plain = options().durable("d").build();
    assertThat(plain.subscription().getName()).isEqualTo("d");
    assertThat(plain.subscription().getStart().getCommitted()).isTrue();
    assertThat(plain.commitEvery()).isEqualTo(Duration.ofSeconds(1));
    SubscriberOptions other =
        options().durable("d").fromEarliest().commitEvery(Duration.ZERO).build();
    assertThat(other.subscription().getStart().getEarliest()).isTrue();
    assertThat(other.commitEvery()).isZero();
    assertThat(options().build().commitEvery()).as("nothing to commit").isZero();
  }

  @Test
  void everythingElse_isInTheSubscription() {
    Subscription subscription =
        options()
            .fromTime(Instant.ofEpochSecond(5))
            .onExpired(OnExpired.ON_EXPIRED_EARLIEST)
            .untilTime(Instant.ofEpochSecond(9))
            .untilCount(7)
            .eventTimeFrom(Instant.ofEpochSecond(1))
            .eventTimeUntil(Instant.ofEpochSecond(2))
            .dropOldest()
            .maxLag(100)
            .maxLag(Duration.ofSeconds(3))
            .maxAge(Duration.ofSeconds(4))
            .maxMessageBytes(64 * 1024)
            .progressInterval(Duration.ofSeconds(1))
            .rows()
            .build()
            .subscription();
    assertThat(subscription.getStart().getFromTime().getSeconds()).isEqualTo(5);
    assertThat(subscription.getOnExpired()).isEqualTo(OnExpired.ON_EXPIRED_EARLIEST);
    assertThat(subscription.getUntil().getTime().getSeconds()).isEqualTo(9);
    assertThat(subscription.getUntil().getCount()).isEqualTo(7);
    assertThat(subscription.getEventTime().getFrom().getSeconds()).isEqualTo(1);
    assertThat(subscription.getEventTime().getUntil().getSeconds()).isEqualTo(2);
    assertThat(subscription.getOverflow()).isEqualTo(Overflow.OVERFLOW_DROP_OLDEST);
    assertThat(subscription.getMaxLag().getTime().getSeconds()).isEqualTo(3);
    assertThat(subscription.getMaxLag().getReadings()).isZero();
    assertThat(subscription.getMaxAge().getSeconds()).isEqualTo(4);
    assertThat(subscription.getMaxMessageBytes()).isEqualTo(65_536);
    assertThat(subscription.getProgressInterval().getSeconds()).isEqualTo(1);
    assertThat(subscription.getFormat()).isEqualTo(Format.FORMAT_ROWS);
    assertThat(options().conflate().build().subscription().getOverflow())
        .isEqualTo(Overflow.OVERFLOW_CONFLATE);
    assertThat(options().endWhenLagging().build().subscription().getOverflow())
        .isEqualTo(Overflow.OVERFLOW_END);
  }

  @Test
  void eventTimeWithOneEnd_leavesTheOtherOpen() {
    EventTime from =
        options().eventTimeFrom(Instant.ofEpochSecond(1)).build().subscription().getEventTime();
    assertThat(from.getFrom().getSeconds()).isEqualTo(1);
    assertThat(from.hasUntil()).isFalse();
    EventTime until =
        options().eventTimeUntil(Instant.ofEpochSecond(2)).build().subscription().getEventTime();
    assertThat(until.getUntil().getSeconds()).isEqualTo(2);
    assertThat(until.hasFrom()).isFalse();
    assertThat(options().build().subscription().hasEventTime()).isFalse();
  }

  @Test
  void optionsThatExcludeEachOther_areRefused() {
    refused(() -> options().snapshot().fromEarliest().build(), "snapshot");
    refused(() -> options().snapshot().durable("d").build(), "snapshot");
    refused(() -> options().maxLag(5).build(), "maxLag");
    refused(() -> options().commitEvery(Duration.ofSeconds(1)).build(), "commitEvery");
    assertThat(options().durable("d").fromLatest().snapshot().build().subscription().getSnapshot())
        .isTrue();
  }

  @Test
  void valuesOutOfBounds_areRefused() {
    refused(() -> options().globs(), "globs: 0 (expected 1 to 100)");
    refused(() -> options().globs(new String[101]), "globs: 101 (expected 1 to 100)");
    refused(() -> options().labels(Map.of()), "labels: 0 (expected 1 to 32)");
    refused(() -> options().sensors(""), "sensor: \"\" (expected 1 to 512 bytes of UTF-8)");
    refused(() -> options().onChange(Double.NaN), "deadBand: NaN");
    refused(() -> options().onChange(-1), "deadBand: -1.0");
    refused(() -> options().onChange(0, Duration.ZERO), "maxSilence: PT0S");
    refused(() -> options().sample(Duration.ofHours(25)), "interval: PT25H");
    refused(
        () -> options().threshold(Double.POSITIVE_INFINITY, Direction.DIRECTION_BOTH, 0),
        "limit: Infinity");
    refused(
        () -> options().threshold(1, Direction.DIRECTION_UNSPECIFIED, 0),
        "direction: DIRECTION_UNSPECIFIED (expected RISING, FALLING or BOTH)");
    refused(() -> options().threshold(1, Direction.DIRECTION_BOTH, -0.1), "hysteresis: -0.1");
    refused(() -> options().onExpired(OnExpired.ON_EXPIRED_UNSPECIFIED), "onExpired: ");
    refused(
        () -> options().eventTimeUntil(Instant.EPOCH).eventTimeFrom(Instant.EPOCH).build(),
        "eventTime: 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (expected from before until)");
    refused(() -> options().maxLag(0), "maxLag: 0");
    refused(() -> options().maxLag(Duration.ZERO), "maxLag: PT0S");
    refused(() -> options().maxAge(Duration.ofNanos(1)), "maxAge: PT0.000000001S");
    refused(() -> options().maxMessageBytes(1), "maxMessageBytes: 1 (expected 16384 to 4194304)");
    refused(() -> options().durable(""), "durable: \"\" (expected 1 to 128 bytes of UTF-8)");
    refused(() -> options().durable("a\nb"), "durable: \"a\nb\" (expected text without control");
    refused(() -> options().commitEvery(Duration.ofMillis(1)), "commitEvery: PT0.001S");
    refused(() -> options().inFlightMax(0), "inFlightMax: 0 (expected 1 to 1024)");
  }

  private static SubscriberOptions.Builder options() {
    return SubscriberOptions.builder("t");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
