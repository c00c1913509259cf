package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Mode;
import dev.weir.v1.Overflow;
import dev.weir.v1.Progress;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Selector;
import dev.weir.v1.Session;
import dev.weir.v1.StallReason;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import org.junit.jupiter.api.Test;

/** Sessions for people and as JSON. */
class SessionTextTest {
  private static final SessionText TEXT = new SessionText(1_000_000_000_000L);
  private static final Session SESSION =
      Session.newBuilder()
          .setId("s1")
          .setMethod("Subscribe")
          .setClient("line\u001b3")
          .setPeer("127.0.0.1:5")
          .setStartTime(at(900))
          .setLastReceivedTime(at(990))
          .setPeerReading(true)
          .build();
  private static final SubscriptionState STALLED =
      SubscriptionState.newBuilder()
          .setSubscription(
              Subscription.newBuilder()
                  .setId(3)
                  .setTopic("plant1")
                  .setSelector(Selector.newBuilder().addGlobs("a/**").putLabels("site", "north"))
                  .setMode(Mode.MODE_ON_CHANGE)
                  .setOverflow(Overflow.OVERFLOW_DROP_OLDEST)
                  .setName("archive"))
          .setProgress(
              Progress.newBuilder()
                  .setCursor("c")
                  .setLagReadings(5)
                  .setLagBytes(60)
                  .setLagTime(Duration.newBuilder().setSeconds(2).setNanos(500_000_000))
                  .setSuppressedReadings(7)
                  .setCreditReadingsLeft(0))
          .setStall(StallReason.STALL_REASON_NO_CREDIT)
          .setAdvice("grant more")
          .setDeliveredReadings(11)
          .setGapReadings(13)
          .setLastDeliveryTime(at(940))
          .build();

  @Test
  void session_isOneRow() {
    assertThat(TEXT.columns(SESSION))
        .containsExactly("s1", "Subscribe", "line\ufffd3", "127.0.0.1:5", "1m 40s", "10.0s", "yes");
  }

  @Test
  void stalledSubscription_saysWhyAndHowFarItIsBehind() {
    assertThat(
            TEXT.lines(
                GetSessionResponse.newBuilder()
                    .setSession(SESSION)
                    .addSubscriptions(STALLED)
                    .build()))
        .containsExactly(
            "session s1",
            "  method       Subscribe",
            "  client       line\ufffd3",
            "  peer         127.0.0.1:5",
            "  age          1m 40s",
            "  received     10.0s ago",
            "  sent         never",
            "  reading      yes",
            "subscription 3",
            "  topic        plant1",
            "  selects      a/** with site=north",
            "  durable      archive",
            "  mode         on-change",
            "  overflow     drop-oldest",
            "  phase        no credit",
            "  advice       grant more",
            "  lag          5 readings, 60 bytes, 2.5s",
            "  delivered    11 readings, last 1m ago",
            "  suppressed   7 readings, by the mode",
            "  gaps         13 readings",
            "  credit left  0 readings, bytes without limit",
            "  cursor       c");
  }

  @Test
  void publisher_saysWhatIsUnsettled() {
    GetSessionResponse publishing =
        GetSessionResponse.newBuilder()
            .setSession(SESSION)
            .setPublisher(
                PublisherState.newBuilder()
                    .setTopic("plant1")
                    .setProducer("p")
                    .setEpoch(4)
                    .setUnsettledBatches(2)
                    .setUnsettledBytes(900))
            .build();
    assertThat(TEXT.lines(publishing))
        .endsWith(
            "publisher",
            "  topic        plant1",
            "  producer     p",
            "  epoch        4",
            "  unsettled    2 batches, 900 bytes (neither acknowledged nor rejected)");
    assertThat(SessionJson.lines(publishing).get(1))
        .isEqualTo(
            "{\"type\":\"publisher\",\"session\":\"s1\",\"topic\":\"plant1\",\"producer\":\"p\","
                + "\"epoch\":4,\"unsettled_batches\":2,\"unsettled_bytes\":900}");
  }

  @Test
  void json_hasALineForTheSessionAndForEachSubscription() {
    assertThat(
            SessionJson.lines(
                GetSessionResponse.newBuilder()
                    .setSession(SESSION)
                    .addSubscriptions(STALLED)
                    .build()))
        .containsExactly(
            "{\"type\":\"session\",\"session\":\"s1\",\"method\":\"Subscribe\","
                + "\"client\":\"line\u001b3\",\"peer\":\"127.0.0.1:5\","
                    .replace("\u001b", "\\u001b")
                + "\"start_time\":\"1970-01-01T00:15:00.000000000Z\","
                + "\"last_received_time\":\"1970-01-01T00:16:30.000000000Z\","
                + "\"peer_reading\":true}",
            "{\"type\":\"subscription\",\"session\":\"s1\",\"subscription\":3,"
                + "\"topic\":\"plant1\",\"names\":[],\"globs\":[\"a/**\"],"
                + "\"labels\":{\"site\":\"north\"},\"durable\":\"archive\","
                + "\"mode\":\"on-change\",\"overflow\":\"drop-oldest\",\"phase\":\"no-credit\","
                + "\"advice\":\"grant more\",\"lag_readings\":5,\"lag_bytes\":60,"
                + "\"lag_seconds\":2.5,\"delivered_readings\":11,\"suppressed_readings\":7,"
                + "\"gap_readings\":13,\"credit_readings_left\":0,"
                + "\"last_delivery_time\":\"1970-01-01T00:15:40.000000000Z\",\"cursor\":\"c\"}");
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }
}
