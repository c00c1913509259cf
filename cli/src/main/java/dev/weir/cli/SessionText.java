package dev.weir.cli;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.weir.cli.text.DurationText;
import dev.weir.cli.text.EnumText;
import dev.weir.cli.text.TerminalText;
import dev.weir.v1.GetSessionResponse;
import dev.weir.v1.Progress;
import dev.weir.v1.PublisherState;
import dev.weir.v1.Selector;
import dev.weir.v1.Session;
import dev.weir.v1.StallReason;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Sessions for people. Immutable.
 *
 * @param nowNanos what ages are counted from, Unix nanoseconds
 */
record SessionText(long nowNanos) {
  private static final int NAMES_MAX = 10;

  /** The columns of the list. */
  Object[] columns(Session session) {
    long lastNanos =
        Math.max(
            Timestamps.toNanos(session.getLastReceivedTime()),
            Timestamps.toNanos(session.getLastSentTime()));
    return new Object[] {
      session.getId(),
      session.getMethod(),
      TerminalText.text(session.getClient()),
      session.getPeer(),
      age(Timestamps.toNanos(session.getStartTime())),
      age(Math.max(lastNanos, Timestamps.toNanos(session.getStartTime()))),
      session.getPeerReading() ? "yes" : "no"
    };
  }

  /** A session with all that is known of it. */
  List<String> lines(GetSessionResponse response) {
    Session session = response.getSession();
    List<String> lines = new ArrayList<>();
    lines.add("session " + session.getId());
    fact(lines, "method", session.getMethod());
    fact(lines, "client", TerminalText.text(session.getClient()));
    fact(lines, "peer", session.getPeer());
    fact(lines, "age", age(Timestamps.toNanos(session.getStartTime())));
    fact(lines, "received", ago(session.hasLastReceivedTime(), session.getLastReceivedTime()));
    fact(lines, "sent", ago(session.hasLastSentTime(), session.getLastSentTime()));
    fact(lines, "reading", session.getPeerReading() ? "yes" : "no");
    if (response.hasPublisher()) {
      publisher(lines, response.getPublisher());
    }
    response.getSubscriptionsList().forEach(state -> subscription(lines, state));
    return lines;
  }

  private static void publisher(List<String> lines, PublisherState publisher) {
    lines.add("publisher");
    fact(lines, "topic", publisher.getTopic());
    fact(lines, "producer", TerminalText.text(publisher.getProducer()));
    fact(lines, "epoch", Long.toUnsignedString(publisher.getEpoch()));
    fact(
        lines,
        "unsettled",
        publisher.getUnsettledBatches()
            + " batches, "
            + publisher.getUnsettledBytes()
            + " bytes (neither acknowledged nor rejected)");
  }

  private void subscription(List<String> lines, SubscriptionState state) {
    Subscription settings = state.getSubscription();
    Progress progress = state.getProgress();
    lines.add("subscription " + Integer.toUnsignedString(settings.getId()));
    fact(lines, "topic", settings.getTopic());
    fact(lines, "selects", selects(settings.getSelector()));
    fact(
        lines,
        "durable",
        settings.getName().isEmpty() ? "no" : TerminalText.text(settings.getName()));
    fact(lines, "mode", EnumText.words("MODE_", settings.getMode()));
    fact(lines, "overflow", EnumText.words("OVERFLOW_", settings.getOverflow()));
    fact(lines, "phase", phase(state.getStall()).replace('-', ' '));
    if (!state.getAdvice().isEmpty()) {
      fact(lines, "advice", state.getAdvice());
    }
    fact(
        lines,
        "lag",
        progress.getLagReadings()
            + " readings, "
            + progress.getLagBytes()
            + " bytes, "
            + DurationText.words(Duration.ofNanos(Durations.toNanos(progress.getLagTime()))));
    fact(
        lines,
        "delivered",
        state.getDeliveredReadings()
            + " readings, last "
            + ago(state.hasLastDeliveryTime(), state.getLastDeliveryTime()));
    fact(lines, "suppressed", progress.getSuppressedReadings() + " readings, by the mode");
    fact(lines, "gaps", state.getGapReadings() + " readings");
    fact(lines, "credit left", credit(progress));
    fact(lines, "cursor", progress.getCursor());
  }

  /** Why it stands, such as "caught-up"; "moving" where it does not. */
  static String phase(StallReason stall) {
    return stall == StallReason.STALL_REASON_UNSPECIFIED
        ? "moving"
        : EnumText.words("STALL_REASON_", stall);
  }

  private static String selects(Selector selector) {
    List<String> words = new ArrayList<>();
    if (selector.getNamesCount() == 0 && selector.getGlobsCount() == 0) {
      words.add("all sensors");
    }
    selector.getNamesList().stream().limit(NAMES_MAX).forEach(words::add);
    if (selector.getNamesCount() > NAMES_MAX) {
      words.add(selector.getNamesCount() - NAMES_MAX + " more names");
    }
    words.addAll(selector.getGlobsList());
    String sensors = String.join(", ", words);
    List<String> labels = new ArrayList<>();
    new TreeMap<>(selector.getLabelsMap()).forEach((key, value) -> labels.add(key + "=" + value));
    return TerminalText.text(
        labels.isEmpty() ? sensors : sensors + " with " + String.join(", ", labels));
  }

  private static String credit(Progress progress) {
    return (progress.hasCreditReadingsLeft()
            ? progress.getCreditReadingsLeft() + " readings"
            : "readings without limit")
        + ", "
        + (progress.hasCreditBytesLeft()
            ? progress.getCreditBytesLeft() + " bytes"
            : "bytes without limit");
  }

  private String ago(boolean ever, Timestamp time) {
    return ever ? age(Timestamps.toNanos(time)) + " ago" : "never";
  }

  private String age(long sinceNanos) {
    return DurationText.words(Duration.ofNanos(nowNanos - sinceNanos));
  }

  private static void fact(List<String> lines, String name, String value) {
    lines.add(String.format("  %-11s  %s", name, value));
  }
}
