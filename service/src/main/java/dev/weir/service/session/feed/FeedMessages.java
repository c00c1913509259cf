package dev.weir.service.session.feed;

import com.google.protobuf.util.Timestamps;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Gap;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.StallReason;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import dev.weir.v1.SubscriptionEnd;
import dev.weir.v1.SubscriptionState;

/**
 * What feeds say as messages. A TailResponse numbers them like a SubscribeResponse, so the bytes
 * serve both. Stateless.
 */
public final class FeedMessages {
  private FeedMessages() {}

  /** The message of an emission of a subscription. */
  public static OutgoingMessage of(int subscription, Feed feed, FeedEvent emission) {
    if (emission instanceof FeedEvent.Data data) {
      return OutgoingMessage.delivery(
          subscription, text(data.cursor()), data.partition(), data.readings(), data.parts());
    }
    SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
    if (emission instanceof FeedEvent.PhaseChanged changed) {
      response.setPhase(
          PhaseChange.newBuilder()
              .setSubscription(subscription)
              .setPhase(changed.phase())
              .setCursor(text(changed.cursor())));
    } else if (emission instanceof FeedEvent.Lost lost) {
      response.setGap(gap(subscription, feed, lost));
    } else if (emission instanceof FeedEvent.Progressed) {
      response.setProgress(progress(feed).setSubscription(subscription));
    } else if (emission instanceof FeedEvent.Ended ended) {
      SubscriptionEnd.Builder end =
          SubscriptionEnd.newBuilder()
              .setSubscription(subscription)
              .setReason(ended.reason())
              .setCursor(ended.cursor().text());
      ended.fault().ifPresent(fault -> end.setProblem(ProblemMessages.of(fault)));
      response.setEnd(end);
    }
    return OutgoingMessage.of(response.build());
  }

  public static Gap gap(int subscription, Feed feed, FeedEvent.Lost lost) {
    return Gap.newBuilder()
        .setSubscription(subscription)
        .setReason(lost.reason())
        .setPartition(lost.partition())
        .setFromCursor(text(lost.from()))
        .setToCursor(text(lost.to()))
        .setReadings(lost.readings())
        .setUpperBound(!lost.exact() && !(lost.from() != null && feed.order().takesAll()))
        .build();
  }

  /** A cursor's text; empty for none, as last values have. */
  private static String text(Cursor cursor) {
    return cursor == null ? "" : cursor.text();
  }

  /** Returns the position of a feed, without its subscription. */
  static Progress.Builder progress(Feed feed) {
    Progress.Builder progress = feed.standing().progress(feed.cursor(), feed.nowNanos());
    feed.credit().readingsLeft().ifPresent(progress::setCreditReadingsLeft);
    feed.credit().bytesLeft().ifPresent(progress::setCreditBytesLeft);
    return progress;
  }

  /** Returns the position of a feed, for operators. */
  public static SubscriptionState state(int subscription, Subscription effective, Feed feed) {
    FeedProgress standing = feed.standing();
    StallReason stall = feed.stall();
    SubscriptionState.Builder state =
        SubscriptionState.newBuilder()
            .setSubscription(effective)
            .setProgress(progress(feed).setSubscription(subscription))
            .setStall(stall)
            .setAdvice(StallAdvice.of(stall))
            .setDeliveredReadings(standing.deliveredReadings())
            .setGapReadings(standing.gapReadings());
    if (standing.lastDeliveryNanos() != 0) {
      state.setLastDeliveryTime(Timestamps.fromNanos(standing.lastDeliveryNanos()));
    }
    return state.build();
  }
}
