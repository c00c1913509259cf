package dev.weir.service.session.feed;

import dev.weir.v1.StallReason;

/** The advice to operators about a subscription that is not moving. Stateless. */
final class StallAdvice {
  private StallAdvice() {}

  /** Returns what to look at or to do; empty where it is moving. */
  static String of(StallReason stall) {
    return switch (stall) {
      case STALL_REASON_NO_CREDIT ->
          "The credit of the subscription is used up. The client must grant more, or is still busy"
              + " with what it has.";
      case STALL_REASON_PEER_NOT_READING ->
          "The client has not read yet what was sent to it. Look at the client and at the network"
              + " to it.";
      case STALL_REASON_FILTER_MATCHES_NOTHING ->
          "The subscription is at the end of the log, but no sensor of the topic matches its"
              + " selector, or no reading since it began matches its event times. Check both.";
      case STALL_REASON_CAUGHT_UP ->
          "The subscription has everything it asks for. No new readings are published, or its mode"
              + " (ON_CHANGE, SAMPLE, THRESHOLD) holds them back.";
      case STALL_REASON_CATCHING_UP ->
          "The subscription waits for a read of the log. If `bin/weir info` shows that"
              + " catchup_block_bytes is used up, raise it and -Xmx; if the disk is idle, raise"
              + " catchup_threads; otherwise the disk is slow.";
      case STALL_REASON_PAUSED_BY_QUOTA ->
          "The client is delivered as much as client_delivered_bytes_per_second allows. Raise the"
              + " limit, or let the client ask for less.";
      default -> "";
    };
  }
}
