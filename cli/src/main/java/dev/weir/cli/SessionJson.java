package dev.weir.cli;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import dev.weir.cli.text.EnumText;
import dev.weir.cli.text.JsonLine;
import dev.weir.cli.text.TimeText;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Progress;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Session;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import java.util.ArrayList;
import java.util.List;

/** Sessions as lines of JSON. What never happened, or has no limit, is left out. Stateless. */
final class SessionJson {
  private SessionJson() {}

  /** The session, and each of its subscriptions or what it publishes. */
  static List<String> lines(GetSessionResponse response) {
    String id = response.getSession().getId();
    List<String> lines = new ArrayList<>();
    lines.add(session(response.getSession()));
    if (response.hasPublisher()) {
      lines.add(publisher(id, response.getPublisher()));
    }
    response.getSubscriptionsList().forEach(state -> lines.add(subscription(id, state)));
    return lines;
  }

  static String session(Session session) {
    JsonLine line =
        new JsonLine()
            .put("type", "session")
            .put("session", session.getId())
            .put("method", session.getMethod())
            .put("client", session.getClient())
            .put("peer", session.getPeer())
            .put("start_time", TimeText.rfc3339(session.getStartTime()));
    time(line, "last_received_time", session.hasLastReceivedTime(), session.getLastReceivedTime());
    time(line, "last_sent_time", session.hasLastSentTime(), session.getLastSentTime());
    return line.put("peer_reading", session.getPeerReading()).end();
  }

  private static String publisher(String session, PublisherState publisher) {
    return new JsonLine()
        .put("type", "publisher")
        .put("session", session)
        .put("topic", publisher.getTopic())
        .put("producer", publisher.getProducer())
        .put("epoch", publisher.getEpoch())
        .put("unsettled_batches", publisher.getUnsettledBatches())
        .put("unsettled_bytes", publisher.getUnsettledBytes())
        .end();
  }

  private static String subscription(String session, SubscriptionState state) {
    Subscription settings = state.getSubscription();
    Progress progress = state.getProgress();
    JsonLine line =
        new JsonLine()
            .put("type", "subscription")
            .put("session", session)
            .put("subscription", Integer.toUnsignedLong(settings.getId()))
            .put("topic", settings.getTopic())
            .put("names", settings.getSelector().getNamesList())
            .put("globs", settings.getSelector().getGlobsList())
            .put("labels", settings.getSelector().getLabelsMap())
            .put("durable", settings.getName())
            .put("mode", EnumText.words("MODE_", settings.getMode()))
            .put("overflow", EnumText.words("OVERFLOW_", settings.getOverflow()))
            .put("phase", SessionText.phase(state.getStall()))
            .put("advice", state.getAdvice())
            .put("lag_readings", progress.getLagReadings())
            .put("lag_bytes", progress.getLagBytes())
            .put("lag_seconds", Durations.toSecondsAsDouble(progress.getLagTime()))
            .put("delivered_readings", state.getDeliveredReadings())
            .put("suppressed_readings", progress.getSuppressedReadings())
            .put("gap_readings", state.getGapReadings());
    if (progress.hasCreditReadingsLeft()) {
      line.put("credit_readings_left", progress.getCreditReadingsLeft());
    }
    if (progress.hasCreditBytesLeft()) {
      line.put("credit_bytes_left", progress.getCreditBytesLeft());
    }
    time(line, "last_delivery_time", state.hasLastDeliveryTime(), state.getLastDeliveryTime());
    return line.put("cursor", progress.getCursor()).end();
  }

  private static void time(JsonLine line, String name, boolean ever, Timestamp time) {
    if (ever) {
      line.put(name, TimeText.rfc3339(time));
    }
  }
}
