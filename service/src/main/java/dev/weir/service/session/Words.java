package dev.weir.service.session;

import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.service.wire.Frame;
import dev.weir.v1.Gap;
import dev.weir.v1.PartitionProgress;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.SubscriptionEnd;
import java.util.List;

/**
 * What feeds say as messages. A TailResponse numbers them like a SubscribeResponse, so the bytes
 * serve both. Stateless.
 */
final class Words {
  private Words() {}

  /** The message of an emission of a subscription. */
  static Frame of(int subscription, Feed feed, Emission emission) {
    if (emission instanceof Emission.Data data) {
      return Frame.delivery(
          subscription, data.cursor().text(), data.partition(), data.readings(), data.parts());
    }
    SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
    if (emission instanceof Emission.PhaseChanged changed) {
      response.setPhase(
          PhaseChange.newBuilder()
              .setSubscription(subscription)
              .setPhase(changed.phase())
              .setCursor(changed.cursor().text()));
    } else if (emission instanceof Emission.Lost lost) {
      response.setGap(gap(subscription, feed, lost));
    } else if (emission instanceof Emission.Progressed) {
      response.setProgress(progress(subscription, feed));
    } else if (emission instanceof Emission.Ended ended) {
      SubscriptionEnd.Builder end =
          SubscriptionEnd.newBuilder()
              .setSubscription(subscription)
              .setReason(ended.reason())
              .setCursor(ended.cursor().text());
      ended.fault().ifPresent(fault -> end.setProblem(Problems.of(fault)));
      response.setEnd(end);
    }
    return Frame.of(response.build());
  }

  static Gap gap(int subscription, Feed feed, Emission.Lost lost) {
    return Gap.newBuilder()
        .setSubscription(subscription)
        .setReason(lost.reason())
        .setPartition(lost.partition())
        .setFromCursor(lost.from().text())
        .setToCursor(lost.to().text())
        .setReadings(lost.readings())
        .setUpperBound(!feed.takesAll())
        .build();
  }

  private static Progress progress(int subscription, Feed feed) {
    Cursor cursor = feed.cursor();
    Progress.Builder progress =
        Progress.newBuilder().setSubscription(subscription).setCursor(cursor.text());
    List<Position> heads = feed.topic().heads();
    for (int p = 0; p < heads.size(); p++) {
      Position at = cursor.position(p);
      progress.addPartitions(
          PartitionProgress.newBuilder()
              .setPartition(p)
              .setNextOffset(at.offset())
              .setHighOffset(heads.get(p).offset()));
    }
    feed.credit().readingsLeft().ifPresent(progress::setCreditReadingsLeft);
    feed.credit().bytesLeft().ifPresent(progress::setCreditBytesLeft);
    return progress.setLagReadings(Feeds.lag(feed)).build();
  }
}
