package dev.weir.service.session;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.OwnedBy;
import dev.weir.v1.PublisherState;

/**
 * How much of a publisher's messages a session holds without having answered, and how many more it
 * may let in: as many as fit even if each is as large as it may be. Owned by the event loop.
 */
@OwnedBy("event loop")
final class InboundWindow {
  private final int batchesMax;
  private final long bytesMax;
  private final int messageBytesMax;
  private int unsettled;
  private long unsettledBytes;
  private int requested;

  InboundWindow(Limits limits) {
    this.batchesMax = limits.getInt(Limit.PUBLISH_WINDOW_BATCHES);
    this.bytesMax = limits.get(Limit.PUBLISH_WINDOW_BYTES);
    this.messageBytesMax = limits.getInt(Limit.MESSAGE_BYTES_MAX);
  }

  /** A message came in. */
  void arrived(int bytes) {
    requested--;
    unsettled++;
    unsettledBytes += bytes;
  }

  /** Messages were acknowledged, rejected or answered. */
  void settled(int messages, int bytes) {
    unsettled -= messages;
    unsettledBytes -= bytes;
  }

  /** Whether everything that came in is answered. */
  boolean isSettled() {
    return unsettled == 0;
  }

  /** Takes the number of messages to request now; 0 while enough are on their way. */
  int takeRequest() {
    long fitting = Math.max(unsettled == 0 ? 1 : 0, (bytesMax - unsettledBytes) / messageBytesMax);
    int room = (int) Math.min(fitting, batchesMax - unsettled);
    if (requested > room / 2 || requested >= room) {
      return 0;
    }
    int more = room - requested;
    requested = room; // before asking: a message may come at once
    return more;
  }

  /** Says what is not answered. */
  void describe(PublisherState.Builder state) {
    state.setUnsettledBatches(unsettled).setUnsettledBytes(unsettledBytes);
  }
}
